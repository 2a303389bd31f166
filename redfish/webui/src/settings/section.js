// SPDX-License-Identifier: Apache-2.0
// What the sections of the settings share.
import { html } from 'htm/preact';
import { useId } from 'preact/hooks';

import { ROOT, patch } from '../api.js';
import { t } from '../i18n.js';
import { Pending } from '../ui/read.js';
import { toast } from '../ui/toast.js';

export const MANAGER = `${ROOT}/Managers/bmc`;

/** read: of useRead(); its children are drawn once there is a value. */
export function Section({ title, read, wide, children }) {
	const id = useId();
	return html`
		<section class=${`panel section ${wide ? 'wide' : ''}`} aria-labelledby=${id}>
			<h2 id=${id}>${title}</h2>
			${read && html`<${Pending} of=${read} />`}
			${(!read || read.value) && children()}
		</section>`;
}

/** Rows of [label, value]; what is unknown is left out. */
export function Facts({ rows }) {
	return html`
		<dl class="fact-rows">${rows.filter(([, v]) => v !== null && v !== undefined && v !== '').map(([label, v]) => html`
			<div key=${label}><dt>${label}</dt><dd>${v}</dd></div>`)}</dl>`;
}

/** PATCHes, says how that ended, reads again. */
export async function change(title, uri, body, again) {
	try {
		await patch(uri, body);
		toast('ok', title, t('saved'));
	} catch (problem) {
		toast('critical', title, problem);
	}
	again();
}
