// SPDX-License-Identifier: Apache-2.0
// What runs and what ran: each task with its progress, its end, and who asked for it.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';

import { ROOT, members, post, remove } from '../api.js';
import { number, t, time } from '../i18n.js';
import { link } from '../router.js';
import { may } from '../session.js';
import { board } from '../store.js';
import { isEnded, lastMessage } from '../tasks.js';
import { confirm } from '../ui/dialog.js';
import { Pending, useRead } from '../ui/read.js';
import { Icon } from '../ui/icon.js';
import { toast } from '../ui/toast.js';

const SHOWN = 200;
const only = signal('');
const text = signal('');

function who(task) {
	const { Actor: actor, Origin: origin, Client: client } = task.Oem.ClusterBmc;
	return [actor, origin, client].filter(Boolean).join(' · ');
}

function words(task) {
	const { Operation: op, TargetId: id, Targets: n } = task.Oem.ClusterBmc;
	return [op, id ?? (n > 1 ? t('task.targets', { n }) : '')].filter(Boolean).join(' ');
}

async function end(task, again) {
	const cancels = !isEnded(task);
	const title = t(cancels ? 'tasks.cancel' : 'tasks.remove');
	if (cancels && !await confirm({ title, danger: true, confirm: title,
		body: html`<p>${t('tasks.cancel.does', { name: words(task) })}</p>` }))
		return;
	try {
		await remove(task['@odata.id']);
	} catch (problem) {
		toast('critical', title, problem);
	}
	again();
}

async function clear(again) {
	try {
		await post(`${ROOT}/TaskService/Actions/TaskService.DeleteAllCompletedTasks`);
	} catch (problem) {
		toast('critical', t('tasks.clear'), problem);
	}
	again();
}

function Row({ task, again }) {
	const oem = task.Oem.ClusterBmc;
	const ended = isEnded(task);
	const kind = ended ? task.TaskStatus?.toLowerCase() : '';
	return html`
		<tr>
			<td>${oem.Operation === 'Update' ? html`<a href=${link('firmware', task.Id)}>${task.Id}</a>` : task.Id}</td>
			<td>${oem.TargetId && board(oem.TargetId).value ? html`${oem.Operation} <a href=${link('boards', oem.TargetId)}>${oem.TargetId}</a>` : words(task)}</td>
			<td><span class=${`severity ${kind}`}>${t(`taskstate.${task.TaskState}`)}</span></td>
			<td class="n">${number(task.PercentComplete)} %</td>
			<td class="mono">${oem.Code ? `[${oem.Code}]` : ''}</td>
			<td>${lastMessage(task)}</td>
			<td class="when">${time(task.StartTime, { dateStyle: 'short', timeStyle: 'medium' })}</td>
			<td>${who(task)}</td>
			<td>${may('Operator') && html`<button class="plain" title=${t(ended ? 'tasks.remove' : 'tasks.cancel')}
				aria-label=${`${t(ended ? 'tasks.remove' : 'tasks.cancel')}: ${task.Id}`}
				onClick=${() => end(task, again)}><${Icon} name="close" /></button>`}</td>
		</tr>`;
}

function matches(task) {
	const state = isEnded(task) ? (task.TaskState === 'Completed' ? 'done' : 'failed') : 'running';
	const all = [task.Id, words(task), who(task), lastMessage(task), task.Oem.ClusterBmc.Code].join(' ').toLowerCase();
	return (!only.value || only.value === state) && text.value.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}

export default function Tasks() {
	const read = useRead(async () => (await members(`${ROOT}/TaskService/Tasks`)).reverse(), 2000);
	const list = (read.value ?? []).filter(matches);
	return html`
		<h1>${t('page.tasks')}</h1>
		<div class="toolbar" role="search">
			<input type="search" aria-label=${t('tasks.find')} placeholder=${t('tasks.find')} value=${text.value}
				onInput=${(e) => { text.value = e.target.value; }} />
			<select aria-label=${t('tasks.state')} value=${only.value} onChange=${(e) => { only.value = e.target.value; }}>
				${['', 'running', 'done', 'failed'].map((s) => html`<option key=${s} value=${s} selected=${s === only.value}>${t(`tasks.only.${s || 'all'}`)}</option>`)}
			</select>
			<span class="grow"></span>
			${may('Administrator') && html`<button onClick=${() => clear(read.again)}>${t('tasks.clear')}</button>`}
		</div>
		<${Pending} of=${read} />
		${read.value && (list.length ? html`
			<section class="panel scroll" tabindex="0"><table>
				<thead><tr>${['task', 'what', 'state', 'done', 'code', 'said', 'begun', 'by', 'end'].map((h) => html`
					<th key=${h} class=${h === 'done' ? 'n' : ''}>${h === 'end' ? html`<span class="hidden">${t('tasks.cancel')}</span>` : t(`tasks.col.${h}`)}</th>`)}</tr></thead>
				<tbody>${list.slice(0, SHOWN).map((task) => html`<${Row} key=${task['@odata.id']} task=${task} again=${read.again} />`)}</tbody>
			</table></section>` : html`<p class="muted">${t('none')}</p>`)}`;
}
