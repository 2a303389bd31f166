// SPDX-License-Identifier: Apache-2.0
// Where boards stand, from the Chassis resources alone: enclosures hold blades, blades hold
// boards; or an enclosure holds boards itself, in one row.
import { idOf } from '../api.js';

const ordinal = (c) => c.Location?.PartLocation?.LocationOrdinalValue ?? Infinity;

function inOrder(a, b) {
	const by = ordinal(a) - ordinal(b);
	return Number.isNaN(by) || by === 0 ? a.at - b.at : by;
}

const systemsOf = (c) => (c.Links?.ComputerSystems ?? []).map(idOf);

/** [{id, chassis, main: board id or null, groups: [{id, name, chassis, boards: [id]}]}].
 * A group without a chassis of its own holds the boards that stand in the enclosure. */
export function layoutOf(places, boardIds) {
	const all = places.map((c, at) => ({ ...c, at }));
	const inside = Map.groupBy ? Map.groupBy(all, (c) => parentOf(c)) : grouped(all);
	const placed = new Set();
	const enclosures = (inside.get('') ?? []).map((top) => enclosureOf(top, inside, placed));
	const rest = boardIds.filter((id) => !placed.has(id));
	if (rest.length)
		enclosures.push({ id: '', chassis: null, main: null,
			groups: [{ id: 'rest', name: '', chassis: null, boards: rest }] });
	return enclosures.filter((e) => e.main || e.groups.length);
}

function parentOf(c) {
	return c.Links?.ContainedBy ? idOf(c.Links.ContainedBy) : '';
}

function grouped(all) {
	const by = new Map();
	for (const c of all)
		by.set(parentOf(c), [...(by.get(parentOf(c)) ?? []), c]);
	return by;
}

function enclosureOf(top, inside, placed) {
	const own = systemsOf(top);
	const children = (inside.get(top.Id) ?? []).sort(inOrder);
	const groups = [];
	const loose = [];
	for (const child of children) {
		const held = (inside.get(child.Id) ?? []).sort(inOrder).flatMap(systemsOf);
		if (held.length || child.ChassisType === 'Blade')
			groups.push({ id: child.Id, name: child.Name, chassis: child, boards: held });
		else
			loose.push(...systemsOf(child).filter((id) => !own.includes(id)));
	}
	if (loose.length)
		groups.push({ id: `${top.Id}-row`, name: '', chassis: null, boards: loose });
	[...own, ...groups.flatMap((g) => g.boards)].forEach((id) => placed.add(id));
	return { id: top.Id, chassis: top, main: own[0] ?? null, groups };
}
