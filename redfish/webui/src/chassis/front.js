// SPDX-License-Identifier: Apache-2.0
// The front of a chassis as it stands in the rack. It is one list box: Tab reaches one cell,
// arrows go on from there.
import { html } from 'htm/preact';

import { language, t } from '../i18n.js';
import { go } from '../router.js';
import { CLASSES, detailOf } from '../states.js';
import { board } from '../store.js';
import { focused, onKey, pick, selected } from './selection.js';

function describe(of) {
	const words = [of.id, t(CLASSES[of.class][1]), detailOf(of)];
	if (of.ip)
		words.push(of.ip);
	words.push(...of.alarms.map((a) => t(`alarm.${a}`)));
	return words.filter(Boolean).join(', ');
}

const COLUMNS = 12; // blades in a line of the drawing

/* LAN: its network is up; WORK: its system runs. As on the front panel of the R1. */
function Lights({ of }) {
	return html`
		<span class="lights" aria-hidden="true">
			<i class=${`lan ${of.ip ? 'on' : ''}`} title="LAN"></i>
			<i class=${`work ${of.class === 'normal' ? 'on' : ''}`} title="WORK"></i>
		</span>`;
}

/* Signals draw it again only when its board or one of these has changed: there may be a
 * thousand. */
function Cell({ id, number, shown, chosen, tab, lights }) {
	const of = board(id).value;
	if (!of)
		return null;
	const [letter] = CLASSES[of.class];
	const detail = detailOf(of);
	const words = describe(of);
	return html`
		<div class=${`cell ${of.class} ${shown ? '' : 'dim'} ${of.health === 'Warning' || of.health === 'Critical' ? 'ill' : ''}`}
			role="option" data-board=${id} tabindex=${tab ? 0 : -1}
			aria-selected=${String(chosen)} aria-disabled=${String(!shown)} title=${words}>
			<span class="hidden">${words}</span>
			<span class="letter" aria-hidden="true">${letter}</span>
			<span class="name" aria-hidden="true"><b class="long">${of.label || id}</b><b class="short">${number}</b></span>
			<span class="detail" aria-hidden="true">${of.class === 'absent' ? t('state.absent') :
				of.class === 'offline' && of.power === 'Off' ? t('power.off') : detail}</span>
			${lights && html`<${Lights} of=${of} />`}
			${of.locator && html`<span class="locator" aria-hidden="true"></span>`}
			${of.class === 'normal' && of.load !== null && of.load !== undefined && html`
				<span class="load" aria-hidden="true" style=${{ '--part': `${Math.min(of.load, 100)}%` }}></span>`}
		</div>`;
}

function Group({ group, lights, shown, tab }) {
	return html`
		<div class=${`group ${group.chassis ? 'blade' : 'row'}`} role="group" aria-label=${group.name || t('chassis.boards')}>
			${group.chassis && html`<div class="group-name" aria-hidden="true">${group.name}</div>`}
			<div class="cells" style=${{ '--n': group.boards.length }}>
				${group.boards.map((id, i) => html`
					<${Cell} key=${id} id=${id} number=${i + 1} lights=${lights} shown=${shown.has(id)}
						chosen=${selected.value.has(id)} tab=${id === tab} language=${language.value} />`)}
			</div>
		</div>`;
}

/** enclosure: of layoutOf. order: the ids that the filters let through, as they stand. */
export function Front({ enclosure, order }) {
	const shown = new Set(order);
	const own = enclosure.groups.flatMap((g) => g.boards);
	const tab = own.includes(focused.value) ? focused.value : own.find((id) => shown.has(id)) ?? own[0];
	const rows = enclosure.groups.every((g) => !g.chassis);
	const click = (e) => {
		const id = e.target.closest('[data-board]')?.dataset.board;
		if (id)
			pick(id, order, { add: e.ctrlKey || e.metaKey, extend: e.shiftKey });
	};
	const open = (e) => {
		const id = e.target.closest('[data-board]')?.dataset.board;
		if (id)
			go('boards', id);
	};
	return html`
		<div class=${`front ${rows ? 'single' : 'blades'}`} role="listbox" aria-multiselectable="true"
			aria-label=${enclosure.chassis?.Name ?? t('chassis.boards')}
			style=${{ '--n': Math.min(enclosure.groups.length, COLUMNS) }}
			onClick=${click} onDblClick=${open} onKeyDown=${(e) => onKey(e, order, (id) => go('boards', id))}>
			${enclosure.groups.map((group) => html`
				<${Group} key=${group.id} group=${group} lights=${rows} shown=${shown} tab=${tab} />`)}
		</div>`;
}
