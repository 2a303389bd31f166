// SPDX-License-Identifier: Apache-2.0
// Restarting the agent, and its settings as they came.
import { html } from 'htm/preact';

import { post } from '../api.js';
import { t } from '../i18n.js';
import { confirm } from '../ui/dialog.js';
import { toast } from '../ui/toast.js';
import { MANAGER, Section } from './section.js';

async function ask(word, action, body) {
	const title = t(`settings.${word}`);
	if (!await confirm({ title, danger: true, confirm: title, body: html`<p>${t(`settings.${word}.does`)}</p>` }))
		return;
	try {
		await post(`${MANAGER}/Actions/${action}`, body);
		toast('ok', title, t('settings.asked'));
	} catch (problem) {
		toast('critical', title, problem);
	}
}

export function Maintenance() {
	return html`
		<${Section} title=${t('settings.maintenance')}>${() => html`
			<div class="toolbar">
				<button onClick=${() => ask('restart', 'Manager.Reset', { ResetType: 'GracefulRestart' })}>${t('settings.restart')}</button>
				<button class="danger" onClick=${() => ask('defaults', 'Manager.ResetToDefaults', { ResetType: 'PreserveNetworkAndUsers' })}>
					${t('settings.defaults')}</button>
			</div>`}<//>`;
}
