// SPDX-License-Identifier: Apache-2.0
// What is bad now and lasts: Status.Conditions of everything, the gravest first.
import { html } from 'htm/preact';

import { ROOT, idOf, members } from '../api.js';
import { t, time } from '../i18n.js';
import { link } from '../router.js';
import { board } from '../store.js';
import { Pending, useRead } from '../ui/read.js';

const SELECT = ['Id', 'Name', 'Status'];
const PARTS = ['ThermalSubsystem/Fans', 'PowerSubsystem/PowerSupplies', 'Sensors', 'Drives'];
const SEVERITIES = ['Critical', 'Warning', 'OK'];
const AT_MOST = 40; // containers whose parts are looked at

const ill = (r) => r.Status?.Health && r.Status.Health !== 'OK';
const none = () => [];

/* A part's illness shows in what holds it, so that only there its parts are read. */
async function read() {
	const [systems, chassis, managers] = await Promise.all(
		['Systems', 'Chassis', 'Managers'].map((name) => members(`${ROOT}/${name}`, SELECT)));
	const parts = await Promise.all(chassis.filter(ill).slice(0, AT_MOST).flatMap((c) =>
		(board(c.Id).value ? ['Sensors'] : PARTS).map((name) => members(`${c['@odata.id']}/${name}`, SELECT).catch(none))));
	const found = new Map();
	for (const r of [...systems, ...chassis, ...managers, ...parts.flat()])
		for (const c of r.Status?.Conditions ?? [])
			found.set(`${c.OriginOfCondition?.['@odata.id']} ${c.MessageId} ${c.Timestamp}`, { ...c, of: r });
	return [...found.values()].sort((a, b) => SEVERITIES.indexOf(a.Severity) - SEVERITIES.indexOf(b.Severity) ||
		b.Timestamp.localeCompare(a.Timestamp));
}

function Row({ alarm }) {
	const origin = idOf(alarm.OriginOfCondition ?? alarm.of['@odata.id']);
	return html`
		<tr>
			<td><span class=${`severity ${alarm.Severity.toLowerCase()}`}>${t(`severity.${alarm.Severity}`)}</span></td>
			<td class="when">${time(alarm.Timestamp)}</td>
			<td>${board(origin).value ? html`<a href=${link('boards', origin)}>${origin}</a>` : alarm.of.Name ?? origin}</td>
			<td>${alarm.Message}</td>
		</tr>`;
}

export default function Alarms() {
	const alarms = useRead(read, 5000);
	const list = alarms.value ?? [];
	return html`
		<h1>${t('page.alarms')}</h1>
		<${Pending} of=${alarms} />
		${alarms.value && list.length === 0 && html`<p class="notice ok" role="status">${t('alarms.none')}</p>`}
		${list.length > 0 && html`
			<p role="status">${t('alarms.n', { n: list.length })}</p>
			<section class="panel scroll" tabindex="0"><table>
				<thead><tr>${['severity', 'since', 'origin', 'what'].map((h) => html`<th key=${h}>${t(`alarms.${h}`)}</th>`)}</tr></thead>
				<tbody>${list.map((a) => html`<${Row} key=${`${a.MessageId} ${a.Timestamp} ${a.Message}`} alarm=${a} />`)}</tbody>
			</table></section>`}
		<p><a href=${link('events')}>${t('alarms.log')}</a></p>`;
}
