// SPDX-License-Identifier: Apache-2.0
// Reading what a page shows, again and again, and handing out what it has read as a file.
import { html } from 'htm/preact';
import { useCallback, useState } from 'preact/hooks';

import { members } from '../api.js';
import { t } from '../i18n.js';
import { usePoll } from '../poll.js';
import { ProblemBox } from './toast.js';

/** {value, problem, again}: what read() resolves to (null at first), read again each `every`
 * ms and when again() is called. The last value stays while a reading fails. */
export function useRead(read, every = 5000, deps = []) {
	const [state, set] = useState({ value: null, problem: null });
	const [turn, next] = useState(0);
	usePoll(async () => {
		try {
			const value = await read();
			set((s) => (s.value === value && !s.problem ? s : { value, problem: null }));
		} catch (problem) {
			set((s) => ({ value: s.value, problem }));
			throw problem;
		}
	}, every, [...deps, turn]);
	return { ...state, again: useCallback(() => next((n) => n + 1), []) };
}

/** The members of a collection, whole. */
export function useMembers(path, every = 5000, select = [], options = {}) {
	return useRead(() => members(path, select, options), every, [path, select.join(), options.query]);
}

/** What is shown until there is a value, or why there is none. */
export function Pending({ of }) {
	if (of.problem)
		return html`<${ProblemBox} problem=${of.problem} />`;
	return !of.value && html`<p class="muted" aria-busy="true">${t('loading')}</p>`;
}

/** Hands out a file. */
export function save(name, type, text) {
	const url = URL.createObjectURL(new Blob([text], { type }));
	const a = document.createElement('a');
	a.href = url;
	a.download = name;
	a.click();
	setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/* A spreadsheet would run what begins like a formula. */
function field(value) {
	const text = String(value ?? '');
	const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
	return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** RFC 4180; rows: arrays. */
export function csv(rows) {
	return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}
