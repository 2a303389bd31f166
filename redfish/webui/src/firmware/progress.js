// SPDX-License-Identifier: Apache-2.0
// One update: how far it is, each board with its progress or result and code.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { get, members, remove } from '../api.js';
import { bytes, duration, number, t, time } from '../i18n.js';
import { link } from '../router.js';
import { may } from '../session.js';
import { isEnded, lastMessage } from '../tasks.js';
import { confirm } from '../ui/dialog.js';
import { Pending, csv, save, useRead } from '../ui/read.js';
import { toast } from '../ui/toast.js';

const SELECT = ['Id', 'TaskState', 'PercentComplete', 'StartTime', 'EndTime',
	...['TargetId', 'Error', 'Code', 'Stage', 'BytesPerSecond', 'History', 'WorkStarted', 'DryRun']
		.map((name) => `Oem/ClusterBmc/${name}`)];
const GROUPS = ['failed', 'running', 'waiting', 'done', 'cancelled'];

/** The group in which a board's part of an update is. */
export function groupOf(part) {
	switch (part.TaskState) {
	case 'Completed':
		return 'done';
	case 'New':
	case 'Pending':
		return 'waiting';
	case 'Running':
	case 'Starting':
	case 'Stopping':
		return 'running';
	case 'Cancelled':
	case 'Killed':
		return 'cancelled';
	default:
		return 'failed';
	}
}

/* Its last step; of one that has ended what there is to say about it. */
function said(part) {
	const { Error: error, History: history, BytesPerSecond: rate, TargetId: id } = part.Oem.ClusterBmc;
	if (part.TaskState === 'Completed')
		return '';
	const step = history?.split('; ').at(-1)?.replace(/^[\d.]+ s /, '') ?? '';
	return error?.replace(`${id}: `, '') ?? [step, rate && `${bytes(rate)}/s`].filter(Boolean).join(' · ');
}

export function codeOf(oem) {
	return oem.Code ? `[${oem.Code}]` : '';
}

function seconds(part) {
	const from = Date.parse(part.Oem.ClusterBmc.WorkStarted ?? part.StartTime);
	return part.EndTime ? Math.max(Date.parse(part.EndTime) - from, 0) / 1000 : null;
}

function Row({ part }) {
	const oem = part.Oem.ClusterBmc;
	const group = groupOf(part);
	return html`
		<tr class=${`update-part ${group}`}>
			<td><a href=${link('boards', oem.TargetId)}>${oem.TargetId}</a></td>
			<td><span class=${`severity ${{ failed: 'critical', done: 'ok', cancelled: 'warning' }[group] ?? ''}`}>${t(`firmware.part.${group}`)}</span></td>
			<td class="bar"><progress max="100" value=${part.PercentComplete ?? 0} aria-label=${oem.TargetId}></progress></td>
			<td class="n">${number(part.PercentComplete)} %</td>
			<td class="mono">${codeOf(oem)}</td>
			<td>${said(part)}</td>
			<td class="n">${seconds(part) === null ? '' : duration(seconds(part))}</td>
		</tr>`;
}

function saveParts(task, parts) {
	save(`update-${task.Id}.csv`, 'text/csv', csv([['board', 'result', 'percent', 'code', 'text', 'seconds'],
		...parts.map((p) => [p.Oem.ClusterBmc.TargetId, groupOf(p), p.PercentComplete, p.Oem.ClusterBmc.Code, said(p), seconds(p)])]));
}

async function cancel(task) {
	const yes = await confirm({ title: t('firmware.cancel'), danger: true, confirm: t('firmware.cancel'),
		body: html`<p>${t('firmware.cancel.does')}</p>` });
	if (!yes)
		return;
	try {
		await remove(task['@odata.id']);
		toast('ok', t('firmware.cancel'), t('firmware.cancelled'));
	} catch (problem) {
		toast('critical', t('firmware.cancel'), problem);
	}
}

/* What is left, by what is done. */
function left(task) {
	const part = (task.PercentComplete ?? 0) / 100;
	const run = (Date.now() - Date.parse(task.Oem.ClusterBmc.WorkStarted ?? task.StartTime)) / 1000;
	return part > 0.05 && run > 3 ? run * (1 - part) / part : null;
}

function Summary({ task, counts, show, set }) {
	const oem = task.Oem.ClusterBmc;
	return html`
		<div class="summary">
			<progress max="100" value=${task.PercentComplete ?? 0} aria-label=${t('firmware.whole')}></progress>
			<strong>${number(task.PercentComplete)} %</strong>
		</div>
		<div class="toolbar" role="group" aria-label=${t('firmware.show')}>
			<button aria-pressed=${String(!show)} onClick=${() => set('')}>${t('firmware.part.all')} ${oem.Targets}</button>
			${GROUPS.filter((g) => counts[g]).map((g) => html`
				<button key=${g} aria-pressed=${String(show === g)} onClick=${() => set(show === g ? '' : g)}>
					${t(`firmware.part.${g}`)} <b>${counts[g]}</b></button>`)}
		</div>`;
}

/** id: of the task. */
export function Update({ id }) {
	const uri = `/redfish/v1/TaskService/Tasks/${encodeURIComponent(id)}`;
	const [show, set] = useState('');
	const [over, setOver] = useState(false);
	const read = useRead(async () => {
		const [task, parts] = await Promise.all([get(uri), members(`${uri}/SubTasks`, SELECT)]);
		setOver(isEnded(task));
		return { task, parts: parts.length ? parts : [task] };
	}, over ? 30000 : 1000, [uri, over]);
	if (!read.value)
		return html`<${Pending} of=${read} />`;
	const { task, parts } = read.value;
	const oem = task.Oem.ClusterBmc;
	const counts = Object.fromEntries(GROUPS.map((g) => [g, parts.filter((p) => groupOf(p) === g).length]));
	const rows = parts.filter((p) => !show || groupOf(p) === show)
		.sort((a, b) => GROUPS.indexOf(groupOf(a)) - GROUPS.indexOf(groupOf(b)) ||
			a.Oem.ClusterBmc.TargetId.localeCompare(b.Oem.ClusterBmc.TargetId, 'en', { numeric: true }));
	return html`
		<section class="panel wide" aria-labelledby=${`update-${id}`} data-update=${id} data-state=${task.TaskState}>
			<div class="toolbar">
				<h2 id=${`update-${id}`}>${t(oem.DryRun ? 'firmware.check.title' : 'firmware.update.title', { id })}</h2>
				<span class="muted">${oem.Image ?? ''} · ${oem.Actor} · ${time(task.StartTime)}</span>
				<span class="grow"></span>
				${!isEnded(task) && left(task) !== null && html`<span>${t('firmware.left', { time: duration(left(task)) })}</span>`}
				${isEnded(task) && html`<button onClick=${() => saveParts(task, parts)}>${t('save.csv')}</button>`}
				${!isEnded(task) && may('Operator') && html`<button class="danger" onClick=${() => cancel(task)}>${t('firmware.cancel')}</button>`}
			</div>
			<${Summary} task=${task} counts=${counts} show=${show} set=${set} />
			${isEnded(task) && html`<p role="status" class=${`notice ${task.TaskStatus === 'OK' ? 'ok' : 'critical'}`}>
				${oem.Targets > 1 ? t('firmware.result', { ok: oem.TargetsOk, failed: oem.TargetsFailed }) : lastMessage(task)}</p>`}
			<div class="scroll" tabindex="0"><table class="update-parts">
				<thead><tr>${['board', 'result', 'progress', 'percent', 'code', 'step', 'took'].map((h) => html`
					<th key=${h} class=${h === 'percent' || h === 'took' ? 'n' : ''}>${t(`firmware.col.${h}`)}</th>`)}</tr></thead>
				<tbody>${rows.map((part) => html`<${Row} key=${part['@odata.id']} part=${part} />`)}</tbody>
			</table></div>
		</section>`;
}
