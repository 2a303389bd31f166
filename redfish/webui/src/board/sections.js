// SPDX-License-Identifier: Apache-2.0
// The tables of a board's page.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { ROOT, get, members } from '../api.js';
import { bytes, number, t, time } from '../i18n.js';
import { usePoll } from '../poll.js';
import { lastMessage } from '../tasks.js';
import { addresses, rate } from './detail.js';

const EVERY = 5000;
const SHOWN = 20;

/* null until it was read. */
function useRead(read, every, deps) {
	const [value, set] = useState(null);
	usePoll(async () => set(await read()), every, deps);
	return value;
}

const quoted = (id) => `'${id.replaceAll("'", "''")}'`;

export function Nics({ nics }) {
	return html`
		<table>
			<thead><tr><th>${t('board.nic')}</th><th>${t('board.mac')}</th><th>${t('board.address')}</th>
				<th>${t('board.rate')}</th><th class="n">${t('board.received')}</th><th class="n">${t('board.sent')}</th></tr></thead>
			<tbody>${nics.map((n) => html`
				<tr key=${n.Id}>
					<td>${n.Name}</td><td class="mono">${n.MACAddress ?? '–'}</td>
					<td class="mono">${addresses(n).join(', ') || '–'}</td>
					<td>${n.LinkStatus === 'LinkUp' ? rate(n.SpeedMbps) || t('board.up') : t('board.down')}</td>
					<td class="n">${bytes(n.Oem?.ClusterBmc?.RxBytes)}</td><td class="n">${bytes(n.Oem?.ClusterBmc?.TxBytes)}</td>
				</tr>`)}</tbody>
		</table>`;
}

const UNITS = { Cel: '°C' };

export function Sensors({ id }) {
	const list = useRead(() => members(`${ROOT}/Chassis/${encodeURIComponent(id)}/Sensors`), EVERY, [id]);
	return list && html`
		<table>
			<thead><tr><th>${t('board.sensor')}</th><th class="n">${t('board.reading')}</th><th>${t('board.health')}</th></tr></thead>
			<tbody>${list.map((s) => html`
				<tr key=${s.Id}><td>${s.Name}</td>
					<td class="n">${number(s.Reading, 1)} ${UNITS[s.ReadingUnits] ?? s.ReadingUnits}</td>
					<td>${s.Status?.Health ? t(`health.${s.Status.Health}`) : '–'}</td></tr>`)}</tbody>
		</table>`;
}

/* The last ones of a long log: how many there are, then only those. */
async function lastEvents(id) {
	const path = `${ROOT}/Systems/${encodeURIComponent(id)}/LogServices/Events/Entries`;
	const n = (await get(`${path}?$top=0`))['Members@odata.count'];
	const last = (await get(`${path}?$skip=${Math.max(0, n - SHOWN)}`)).Members;
	return last.sort((a, b) => Date.parse(b.Created) - Date.parse(a.Created) || b.Id - a.Id);
}

export function Severity({ of }) {
	const word = ['OK', 'Warning', 'Critical'].includes(of) ? t(`health.${of}`) : of;
	return html`<span class=${`severity ${String(of).toLowerCase()}`}>${word}</span>`;
}

export function Events({ id }) {
	const list = useRead(() => lastEvents(id), EVERY, [id]);
	if (!list?.length)
		return list && html`<p class="muted">${t('board.noevents')}</p>`;
	return html`
		<table>
			<thead><tr><th>${t('board.when')}</th><th>${t('board.severity')}</th><th>${t('board.what')}</th></tr></thead>
			<tbody>${list.map((e) => html`
				<tr key=${e.Id}><td class="when">${time(e.Created)}</td>
					<td><${Severity} of=${e.Severity} /></td><td>${e.Message}</td></tr>`)}</tbody>
		</table>`;
}

export function Tasks({ id }) {
	const query = `$filter=${encodeURIComponent(`Oem/ClusterBmc/TargetId eq ${quoted(id)}`)}`;
	const list = useRead(() => members(`${ROOT}/TaskService/Tasks`, [], { query }), EVERY, [id]);
	if (!list?.length)
		return list && html`<p class="muted">${t('board.notasks')}</p>`;
	return html`
		<table>
			<thead><tr><th>${t('board.task')}</th><th>${t('board.when')}</th><th>${t('board.by')}</th><th>${t('board.result')}</th></tr></thead>
			<tbody>${list.slice(-SHOWN).reverse().map((task) => html`
				<tr key=${task.Id}><td>${task.Id} ${task.Oem?.ClusterBmc?.Operation}</td><td class="when">${time(task.StartTime)}</td>
					<td>${task.Oem?.ClusterBmc?.Actor ?? '–'}</td>
					<td title=${lastMessage(task)}>${task.TaskState} ${task.TaskState === 'Running' ? `${number(task.PercentComplete)} %` : ''}</td></tr>`)}</tbody>
		</table>`;
}

export function Firmware({ id }) {
	const list = useRead(async () => {
		const all = await members(`${ROOT}/UpdateService/FirmwareInventory`, ['Id', 'Name', 'Version', 'RelatedItem']);
		const uri = `${ROOT}/Systems/${encodeURIComponent(id)}`;
		return all.filter((f) => f.RelatedItem?.some((r) => r['@odata.id'] === uri));
	}, 30000, [id]);
	if (!list?.length)
		return list && html`<p class="muted">${t('board.nofirmware')}</p>`;
	return html`
		<table>
			<thead><tr><th>${t('board.component')}</th><th>${t('board.version')}</th></tr></thead>
			<tbody>${list.map((f) => html`<tr key=${f.Id}><td>${f.Name}</td><td>${f.Version ?? '–'}</td></tr>`)}</tbody>
		</table>`;
}

/** The whole ComputerSystem of a board, read again when its state changes. */
export function useSystem(id, state) {
	return useRead(() => get(`${ROOT}/Systems/${encodeURIComponent(id)}`), EVERY, [id, state]);
}

/** What a board is, beyond its card. */
export function Facts({ system: s }) {
	if (!s)
		return null;
	const oem = s.Oem?.ClusterBmc ?? {};
	const rows = [['name', oem.Label], ['model', [s.Manufacturer, s.Model].filter(Boolean).join(' ')],
		['serial', s.SerialNumber], ['host', s.HostName], ['kernel', oem.KernelVersion], ['mac', oem.MacAddress],
		['booted', s.LastResetTime && time(s.LastResetTime)], ['boots', oem.BootCount], ['uuid', s.UUID]];
	return html`
		<dl class="facts">${rows.map(([key, value]) => html`
			<div key=${key}><dt>${t(`board.${key}`)}</dt><dd>${value ?? '–'}</dd></div>`)}</dl>
		${(s.Status?.Conditions ?? []).map((c) => html`
			<p key=${c.MessageId + c.Message} class=${`notice ${c.Severity.toLowerCase()}`}>${c.Message}</p>`)}`;
}
