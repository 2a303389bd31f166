// SPDX-License-Identifier: Apache-2.0
// Which boards are selected, by mouse (ctrl adds, shift extends) and by keyboard.
import { signal } from '@preact/signals';

/** Set of ids */
export const selected = signal(new Set());
/** The one cell that Tab reaches. */
export const focused = signal(null);
/** A click adds, as ctrl does: for fingers. */
export const several = signal(false);
let anchor = null;

export function select(ids) {
	selected.value = new Set(ids);
}

function toggled(id) {
	const set = new Set(selected.value);
	if (!set.delete(id))
		set.add(id);
	return set;
}

function between(order, from, to) {
	const [a, b] = [order.indexOf(from), order.indexOf(to)].sort((x, y) => x - y);
	return a < 0 ? [to] : order.slice(a, b + 1);
}

/** A click or key on a cell. order: ids that can be selected, as they stand. */
export function pick(id, order, { add, extend }) {
	focused.value = id;
	if (!order.includes(id))
		return;
	if (extend && anchor) {
		select([...(add ? selected.value : []), ...between(order, anchor, id)]);
		return;
	}
	anchor = id;
	selected.value = add || several.value ? toggled(id) : new Set([id]);
}

/* The nearest cell in a direction, by where cells are on the screen. */
function neighbour(cell, key, root) {
	const at = cell.getBoundingClientRect();
	const [x, y] = [at.left + at.width / 2, at.top + at.height / 2];
	let best = null;
	let least = Infinity;
	for (const other of root.querySelectorAll('[data-board]')) {
		const r = other.getBoundingClientRect();
		const dx = r.left + r.width / 2 - x;
		const dy = r.top + r.height / 2 - y;
		const [ahead, aside] = {
			ArrowRight: [dx, dy], ArrowLeft: [-dx, dy], ArrowDown: [dy, dx], ArrowUp: [-dy, dx] }[key];
		const far = ahead + 4 * Math.abs(aside);
		if (ahead > 1 && far < least)
			[best, least] = [other, far];
	}
	return best;
}

function move(event, order) {
	const to = neighbour(event.target.closest('[data-board]'), event.key, event.currentTarget);
	if (!to)
		return;
	to.focus();
	focused.value = to.dataset.board;
	if (event.shiftKey)
		pick(to.dataset.board, order, { extend: true });
}

/** Keys on the front: arrows, Home, End, Space, Enter (open), Ctrl+A, Escape. */
export function onKey(event, order, openBoard) {
	const id = event.target.closest?.('[data-board]')?.dataset.board;
	if (!id)
		return;
	const at = (other) => event.currentTarget.querySelector(`[data-board="${CSS.escape(other)}"]`)?.focus();
	const keys = {
		Home: () => at(order[0]),
		End: () => at(order.at(-1)),
		' ': () => pick(id, order, { add: true }),
		Enter: () => openBoard(id),
		Escape: () => select([]),
	};
	if (event.key.startsWith('Arrow'))
		move(event, order);
	else if (event.key === 'a' && (event.ctrlKey || event.metaKey))
		select(order);
	else if (keys[event.key])
		keys[event.key]();
	else
		return;
	event.preventDefault();
}
