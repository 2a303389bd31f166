// SPDX-License-Identifier: Apache-2.0
// The logs: events, audit, the agent's own. Newest first, filtered, saved as CSV or JSON.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';

import { ROOT, get, post } from '../api.js';
import { t, time } from '../i18n.js';
import { onEvent } from '../live.js';
import { link } from '../router.js';
import { may } from '../session.js';
import { board } from '../store.js';
import { confirm } from '../ui/dialog.js';
import { Pending, csv, save, useRead } from '../ui/read.js';
import { toast } from '../ui/toast.js';

const LOGS = { Events: `${ROOT}/Managers/bmc/LogServices/Events`, Audit: `${ROOT}/Managers/bmc/LogServices/Audit`,
	Journal: `${ROOT}/Managers/bmc/LogServices/Journal` };
const SHOWN = 300; // rows at once
const SAVED = 20000; // entries in a file, at most

const log = signal('Events');
const text = signal('');
const severity = signal('');

const whole = async (body) => (body.Members?.some((m) => !('Created' in m)) ?
	Promise.all(body.Members.map((m) => get(m['@odata.id']))) : body.Members ?? []);

/** One page: {entries, next}. */
async function page(uri) {
	const body = await get(uri);
	return { entries: await whole(body), next: body['Members@odata.nextLink'] ?? null };
}

const newestFirst = (list) => [...list].sort((a, b) => b.Created.localeCompare(a.Created) || Number(b.Id) - Number(a.Id));

function origin(e) {
	return e.Oem?.ClusterBmc?.OriginId ?? '';
}

function matches(e) {
	const words = [e.Message, origin(e), e.MessageId, e.Severity].join(' ').toLowerCase();
	return (!severity.value || e.Severity === severity.value) &&
		text.value.toLowerCase().split(/\s+/).every((word) => words.includes(word));
}

async function all(first) {
	const list = [...first.entries];
	for (let next = first.next; next && list.length < SAVED;) {
		const more = await page(next);
		list.push(...more.entries);
		next = more.next;
	}
	return newestFirst(list).filter(matches);
}

async function saveAs(kind, first) {
	try {
		const list = await all(first);
		const name = `${log.value.toLowerCase()}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`;
		if (kind === 'json')
			save(`${name}.json`, 'application/json', `${JSON.stringify(list, null, 1)}\n`);
		else
			save(`${name}.csv`, 'text/csv', csv([['time', 'severity', 'origin', 'message', 'id', 'number'],
				...list.map((e) => [e.Created, e.Severity, origin(e), e.Message, e.MessageId, e.Id])]));
	} catch (problem) {
		toast('critical', t('events.save'), problem);
	}
}

async function clear(again) {
	const yes = await confirm({ title: t('events.clear'), danger: true, confirm: t('events.clear'),
		body: html`<p>${t('events.clear.does')}</p>` });
	if (!yes)
		return;
	try {
		await post(`${LOGS.Events}/Actions/LogService.ClearLog`);
	} catch (problem) {
		toast('critical', t('events.clear'), problem);
	}
	again();
}

function Tools({ read, n, loaded }) {
	return html`
		<div class="toolbar" role="search">
			<select aria-label=${t('events.log')} value=${log.value} onChange=${(e) => { log.value = e.target.value; }}>
				${Object.keys(LOGS).map((name) => html`<option key=${name} value=${name} selected=${name === log.value}>${t(`events.${name}`)}</option>`)}
			</select>
			<input type="search" aria-label=${t('events.find')} placeholder=${t('events.find')} value=${text.value}
				onInput=${(e) => { text.value = e.target.value; }} />
			<select aria-label=${t('alarms.severity')} value=${severity.value} onChange=${(e) => { severity.value = e.target.value; }}>
				<option value="">${t('events.any')}</option>
				${['Critical', 'Warning', 'OK'].map((s) => html`<option key=${s} value=${s} selected=${s === severity.value}>${t(`severity.${s}`)}</option>`)}
			</select>
			<span class="muted" role="status">${t('events.shown', { n, all: loaded })}</span>
			<span class="grow"></span>
			<button disabled=${!read.value} onClick=${() => saveAs('csv', read.value)}>${t('save.csv')}</button>
			<button disabled=${!read.value} onClick=${() => saveAs('json', read.value)}>${t('save.json')}</button>
			${log.value === 'Events' && may('Administrator') && html`<button onClick=${() => clear(read.again)}>${t('events.clear')}</button>`}
		</div>`;
}

function Row({ entry: e }) {
	const from = origin(e);
	return html`
		<tr>
			<td class="when">${time(e.Created)}</td>
			<td><span class=${`severity ${e.Severity.toLowerCase()}`}>${t(`severity.${e.Severity}`)}</span></td>
			<td>${board(from).value ? html`<a href=${link('boards', from)}>${from}</a>` : from}</td>
			<td title=${e.MessageId}>${e.Message}</td>
		</tr>`;
}

/* Pages behind the first, which is read again and again. */
function useOlder(read) {
	const [older, set] = useState({ log: null, entries: [], next: null });
	const mine = older.log === log.value;
	const next = mine ? older.next : read.value?.next;
	async function load() {
		try {
			const more = await page(next);
			set({ log: log.value, entries: [...(mine ? older.entries : []), ...more.entries], next: more.next });
		} catch (problem) {
			toast('critical', t('events.older'), problem);
		}
	}
	return { entries: mine ? older.entries : [], next, load };
}

export default function Events() {
	const read = useRead(() => page(`${LOGS[log.value]}/Entries`), 5000, [log.value]);
	const older = useOlder(read);
	const [limit, more] = useState(SHOWN);
	useEffect(() => {
		let soon = null;
		const deaf = onEvent(() => {
			soon ??= setTimeout(() => { soon = null; read.again(); }, 500);
		});
		return () => { deaf(); clearTimeout(soon); };
	}, []);
	const unique = new Map([...(read.value?.entries ?? []), ...older.entries].map((e) => [e['@odata.id'], e]));
	const list = newestFirst(unique.values()).filter(matches);
	return html`
		<h1>${t('page.events')}</h1>
		<${Tools} read=${read} n=${list.length} loaded=${unique.size} />
		<${Pending} of=${read} />
		<section class="panel scroll" tabindex="0"><table>
			<thead><tr>${['when', 'severity', 'origin', 'what'].map((h) => html`<th key=${h}>${t(`events.col.${h}`)}</th>`)}</tr></thead>
			<tbody>${list.slice(0, limit).map((e) => html`<${Row} key=${e['@odata.id']} entry=${e} />`)}</tbody>
		</table></section>
		<div class="buttons">
			${list.length > limit && html`<button onClick=${() => more(limit + SHOWN)}>${t('events.more')}</button>`}
			${list.length <= limit && older.next && html`<button onClick=${older.load}>${t('events.older')}</button>`}
		</div>`;
}
