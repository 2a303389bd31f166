// SPDX-License-Identifier: Apache-2.0
// One's own password; and for administrators the accounts, their roles and their sessions.
import { html } from 'htm/preact';

import { t } from '../i18n.js';
import { may } from '../session.js';
import { Accounts } from '../account/accounts.js';
import { OwnPassword } from '../account/password.js';
import { Roles } from '../account/roles.js';
import { Sessions } from '../account/sessions.js';

export default function AccountsPage() {
	return html`
		<h1>${t('page.accounts')}</h1>
		<div class="columns one">
			<${OwnPassword} />
			${may('Administrator') && html`<${Accounts} /><${Roles} />`}
			<${Sessions} />
		</div>`;
}
