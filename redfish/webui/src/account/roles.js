// SPDX-License-Identifier: Apache-2.0
// What each role may do.
import { html } from 'htm/preact';

import { ROOT } from '../api.js';
import { t } from '../i18n.js';
import { Pending, useMembers } from '../ui/read.js';

const PRIVILEGES = ['Login', 'ConfigureComponents', 'ConfigureSelf', 'ConfigureUsers', 'ConfigureManager'];

export function Roles() {
	const roles = useMembers(`${ROOT}/AccountService/Roles`, 30000);
	return html`
		<section class="panel" aria-labelledby="roles">
			<h2 id="roles">${t('account.roles')}</h2>
			<${Pending} of=${roles} />
			${roles.value && html`<div class="scroll" tabindex="0"><table>
				<thead><tr><th>${t('account.role')}</th>${PRIVILEGES.map((p) => html`<th key=${p} title=${p}>${t(`privilege.${p}`)}</th>`)}</tr></thead>
				<tbody>${roles.value.map((r) => html`
					<tr key=${r.RoleId}><td>${r.RoleId}</td>
						${PRIVILEGES.map((p) => html`<td key=${p}>${t(r.AssignedPrivileges.includes(p) ? 'yes' : 'no')}</td>`)}</tr>`)}</tbody>
			</table></div>`}
		</section>`;
}
