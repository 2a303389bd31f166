// SPDX-License-Identifier: Apache-2.0
// Login, and the first password, which must be changed before anything else.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { changePassword, logIn, logOut } from '../account.js';
import { t } from '../i18n.js';
import { endedBy, session } from '../session.js';
import { Preferences } from '../ui/header.js';
import { ProblemBox } from '../ui/toast.js';

/** A form that sends once at a time and shows why it was refused. */
function useSending(send) {
	const [problem, setProblem] = useState(null);
	const [busy, setBusy] = useState(false);
	async function submit(e) {
		e.preventDefault();
		if (busy)
			return;
		setBusy(true);
		setProblem(null);
		try {
			await send(Object.fromEntries(new FormData(e.target)));
		} catch (p) {
			setProblem(p);
		} finally {
			setBusy(false);
		}
	}
	return { problem, busy, submit };
}

function Frame({ title, children }) {
	return html`
		<main class="login">
			<div class="login-top"><span class="brand">clusterbmc</span><${Preferences} /></div>
			<h1>${title}</h1>
			${children}
		</main>`;
}

function Field({ name, label, type = 'text', complete, focus, hint }) {
	return html`
		<label>
			<span>${label}</span>
			<input name=${name} type=${type} required autocomplete=${complete} autofocus=${focus}
				maxlength="128" autocapitalize="none" spellcheck=${false} />
			${hint && html`<small class="muted">${hint}</small>`}
		</label>`;
}

export function Login() {
	const { problem, busy, submit } = useSending(({ user, password }) => logIn(user, password));
	const why = endedBy.value;
	return html`
		<${Frame} title=${t('login.title')}>
			${why && !problem && html`
				<div class=${`notice ${why === 'out' ? 'ok' : 'warning'}`} role="status"><p>${t(`login.${why}`)}</p></div>`}
			<${ProblemBox} problem=${problem} title=${problem?.status === 401 ? t('login.wrong') : null} />
			<form onSubmit=${submit}>
				<${Field} name="user" label=${t('login.user')} complete="username" focus />
				<${Field} name="password" type="password" label=${t('login.password')} complete="current-password" />
				<button class="primary" disabled=${busy}>${t(busy ? 'login.busy' : 'login.button')}</button>
			</form>
		<//>`;
}

export function FirstPassword() {
	const [differ, setDiffer] = useState(false);
	const { problem, busy, submit } = useSending(async ({ password, again }) => {
		setDiffer(password !== again);
		if (password === again)
			await changePassword(password);
	});
	return html`
		<${Frame} title=${t('first.title')}>
			<p>${t('first.why', { user: session.value.user })}</p>
			<${ProblemBox} problem=${problem} />
			${differ && html`<div class="notice critical" role="alert"><p>${t('password.differ')}</p></div>`}
			<form onSubmit=${submit}>
				<${Field} name="password" type="password" label=${t('password.new')} complete="new-password" focus
					hint=${t('password.hint')} />
				<${Field} name="again" type="password" label=${t('password.again')} complete="new-password" />
				<button class="primary" disabled=${busy}>${t('password.change')}</button>
				<button type="button" class="plain" onClick=${() => logOut()}>${t('logout')}</button>
			</form>
		<//>`;
}
