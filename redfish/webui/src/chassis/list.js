// SPDX-License-Identifier: Apache-2.0
// All boards as a table: for sorting, for comparing, and for who can't use the drawing.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';

import { StateWord } from '../board/card.js';
import { number, t } from '../i18n.js';
import { link } from '../router.js';
import { board } from '../store.js';
import { select, selected } from './selection.js';

const part = (of) => (of.memory && of.memoryUsed !== null ? 100 * of.memoryUsed / of.memory : null);

/* name: what it sorts by */
const COLUMNS = {
	id: (of) => of.id, state: (of) => of.class, os: (of) => of.os ?? '', ip: (of) => of.ip ?? '',
	load: (of) => of.load, memory: part, temperature: (of) => of.temperature, power: (of) => of.watts,
};
const NUMBERS = ['load', 'memory', 'temperature', 'power'];

const sort = signal({ by: '', down: false });

function compare(a, b) {
	if (typeof a === 'string')
		return a.localeCompare(b, 'en', { numeric: true });
	return (a ?? -Infinity) - (b ?? -Infinity);
}

/* As they stand, until a heading is clicked. */
function sorted(boards) {
	const { by, down } = sort.value;
	if (!by)
		return boards;
	const of = COLUMNS[by];
	return boards.sort((a, b) => (down ? -1 : 1) * compare(of(a), of(b)));
}

function Heading({ name }) {
	const { by, down } = sort.value;
	const order = by === name ? down ? 'descending' : 'ascending' : null;
	return html`
		<th class=${NUMBERS.includes(name) ? 'n' : ''} aria-sort=${order}>
			<button class="plain" onClick=${() => { sort.value = { by: name, down: by === name && !down }; }}>
				${t(`list.${name}`)}<span aria-hidden="true">${order ? down ? ' ↓' : ' ↑' : ''}</span></button></th>`;
}

function toggle(id) {
	const set = new Set(selected.value);
	if (!set.delete(id))
		set.add(id);
	select(set);
}

function Row({ of }) {
	const known = (value, unit, digits) => (value === null || value === undefined ? '–' : `${number(value, digits)} ${unit}`);
	return html`
		<tr>
			<td><input type="checkbox" aria-label=${t('list.select', { id: of.id })} checked=${selected.value.has(of.id)}
				onChange=${() => toggle(of.id)} /></td>
			<td><a href=${link('boards', of.id)}>${of.id}</a>${of.label && html` <span class="muted">${of.label}</span>`}</td>
			<td><${StateWord} of=${of} /></td><td>${of.os ?? '–'}</td><td class="mono">${of.ip ?? '–'}</td>
			<td class="n">${known(of.load, '%')}</td><td class="n">${known(part(of), '%')}</td>
			<td class="n">${known(of.temperature, '°C')}</td><td class="n">${known(of.watts, 'W', 1)}</td>
		</tr>`;
}

/** order: the ids that the filters let through. */
export function List({ order }) {
	const boards = sorted(order.map((id) => board(id).value).filter(Boolean));
	return html`
		<div class="panel">
			<table class="board-list">
				<thead><tr><th></th>${Object.keys(COLUMNS).map((name) => html`<${Heading} key=${name} name=${name} />`)}</tr></thead>
				<tbody>${boards.map((of) => html`<${Row} key=${of.id} of=${of} />`)}</tbody>
			</table>
		</div>`;
}
