// SPDX-License-Identifier: Apache-2.0
// The session of this tab. Its token is kept in sessionStorage: it ends with the tab, and no
// other tab and no later user of the browser has it.
import { signal } from '@preact/signals';

const KEY = 'clusterbmc.session';

function stored() {
	try {
		return JSON.parse(sessionStorage.getItem(KEY));
	} catch {
		return null;
	}
}

/** null, or {token, uri, user, roles, accountUri, mustChange} */
export const session = signal(stored());
/** Why there is none any more: 'ended', 'idle', 'out' or ''. */
export const endedBy = signal('');

export function begin(value) {
	endedBy.value = '';
	set(value);
}

export function set(value) {
	sessionStorage.setItem(KEY, JSON.stringify(value));
	session.value = value;
}

/** Forgets the session; who wants it gone on the agent too calls account.js's logOut. */
export function end(why) {
	if (!session.value)
		return;
	sessionStorage.removeItem(KEY);
	endedBy.value = why;
	session.value = null;
}

/** Whether the account may do what this role may: 'Operator', 'Administrator'. What the agent
 * refuses is refused there: this only spares showing it. */
export function may(role) {
	const roles = session.value?.roles ?? [];
	const order = ['ReadOnly', 'Operator', 'Administrator'];
	return roles.some((mine) => !order.includes(mine) || order.indexOf(mine) >= order.indexOf(role));
}
