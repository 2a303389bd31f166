// SPDX-License-Identifier: Apache-2.0
// Changing one's own password: the old one, the new one, the new one again.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { logIn } from '../account.js';
import { ROOT, post } from '../api.js';
import { t } from '../i18n.js';
import { session } from '../session.js';
import { Field, useSending } from '../ui/form.js';
import { ProblemBox, toast } from '../ui/toast.js';

export function accountOf(name) {
	return `${ROOT}/AccountService/Accounts/${encodeURIComponent(name)}`;
}

export function OwnPassword() {
	const [differ, setDiffer] = useState(false);
	const { problem, busy, submit } = useSending(async ({ old, password, again }, form) => {
		setDiffer(password !== again);
		if (password !== again)
			return;
		const { user } = session.value;
		await post(`${accountOf(user)}/Actions/ManagerAccount.ChangePassword`,
			{ SessionAccountPassword: old, NewPassword: password }, { credentials: true });
		form.reset();
		/* All sessions of the account have ended, this one too. */
		await logIn(user, password);
		toast('ok', t('account.own', { user }), t('account.changed'));
	});
	return html`
		<section class="panel" aria-labelledby="own-password">
			<h2 id="own-password">${t('account.own', { user: session.value.user })}</h2>
			<${ProblemBox} problem=${problem} title=${problem?.status === 401 ? t('account.wrong') : null} />
			${differ && html`<div class="notice critical" role="alert"><p>${t('password.differ')}</p></div>`}
			<form class="stack" onSubmit=${submit}>
				<input type="text" name="user" autocomplete="username" value=${session.value.user} hidden />
				<${Field} name="old" type="password" label=${t('account.old')} autocomplete="current-password" required maxlength="128" />
				<${Field} name="password" type="password" label=${t('password.new')} hint=${t('password.hint')} autocomplete="new-password"
					required maxlength="128" />
				<${Field} name="again" type="password" label=${t('password.again')} autocomplete="new-password" required maxlength="128" />
				<button class="primary" disabled=${busy}>${t('password.change')}</button>
			</form>
		</section>`;
}
