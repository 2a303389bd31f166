// SPDX-License-Identifier: Apache-2.0
// What can be done to boards, what it will do to them (said before), and doing it.
import { html } from 'htm/preact';

import { ROOT, members, patch, post } from '../api.js';
import { t } from '../i18n.js';
import { may } from '../session.js';
import { board, touch } from '../store.js';
import { followAloud } from '../tasks.js';
import { confirm } from '../ui/dialog.js';
import { toast } from '../ui/toast.js';

/** name: {icon, type (Redfish ResetType), danger} */
export const ACTIONS = {
	reset: { icon: 'restart', type: 'ForceRestart', danger: true },
	reboot: { icon: 'restart', type: 'GracefulRestart', danger: true },
	cycle: { icon: 'cycle', type: 'PowerCycle', danger: true },
	on: { icon: 'power', type: 'On' },
	shutdown: { icon: 'power', type: 'GracefulShutdown', danger: true },
	off: { icon: 'power', type: 'ForceOff', danger: true },
};

const AT_ONCE = 4;
const NAMED = 12;

function resetOf(system) {
	return system.Actions?.['#ComputerSystem.Reset'];
}

/* Which of them take this ResetType now: asked of the agent, not guessed. */
async function sorted(ids, type) {
	const wanted = new Set(ids);
	const systems = (await members(`${ROOT}/Systems`, ['Id', 'Actions'])).filter((s) => wanted.has(s.Id));
	const takes = (s) => resetOf(s)?.['ResetType@Redfish.AllowableValues']?.includes(type);
	return { able: systems.filter(takes), unable: systems.filter((s) => !takes(s)).map((s) => s.Id) };
}

function names(ids) {
	return ids.length <= NAMED ? ids.join(', ') :
		t('action.more', { names: ids.slice(0, NAMED).join(', '), n: ids.length - NAMED });
}

function Question({ name, able, unable }) {
	return html`
		<p>${t(`action.${name}.does`)}</p>
		<p><strong>${t('action.boards', { n: able.length })}</strong> ${names(able.map((s) => s.Id))}</p>
		${unable.length > 0 && html`<p class="notice warning">${t('action.unable', { names: names(unable) })}</p>`}`;
}

async function oneBoard(system, type, title) {
	try {
		const { task } = await post(resetOf(system).target, { ResetType: type });
		if (task)
			await followAloud(task, `${title}: ${system.Id}`, [system.Id]);
		else
			toast('ok', `${title}: ${system.Id}`, t('action.already'));
	} catch (problem) {
		toast('critical', `${title}: ${system.Id}`, problem);
	}
}

/* A task for each of them, some at a time. */
async function singly(able, type, title) {
	const left = [...able];
	const some = async () => {
		for (let one = left.shift(); one; one = left.shift())
			await oneBoard(one, type, title);
	};
	await Promise.all(Array.from({ length: Math.min(AT_ONCE, left.length) }, some));
}

/* One task for all where the account may (Redfish wants ConfigureManager for it, which an
 * Operator has not); else one for each. */
async function together(able, type, title) {
	if (!may('Administrator'))
		return singly(able, type, title);
	const ids = able.map((s) => s.Id);
	let answer;
	try {
		answer = await post(`${ROOT}/AggregationService/Actions/AggregationService.Reset`,
			{ ResetType: type, TargetURIs: able.map((s) => ({ '@odata.id': s['@odata.id'] })) });
	} catch (problem) {
		if (problem.status === 403 || problem.status === 404)
			return singly(able, type, title);
		return toast('critical', title, problem);
	}
	return answer.task ? followAloud(answer.task, title, ids) : toast('ok', title, t('action.already'));
}

/** Asks, then does it to all of these boards. */
export async function act(name, ids) {
	const { type, danger } = ACTIONS[name];
	const title = t(`action.${name}`);
	let able, unable;
	try {
		({ able, unable } = await sorted(ids, type));
	} catch (problem) {
		toast('critical', title, problem);
		return;
	}
	if (!able.length) {
		toast('warning', title, t('action.none', { names: names(unable) }));
		return;
	}
	const yes = await confirm({ title, danger, confirm: t('action.confirm', { action: title, n: able.length }),
		body: html`<${Question} name=${name} able=${able} unable=${unable} />` });
	if (!yes)
		return;
	if (able.length === 1)
		await oneBoard(able[0], type, title);
	else
		await together(able, type, title);
	ids.forEach(touch);
}

/** Locator lights: needs no question. */
export async function setLocator(ids, on) {
	const failed = [];
	for (const id of ids) {
		try {
			await patch(board(id).value.uri, { LocationIndicatorActive: on });
		} catch (problem) {
			failed.push([id, problem]);
		}
		touch(id);
	}
	if (failed.length)
		toast('critical', `${t('action.locator')}: ${names(failed.map(([id]) => id))}`, failed[0][1]);
}
