// SPDX-License-Identifier: Apache-2.0
// Logging in and out, one's own password, and the session's end when it is idle.
import { effect } from '@preact/signals';

import { ROOT, get, messagesOf, patch, request } from './api.js';
import { begin, end, session } from './session.js';

const IDLE_CHECK = 5000;
const TIMEOUT = 1800000; // until the agent's is known

export async function logIn(user, password) {
	const answer = await request('POST', `${ROOT}/SessionService/Sessions`,
		{ body: { UserName: user, Password: password }, anonymous: true });
	begin({
		token: answer.headers.get('X-Auth-Token'),
		uri: new URL(answer.headers.get('Location'), location.origin).pathname,
		user: answer.body.UserName, roles: answer.body.Roles ?? [],
		mustChange: messagesOf(answer.body).some((m) => m.id.endsWith('.PasswordChangeRequired')),
	});
}

/** Ends the session here, first: what is still asked for must not find it gone and say so. Then
 * deletes it on the agent. */
export async function logOut(why = 'out') {
	const { uri, token } = session.value ?? {};
	end(why);
	try {
		if (uri)
			await request('DELETE', uri, { deadline: 5000, anonymous: true, headers: { 'X-Auth-Token': token } });
	} catch { /* it times out there */ }
}

/** One's own first or next password. A new password ends all sessions of its account, this one
 * too: the next one begins with it. */
export async function changePassword(password) {
	const { user } = session.value;
	await patch(`${ROOT}/AccountService/Accounts/${encodeURIComponent(user)}`, { Password: password });
	await logIn(user, password);
}

/* The pages ask the agent all the time, so that its own timeout never comes: who touches
 * nothing for as long is logged out from here. */
let touched = Date.now();
for (const event of ['pointerdown', 'keydown', 'wheel', 'touchstart'])
	addEventListener(event, () => {
		touched = Date.now();
	}, { passive: true, capture: true });

effect(() => {
	const token = session.value?.token;
	if (!token || session.value.mustChange)
		return undefined;
	let limit = TIMEOUT;
	touched = Date.now();
	get(`${ROOT}/SessionService?$select=SessionTimeout`).then((service) => {
		limit = service.SessionTimeout * 1000;
	}, () => {});
	const timer = setInterval(() => {
		if (Date.now() - touched > limit)
			logOut('idle');
	}, IDLE_CHECK);
	return () => clearInterval(timer);
});
