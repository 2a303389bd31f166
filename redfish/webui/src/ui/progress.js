// SPDX-License-Identifier: Apache-2.0
// A task that runs: what it does, how far it is, its last step.
import { html } from 'htm/preact';

import { number, t } from '../i18n.js';
import { lastMessage } from '../tasks.js';

export function Progress({ task }) {
	const oem = task.Oem?.ClusterBmc ?? {};
	const name = [oem.Operation, oem.Targets > 1 ? t('task.targets', { n: oem.Targets }) : oem.TargetId]
		.filter(Boolean).join(' ');
	return html`
		<div class="progress">
			<span>${t('task.title', { id: task.Id, name })}</span>
			<span>${number(task.PercentComplete)} %</span>
			<progress max="100" value=${task.PercentComplete ?? 0} aria-label=${name}></progress>
			<small class="muted">${lastMessage(task)}</small>
		</div>`;
}
