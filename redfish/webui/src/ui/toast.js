// SPDX-License-Identifier: Apache-2.0
// Short notices at the edge of the page: what was done, or why not.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';

import { Problem } from '../api.js';
import { t } from '../i18n.js';
import { Icon } from './icon.js';

const SHOWN = { ok: 5000, warning: 12000, critical: 20000 };
const MAX = 5;

const toasts = signal([]);
let next = 1;

/** kind: ok, warning or critical; text: a string or a Problem. */
export function toast(kind, title, text = '') {
	const id = next++;
	toasts.value = [...toasts.value, { id, kind, title, text }].slice(-MAX);
	setTimeout(() => close(id), SHOWN[kind]);
}

function close(id) {
	toasts.value = toasts.value.filter((one) => one.id !== id);
}

/** A Problem in Redfish's words, with what to do about it. */
export function ProblemText({ problem }) {
	if (!(problem instanceof Problem))
		return html`<p>${String(problem?.message ?? problem)}</p>`;
	if (problem.status === 0)
		return html`<p>${t(problem.messages[0].id === 'Pages.Deadline' ? 'error.deadline' : 'error.unreachable')}</p>`;
	return problem.messages.map((m) => html`
		<p>${m.text}</p>
		${m.resolution && m.resolution !== 'None.' && html`<p class="muted">${m.resolution}</p>`}`);
}

/** A Problem where it happened. */
export function ProblemBox({ problem, title }) {
	return problem && html`
		<div class="notice critical" role="alert">
			<${Icon} name="alert" />
			<div>${title && html`<strong>${title}</strong>`}<${ProblemText} problem=${problem} /></div>
		</div>`;
}

export function Toasts() {
	return html`
		<div class="toasts" role="status" aria-live="polite">
			${toasts.value.map((one) => html`
				<div key=${one.id} class=${`toast ${one.kind}`}>
					<${Icon} name=${one.kind === 'ok' ? 'check' : 'alert'} />
					<div class="grow">
						<strong>${one.title}</strong>
						${one.text && html`<${ProblemText} problem=${one.text} />`}
					</div>
					<button class="plain" aria-label=${t('close')} onClick=${() => close(one.id)}>
						<${Icon} name="close" />
					</button>
				</div>`)}
		</div>`;
}
