// SPDX-License-Identifier: Apache-2.0
// The agent's event stream (server-sent events with the session's token, so not by the
// browser's EventSource, which sends no headers). It resumes after the last event it had.
// While there is no stream, what listens is told to poll faster.
import { effect, signal } from '@preact/signals';

import { ASKED_BY, ROOT } from './api.js';
import { end, session } from './session.js';

const SILENCE = 120000; // the agent sends a comment at least each minute
const RETRY = [500, 1000, 2000, 5000, 10000];

/** 'live': events come as they happen; 'polling': no stream; 'down': the agent is not there. */
export const connection = signal('polling');

const listeners = new Set();

/** Calls heard(event) for each Redfish event (a member of Events). Returns what ends that. */
export function onEvent(heard) {
	listeners.add(heard);
	return () => listeners.delete(heard);
}

/** Takes the lines of a stream and calls back with (id, data) at each empty one. */
export function reader(received) {
	let rest = '';
	let id = null;
	let data = [];

	function line(text) {
		if (text === '') {
			if (data.length)
				received(id, data.join('\n'));
			data = [];
		} else if (text.startsWith('id:')) {
			id = text.slice(3).trim();
		} else if (text.startsWith('data:')) {
			data.push(text.slice(5).replace(/^ /, ''));
		}
	}
	return (chunk) => {
		const lines = (rest + chunk).split(/\r?\n/);
		rest = lines.pop();
		lines.forEach(line);
	};
}

let last = null; // id of the last event
let run = null; // the AbortController of the stream in force

function deliver(id, text) {
	last = id ?? last;
	let body;
	try {
		body = JSON.parse(text);
	} catch {
		return;
	}
	for (const event of body.Events ?? [])
		listeners.forEach((heard) => heard(event));
}

async function open(token, abort) {
	const headers = { Accept: 'text/event-stream', 'X-Auth-Token': token, ...ASKED_BY };
	if (last)
		headers['Last-Event-ID'] = last;
	return fetch(`${ROOT}/EventService/SSE`, {
		headers, signal: abort.signal, credentials: 'same-origin', cache: 'no-store' });
}

async function follow(response, abort) {
	const source = response.body.pipeThrough(new TextDecoderStream()).getReader();
	const take = reader(deliver);
	for (;;) {
		const timer = setTimeout(() => abort.abort(), SILENCE);
		const { value, done } = await source.read().finally(() => clearTimeout(timer));
		if (done)
			return;
		take(value);
	}
}

/* One connection, to its end. Returns 'denied' where another try would be in vain. */
async function connect(token, stopped) {
	const abort = new AbortController();
	run = abort;
	const deadline = setTimeout(() => abort.abort(), 15000);
	try {
		const response = await open(token, abort).finally(() => clearTimeout(deadline));
		if (response.status === 401 && !stopped()) {
			end('ended');
			return 'denied';
		}
		if (!response.ok) {
			connection.value = 'polling';
			return response.status === 403 ? 'denied' : 'refused';
		}
		connection.value = 'live';
		await follow(response, abort);
		return 'ended';
	} catch {
		return 'lost';
	}
}

async function keepConnected(token, stopped) {
	for (let failed = 0; !stopped();) {
		const how = await connect(token, stopped);
		if (stopped() || how === 'denied')
			return;
		failed = how === 'ended' ? 0 : failed + 1;
		if (connection.value === 'live')
			connection.value = 'polling';
		await new Promise((done) => {
			setTimeout(done, RETRY[Math.min(failed, RETRY.length - 1)]);
		});
	}
}

effect(() => {
	const token = session.value && !session.value.mustChange ? session.value.token : null;
	if (!token)
		return undefined;
	let over = false;
	keepConnected(token, () => over);
	return () => {
		over = true;
		run?.abort();
		last = null;
		connection.value = 'polling';
	};
});
