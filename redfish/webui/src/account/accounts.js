// SPDX-License-Identifier: Apache-2.0
// The accounts: made, changed, locked out, removed.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { ROOT, get, members, patch, post, remove } from '../api.js';
import { t } from '../i18n.js';
import { session } from '../session.js';
import { Dialog, confirm } from '../ui/dialog.js';
import { Check, Choice, Field, useSending } from '../ui/form.js';
import { Icon } from '../ui/icon.js';
import { Pending, useRead } from '../ui/read.js';
import { ProblemBox, toast } from '../ui/toast.js';

const ACCOUNTS = `${ROOT}/AccountService/Accounts`;

async function read() {
	const [accounts, roles] = await Promise.all([members(ACCOUNTS), members(`${ROOT}/AccountService/Roles`, ['RoleId'])]);
	return { accounts, roles: roles.map((r) => r.RoleId) };
}

function bodyOf({ role, password, must, enabled }, account) {
	const body = { RoleId: role, Enabled: enabled === 'on' };
	if (password)
		body.Password = password;
	if (!account || (must === 'on') !== account.PasswordChangeRequired)
		body.PasswordChangeRequired = must === 'on';
	return body;
}

/* A new account, or changes of one. */
function Edit({ account, roles, close, again }) {
	const [differ, setDiffer] = useState(false);
	const { problem, busy, submit } = useSending(async (values) => {
		setDiffer(values.password !== values.again);
		if (values.password !== values.again)
			return;
		if (account)
			await patch(account['@odata.id'], bodyOf(values, account), account['@odata.etag']);
		else
			await post(ACCOUNTS, { UserName: values.user, ...bodyOf(values) });
		again();
		close();
	});
	return html`
		<${Dialog} title=${account ? t('account.edit', { user: account.UserName }) : t('account.new')} onClose=${close}>
			<${ProblemBox} problem=${problem} />
			${differ && html`<div class="notice critical" role="alert"><p>${t('password.differ')}</p></div>`}
			<form class="stack" onSubmit=${submit}>
				${!account && html`<${Field} name="user" label=${t('login.user')} required maxlength="32" autocomplete="off" autofocus />`}
				<${Choice} name="role" label=${t('account.role')} value=${account?.RoleId ?? 'ReadOnly'}
					options=${roles.map((r) => [r, r])} />
				<${Field} name="password" type="password" label=${t(account ? 'account.reset' : 'login.password')} autocomplete="new-password"
					required=${!account} maxlength="128" hint=${t(account ? 'account.reset.hint' : 'password.hint')} />
				<${Field} name="again" type="password" label=${t('password.again')} autocomplete="new-password" required=${!account} maxlength="128" />
				<${Check} name="must" label=${t('account.must')} defaultChecked=${account ? account.PasswordChangeRequired : true} />
				<${Check} name="enabled" label=${t('account.enabled')} defaultChecked=${account ? account.Enabled : true} />
				<div class="buttons">
					<button type="button" onClick=${close}>${t('cancel')}</button>
					<button class="primary" disabled=${busy}>${t('save')}</button>
				</div>
			</form>
		<//>`;
}

async function drop(account, again) {
	const title = t('account.remove', { user: account.UserName });
	if (!await confirm({ title, danger: true, confirm: t('account.remove.yes'), body: html`<p>${t('account.remove.does')}</p>` }))
		return;
	await attempt(title, () => remove(account['@odata.id']));
	again();
}

async function attempt(title, what) {
	try {
		await what();
	} catch (problem) {
		toast('critical', title, problem);
	}
}

function Row({ account, edit, again }) {
	const own = account.UserName === session.value.user;
	const unlock = () => attempt(t('account.unlock'), () => patch(account['@odata.id'], { Locked: false })).then(again);
	return html`
		<tr data-account=${account.UserName}>
			<td>${account.UserName}${own && html` <small>(${t('account.you')})</small>`}</td>
			<td>${account.RoleId}</td>
			<td>${t(account.Enabled ? 'yes' : 'no')}</td>
			<td>${account.Locked ? html`<span class="severity warning">${t('account.locked')}</span>
				<button class="plain" onClick=${unlock}>${t('account.unlock')}</button>` : t('no')}</td>
			<td>${t(account.PasswordChangeRequired ? 'yes' : 'no')}</td>
			<td>
				<button onClick=${() => edit(account)} aria-label=${t('account.edit', { user: account.UserName })}>${t('account.change')}</button>
				${!own && html`<button class="plain" title=${t('account.remove', { user: account.UserName })}
					aria-label=${t('account.remove', { user: account.UserName })} onClick=${() => drop(account, again)}><${Icon} name="close" /></button>`}
			</td>
		</tr>`;
}

export function Accounts() {
	const all = useRead(read, 10000);
	const [edited, set] = useState(null);
	/* As it is now: others change it, too. */
	const edit = (account) => attempt(t('account.edit', { user: account.UserName }), async () => set(await get(account['@odata.id'])));
	return html`
		<section class="panel" aria-labelledby="accounts">
			<div class="toolbar"><h2 id="accounts">${t('account.all')}</h2><span class="grow"></span>
				<button disabled=${!all.value} onClick=${() => set('new')}>${t('account.new')}</button></div>
			<${Pending} of=${all} />
			${all.value && html`<div class="scroll" tabindex="0"><table>
				<thead><tr>${['name', 'role', 'on', 'locked', 'must', 'do'].map((h) => html`<th key=${h}>${t(`account.col.${h}`)}</th>`)}</tr></thead>
				<tbody>${all.value.accounts.map((a) => html`<${Row} key=${a.Id} account=${a} edit=${edit} again=${all.again} />`)}</tbody>
			</table></div>`}
			${edited && html`<${Edit} account=${edited === 'new' ? null : edited} roles=${all.value.roles} again=${all.again}
				close=${() => set(null)} />`}
		</section>`;
}
