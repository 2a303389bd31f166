// SPDX-License-Identifier: Apache-2.0
// The confirmation dialog: says what will happen before it does. The browser's <dialog> keeps
// the focus inside and closes at Escape.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';

import { t } from '../i18n.js';

const asked = signal(null);

/** Asks; resolves to true when confirmed. question: {title, body (text or vnode), confirm (the
 * button's text), danger: true for a red button}. */
export function confirm(question) {
	return new Promise((resolve) => {
		asked.value?.resolve(false);
		asked.value = { ...question, resolve };
	});
}

function answer(yes) {
	asked.value?.resolve(yes);
	asked.value = null;
}

/** A modal dialog around its children. */
export function Dialog({ title, onClose, children, wide }) {
	const ref = useRef(null);
	useEffect(() => {
		const before = document.activeElement;
		ref.current.showModal();
		return () => before?.focus?.();
	}, []);
	return html`
		<dialog ref=${ref} class=${wide ? 'wide' : ''} aria-labelledby="dialog-title"
			onCancel=${(e) => { e.preventDefault(); onClose(); }}>
			<h2 id="dialog-title">${title}</h2>
			${children}
		</dialog>`;
}

export function Confirmation() {
	const q = asked.value;
	return q && html`
		<${Dialog} title=${q.title} onClose=${() => answer(false)}>
			<div class="dialog-body">${q.body}</div>
			<div class="buttons">
				<button onClick=${() => answer(false)}>${t('cancel')}</button>
				<button class=${q.danger ? 'danger' : 'primary'} autofocus
					onClick=${() => answer(true)}>${q.confirm}</button>
			</div>
		<//>`;
}
