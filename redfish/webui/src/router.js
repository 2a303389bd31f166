// SPDX-License-Identifier: Apache-2.0
// The page is what stands behind # in the address: #/boards/sub1-03?tab=events.
import { signal } from '@preact/signals';

function parse() {
	const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
	return {
		parts: path.split('/').filter(Boolean).map(decode),
		query: new URLSearchParams(query),
	};
}

function decode(part) {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

/** {parts: ['boards', 'sub1-03'], query: URLSearchParams} */
export const route = signal(parse());
addEventListener('hashchange', () => {
	route.value = parse();
});

/** The address of a page: link('boards', id). */
export function link(...parts) {
	return `#/${parts.map(encodeURIComponent).join('/')}`;
}

export function go(...parts) {
	location.hash = link(...parts);
}

/** The address of another host's page as a link may have it; null: a browser opens it not as a page. */
export function webAddress(text) {
	try {
		const url = new URL(text);
		return ['http:', 'https:'].includes(url.protocol) ? url.href : null;
	} catch {
		return null;
	}
}
