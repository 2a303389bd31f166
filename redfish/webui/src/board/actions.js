// SPDX-License-Identifier: Apache-2.0
// What can be done to one board: what its resource offers, nothing else.
import { html } from 'htm/preact';

import { post } from '../api.js';
import { ACTIONS, act, setLocator } from '../chassis/actions.js';
import { t } from '../i18n.js';
import { pageOf } from '../pages.js';
import { link } from '../router.js';
import { may } from '../session.js';
import { followAloud } from '../tasks.js';
import { confirm } from '../ui/dialog.js';
import { Icon } from '../ui/icon.js';
import { toast } from '../ui/toast.js';

const MODE = '#ClusterBmcComputerSystem.EnterMode';
const RECOVER = '#ClusterBmcComputerSystem.Recover';

async function run(target, body, title, id) {
	try {
		const { task } = await post(target, body);
		if (task)
			await followAloud(task, title, [id]);
		else
			toast('ok', title, t('action.already'));
	} catch (problem) {
		toast('critical', title, problem);
	}
}

async function enter(action, mode, id) {
	const title = t('mode.title', { mode });
	const yes = await confirm({ title: `${title}: ${id}`, danger: true, confirm: title,
		body: html`<p>${t(mode === 'Normal' ? 'mode.normal' : 'mode.does')}</p>` });
	if (yes)
		await run(action.target, { Mode: mode }, `${title}: ${id}`, id);
}

async function recover(action, id) {
	const title = t('recover');
	if (await confirm({ title: `${title}: ${id}`, danger: true, confirm: title, body: html`<p>${t('recover.does')}</p>` }))
		await run(action.target, {}, `${title}: ${id}`, id);
}

function Modes({ action, id }) {
	const modes = action['Mode@Redfish.AllowableValues'] ?? [];
	return modes.length > 0 && html`
		<select aria-label=${t('mode')} value="" onChange=${(e) => {
			const mode = e.target.value;
			e.target.value = '';
			enter(action, mode, id);
		}}>
			<option value="">${t('mode')}</option>
			${modes.map((mode) => html`<option key=${mode} value=${mode}>${mode}</option>`)}
		</select>`;
}

/* The agent's own machine has a shell when it was set up. */
function ShellLink({ id, offered }) {
	if (!offered)
		return id === 'main' && html`<p class="muted">${t('board.shell.none')}</p>`;
	return html`<a class="button" href=${link('shell', id)}><${Icon} name="shell" />${t('board.shell')}</a>`;
}

/** of: the board; system: its resource, or null before it was read. */
export function Actions({ of, system }) {
	const offered = system?.Actions ?? {};
	const types = offered['#ComputerSystem.Reset']?.['ResetType@Redfish.AllowableValues'] ?? [];
	const oem = offered.Oem ?? {};
	return html`
		<div class="toolbar" role="toolbar" aria-label=${t('chassis.actions')}>
			${may('Operator') && types.length > 0 && Object.entries(ACTIONS).map(([name, { icon, type }]) => html`
				<button key=${name} title=${t(`action.${name}.does`)} disabled=${!types.includes(type)}
					onClick=${() => act(name, [of.id])}><${Icon} name=${icon} />${t(`action.${name}`)}</button>`)}
			${may('Operator') && of.locator !== null && html`
				<button aria-pressed=${String(of.locator)} title=${t('action.locator.does')}
					onClick=${() => setLocator([of.id], !of.locator)}><${Icon} name="led" />${t('action.locator')}</button>`}
			${may('Operator') && oem[RECOVER] && html`
				<button title=${t('recover.does')} onClick=${() => recover(oem[RECOVER], of.id)}>
					<${Icon} name="cycle" />${t('recover')}</button>`}
			${may('Operator') && oem[MODE] && html`<${Modes} action=${oem[MODE]} id=${of.id} />`}
			${pageOf('shell') && of.class === 'normal' && may('Administrator') && system && html`
				<${ShellLink} id=${of.id} offered=${system.Oem?.ClusterBmc?.ShellUri} />`}
		</div>`;
}
