// SPDX-License-Identifier: Apache-2.0
// Who is logged in; one of them can be ended.
import { html } from 'htm/preact';

import { logOut } from '../account.js';
import { ROOT, remove } from '../api.js';
import { t, time } from '../i18n.js';
import { session } from '../session.js';
import { confirm } from '../ui/dialog.js';
import { Pending, useMembers } from '../ui/read.js';
import { toast } from '../ui/toast.js';

async function end(one, again) {
	const own = one['@odata.id'] === session.value.uri;
	const title = t('session.end');
	if (!await confirm({ title, danger: true, confirm: title,
		body: html`<p>${t(own ? 'session.end.own' : 'session.end.does', { user: one.UserName })}</p>` }))
		return;
	if (own) {
		await logOut();
		return;
	}
	try {
		await remove(one['@odata.id']);
	} catch (problem) {
		toast('critical', title, problem);
	}
	again();
}

export function Sessions() {
	const sessions = useMembers(`${ROOT}/SessionService/Sessions`, 5000);
	return html`
		<section class="panel" aria-labelledby="sessions">
			<h2 id="sessions">${t('session.all')}</h2>
			<${Pending} of=${sessions} />
			${sessions.value && html`<div class="scroll" tabindex="0"><table>
				<thead><tr>${['user', 'since', 'from', 'roles', 'end'].map((h) => html`<th key=${h}>${t(`session.${h}`)}</th>`)}</tr></thead>
				<tbody>${sessions.value.map((one) => html`
					<tr key=${one.Id} data-session=${one.Id}>
						<td>${one.UserName}${one['@odata.id'] === session.value.uri && html` <small>(${t('session.own')})</small>`}</td>
						<td class="when">${time(one.CreatedTime)}</td>
						<td class="mono">${one.ClientOriginIPAddress ?? '–'}</td>
						<td>${(one.Roles ?? []).join(', ')}</td>
						<td><button onClick=${() => end(one, sessions.again)} aria-label=${`${t('session.end')}: ${one.UserName} ${one.Id}`}>${t('session.end')}</button></td>
					</tr>`)}</tbody>
			</table></div>`}
		</section>`;
}
