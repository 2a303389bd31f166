// SPDX-License-Identifier: Apache-2.0
// Forms that send once at a time and show why they were refused.
import { html } from 'htm/preact';
import { useId, useState } from 'preact/hooks';

/** {problem, busy, submit, clear}: `send` gets the form's values by name and the form. */
export function useSending(send) {
	const [problem, setProblem] = useState(null);
	const [busy, setBusy] = useState(false);
	async function submit(e) {
		e.preventDefault();
		if (busy)
			return;
		const form = e.currentTarget;
		setBusy(true);
		setProblem(null);
		try {
			await send(Object.fromEntries(new FormData(form)), form);
		} catch (p) {
			setProblem(p);
		} finally {
			setBusy(false);
		}
	}
	return { problem, busy, submit, clear: () => setProblem(null) };
}

/** A field with its label above and a hint below; more: the input's attributes. */
export function Field({ label, hint, ...more }) {
	const id = useId();
	return html`
		<label class="field">
			<span>${label}</span>
			<input type="text" autocapitalize="none" spellcheck=${false} aria-describedby=${hint ? id : null} ...${more} />
			${hint && html`<small id=${id} class="muted">${hint}</small>`}
		</label>`;
}

/** options: [[value, text]]. Without onChange `value` is what it begins with. */
export function Choice({ label, options, hint, value, ...more }) {
	const held = more.onChange ? { value } : {};
	return html`
		<label class="field">
			<span>${label}</span>
			<select ...${held} ...${more}>${options.map(([word, text]) => html`
				<option key=${word} value=${word} selected=${word === value}>${text}</option>`)}</select>
			${hint && html`<small class="muted">${hint}</small>`}
		</label>`;
}

export function Check({ label, ...more }) {
	return html`<label class="check"><input type="checkbox" ...${more} /> <span>${label}</span></label>`;
}
