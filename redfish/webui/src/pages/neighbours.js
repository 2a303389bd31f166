// SPDX-License-Identifier: Apache-2.0
// The other agents of the network, as bmc-scan lists them. A browser can not search: the agent
// does, when its list is read, and at most every ten seconds.
import { html } from 'htm/preact';
import { useRef, useState } from 'preact/hooks';

import { get } from '../api.js';
import { number, t, time } from '../i18n.js';
import { link, webAddress } from '../router.js';
import { may } from '../session.js';
import { MANAGER, change } from '../settings/section.js';
import { Pending, useRead } from '../ui/read.js';

const URI = `${MANAGER}/Oem/ClusterBmc/Neighbours`;
const PROTOCOL = `${MANAGER}/NetworkProtocol`;
const EVERY = 30000;
const EVERY_BUSY = 1000;
const COLUMNS = ['id', 'device', 'address', 'port', 'version', 'start', 'seen', 'action'];
const RIGHT = ['id', 'port'];

/* {value, problem, busy, search}: the list; search() reads on until a search has begun. */
function useNeighbours() {
	const [wanted, want] = useState(false);
	const busy = useRef(false);
	const read = useRead(async () => {
		const list = await get(URI);
		busy.current = list.Searching || (wanted && list.SearchEnabled);
		if (!busy.current || list.Searching)
			want(false);
		return list;
	}, () => (busy.current ? EVERY_BUSY : EVERY), [wanted]);
	return { ...read, busy: wanted || read.value?.Searching, search: () => want(true) };
}

function Row({ one }) {
	const address = webAddress(one.Uri);
	return html`
		<tr data-neighbour=${one.UUID}>
			<td class="n">${number(one.Id)}</td>
			<td>${one.DeviceName ?? '–'}</td>
			<td class="mono">${one.IPv4Address ?? one.IPv6Address}</td>
			<td class="n">${one.Port}</td>
			<td>${one.SoftwareVersion ?? '–'}</td>
			<td class="when">${one.StartTime ? time(one.StartTime) : '–'}</td>
			<td class="when">${time(one.SeenAt, { timeStyle: 'medium' })}</td>
			<td>${address ? html`<a href=${address} target="_blank" rel="noopener noreferrer"
				aria-label=${t('neighbours.open.of', { name: one.DeviceName ?? one.IPv4Address ?? one.IPv6Address })}>${t('neighbours.open')} ↗</a>` : '–'}</td>
		</tr>`;
}

/* The agent sends nothing while SSDP is off. */
function Off({ again }) {
	const on = () => change(t('settings.ssdp'), PROTOCOL, { SSDP: { ProtocolEnabled: true } }, again);
	return html`
		<div class="notice warning" role="status">
			<div><p>${t('neighbours.off')}</p>
				<p>${may('Administrator') ? html`<button onClick=${on}>${t('neighbours.on')}</button>` : t('neighbours.ask')}
					${' '}<a href=${link('settings')}>${t('page.settings')}</a></p></div>
		</div>`;
}

function List({ list, busy }) {
	if (!list.length)
		return html`<p class="muted">${t(busy ? 'neighbours.searching' : 'neighbours.none')}</p>`;
	return html`
		<section class="panel scroll" tabindex="0"><table>
			<thead><tr>${COLUMNS.map((c) => html`<th key=${c} class=${RIGHT.includes(c) ? 'n' : ''}>${t(`neighbours.${c}`)}</th>`)}</tr></thead>
			<tbody>${list.map((one) => html`<${Row} key=${`${one.UUID} ${one.Uri}`} one=${one} />`)}</tbody>
		</table></section>`;
}

export default function Neighbours() {
	const read = useNeighbours();
	const { value, busy } = read;
	return html`
		<h1>${t('page.neighbours')}</h1>
		<${Pending} of=${read} />
		${value && !value.SearchEnabled && html`<${Off} again=${read.again} />`}
		${value?.SearchEnabled && html`
			<div class="toolbar">
				<strong role="status">${t('neighbours.total', { n: value.Members.length })}${busy && value.Members.length ? ` · ${t('neighbours.searching')}` : ''}</strong>
				<span class="grow"></span>
				<button disabled=${busy} onClick=${read.search}>${t('refresh')}</button>
			</div>
			<${List} list=${value.Members} busy=${busy} />
			<p class="muted">${t('neighbours.hint')}</p>`}`;
}
