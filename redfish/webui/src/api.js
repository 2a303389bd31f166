// SPDX-License-Identifier: Apache-2.0
// The one place that talks to the agent. Every request has a deadline; every failure is a
// Problem with Redfish's own words.
import { end, session, set } from './session.js';

export const ROOT = '/redfish/v1';
/** Of each request: a 401 to it brings up no login dialog of the browser. */
export const ASKED_BY = { 'X-Requested-With': 'XMLHttpRequest' };
const DEADLINE = 20000;
const PAGES = 50; // of a collection
const KEPT = 64; // bodies that a later 304 stands for

export class Problem extends Error {
	/** status 0: the agent was not reached. messages: [{id, text, resolution, severity, related}] */
	constructor(status, messages) {
		super(messages.map((m) => m.text).join(' '));
		this.status = status;
		this.messages = messages;
	}
	has(id) {
		return this.messages.some((m) => m.id.endsWith(`.${id}`));
	}
}

/** Messages of a body's @Message.ExtendedInfo, also inside "error". */
export function messagesOf(body) {
	const list = body?.error?.['@Message.ExtendedInfo'] ?? body?.['@Message.ExtendedInfo'] ?? [];
	const found = list.map((m) => ({
		id: m.MessageId ?? '', text: m.Message ?? '', resolution: m.Resolution ?? '',
		severity: m.MessageSeverity ?? m.Severity ?? 'Critical', related: m.RelatedProperties ?? [],
	}));
	if (!found.length && body?.error?.message)
		found.push({ id: body.error.code ?? '', text: body.error.message, resolution: '',
			severity: 'Critical', related: [] });
	return found;
}

/* Read to its end in any case: what is left unread counts as a request that was given up. */
async function bodyOf(response) {
	const text = await response.text();
	return text && /json/.test(response.headers.get('Content-Type') ?? '') ? JSON.parse(text) : null;
}

function headersOf(options) {
	const headers = { Accept: 'application/json', 'OData-Version': '4.0', ...ASKED_BY, ...options.headers };
	if (session.value && !options.anonymous)
		headers['X-Auth-Token'] = session.value.token;
	if (options.etag)
		headers['If-Match'] = options.etag;
	if (options.body !== undefined && !(options.body instanceof FormData))
		headers['Content-Type'] = 'application/json';
	return headers;
}

function abortBy(options) {
	const controller = new AbortController();
	const timer = setTimeout(() => controller.abort('deadline'), options.deadline ?? DEADLINE);
	options.signal?.addEventListener('abort', () => controller.abort());
	return { signal: controller.signal, done: () => clearTimeout(timer) };
}

function unreachable(error, aborted) {
	const id = aborted?.reason === 'deadline' ? 'Deadline' : 'Unreachable';
	return new Problem(0, [{ id: `Pages.${id}`, text: String(error?.message ?? error),
		resolution: '', severity: 'Critical', related: [] }]);
}

/* 'same-origin', as 'omit' would also keep back the browser's certificate, where the agent
 * wants one. Where other credentials come with the token, the token counts. */
async function send(method, path, options) {
	const abort = abortBy(options);
	const { body } = options;
	try {
		const response = await fetch(path, {
			method, headers: headersOf(options), signal: abort.signal,
			credentials: 'same-origin', cache: 'no-store', redirect: 'error',
			body: body === undefined || body instanceof FormData ? body : JSON.stringify(body),
		});
		return { response, body: await bodyOf(response) };
	} catch (error) {
		throw unreachable(error, abort.signal);
	} finally {
		abort.done();
	}
}

function refused(status, body, token) {
	const messages = messagesOf(body);
	const problem = new Problem(status, messages.length ? messages :
		[{ id: `Http.${status}`, text: `HTTP ${status}`, resolution: '', severity: 'Critical', related: [] }]);
	/* Not one that has begun meanwhile. */
	if (token && session.value?.token === token) {
		if (status === 401)
			end('ended');
		else if (problem.has('PasswordChangeRequired') && !session.value.mustChange)
			set({ ...session.value, mustChange: true });
	}
	return problem;
}

/** options: body, etag (If-Match), headers, deadline (ms), signal, anonymous (no token),
 * credentials (the body has some: a 401 is about them, not about the session).
 * Resolves to {status, headers, body}; rejects with a Problem. */
export async function request(method, path, options = {}) {
	const token = options.anonymous || options.credentials ? null : session.value?.token;
	const { response, body } = await send(method, path, options);
	if (!response.ok && response.status !== 304)
		throw refused(response.status, body, token);
	return { status: response.status, headers: response.headers, body };
}

const kept = new Map(); // path: {etag, body}, the oldest first
let keptFor = null;

/** GET; the same object again while nothing has changed (304). */
export async function get(path, options = {}) {
	if (keptFor !== session.value?.token) {
		kept.clear();
		keptFor = session.value?.token;
	}
	const had = kept.get(path);
	const headers = had ? { 'If-None-Match': had.etag } : {};
	const answer = await request('GET', path, { ...options, headers: { ...headers, ...options.headers } });
	if (answer.status === 304)
		return had.body;
	const etag = answer.headers.get('ETag');
	kept.delete(path);
	if (etag)
		kept.set(path, { etag, body: answer.body });
	if (kept.size > KEPT)
		kept.delete(kept.keys().next().value);
	return answer.body;
}

/** The members of a collection, read with it: members('/redfish/v1/Systems', ['Id', 'Status']). */
export async function members(path, select = [], options = {}) {
	const levels = options.levels ? `($levels=${options.levels})` : '';
	const query = [`$expand=.${levels}`];
	if (select.length)
		query.push(`$select=${select.map(encodeURIComponent).join(',')}`);
	if (options.query)
		query.push(options.query);
	const all = [];
	let next = `${path}?${query.join('&')}`;
	for (let page = 0; next && page < PAGES; page++) {
		const body = await get(next, options);
		all.push(...body.Members ?? []);
		next = body['Members@odata.nextLink'];
	}
	return all;
}

/** PATCH that fails with 412 when the resource's settings changed since they were read. */
export function patch(path, body, etag) {
	return request('PATCH', path, { body, etag });
}

/** POST of an action or a new member: {task: Task or null, body, location}. */
export async function post(path, body = {}, options = {}) {
	const answer = await request('POST', path, { ...options, body });
	return {
		task: answer.status === 202 ? answer.body : null,
		body: answer.body, location: answer.headers.get('Location'),
	};
}

export function remove(path) {
	return request('DELETE', path);
}

/** The last part of a resource's address: its Id. */
export function idOf(reference) {
	const uri = typeof reference === 'string' ? reference : reference?.['@odata.id'] ?? '';
	return decodeURIComponent(uri.replace(/\/$/, '').split('/').pop());
}
