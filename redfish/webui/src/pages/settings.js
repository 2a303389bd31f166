// SPDX-License-Identifier: Apache-2.0
// The manager's own settings: time, network, protocols, how it is found, its certificate.
import { html } from 'htm/preact';

import { Certificate } from '../settings/certificate.js';
import { Clock } from '../settings/clock.js';
import { Network } from '../settings/network.js';
import { Protocols } from '../settings/protocols.js';
import { Maintenance } from '../settings/maintenance.js';
import { t } from '../i18n.js';
import { may } from '../session.js';

export default function Settings() {
	return html`
		<h1>${t('page.settings')}</h1>
		${!may('Administrator') && html`<p class="notice">${t('settings.readonly')}</p>`}
		<div class="columns">
			<${Clock} /><${Protocols} /><${Certificate} />
			${may('Administrator') && html`<${Maintenance} />`}
			<${Network} />
		</div>`;
}
