// SPDX-License-Identifier: Apache-2.0
// Firmware: an image, boards, a plan; then how it goes; and the updates before.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { useRef, useState } from 'preact/hooks';

import { ROOT, idOf, members, post } from '../api.js';
import { Boards } from '../firmware/boards.js';
import { Images, fits } from '../firmware/images.js';
import { PLAN, Plan, oemOf } from '../firmware/plan.js';
import { Update } from '../firmware/progress.js';
import { pushImage } from '../firmware/upload.js';
import { bytes, t, time } from '../i18n.js';
import { go, link } from '../router.js';
import { may } from '../session.js';
import { board, ids } from '../store.js';
import { isEnded } from '../tasks.js';
import { confirm } from '../ui/dialog.js';
import { Pending, useRead } from '../ui/read.js';
import { ProblemBox } from '../ui/toast.js';

const TASK = ['Id', 'TaskState', 'TaskStatus', 'PercentComplete', 'StartTime', 'EndTime',
	...['Operation', 'Targets', 'TargetId', 'TargetsOk', 'TargetsFailed', 'Image', 'DryRun', 'Actor', 'WorkStarted']
		.map((name) => `Oem/ClusterBmc/${name}`)];

/* What is chosen outlives a look at another page. */
const image = signal({});
const chosen = signal(new Set());
const plan = signal(PLAN);

async function updates() {
	const all = await members(`${ROOT}/TaskService/Tasks`, TASK);
	return all.filter((task) => task.Oem?.ClusterBmc?.Operation === 'Update');
}

const names = (list) => (list.length <= 12 ? list.join(', ') : `${list.slice(0, 12).join(', ')} …`);

async function agreed(boards, stored, file) {
	const other = boards.filter((id) => fits(stored, id) === false);
	return confirm({ title: t('firmware.start'), danger: true, confirm: t('firmware.start.n', { n: boards.length }),
		body: html`
			<p>${t('firmware.start.does', { name: stored?.Name ?? file.name })}</p>
			<p><strong>${t('action.boards', { n: boards.length })}</strong> ${names(boards)}</p>
			${other.length > 0 && html`<p class="notice warning">${t('firmware.start.other', { names: names(other) })}</p>`}` });
}

function Sending({ sending }) {
	const { sent, all, stop } = sending;
	return html`
		<div class="summary" role="status">
			<span>${t(sent < all ? 'firmware.sending' : 'firmware.sent', { sent: bytes(sent), all: bytes(all) })}</span>
			<progress max=${all || 1} value=${sent} aria-label=${t('firmware.upload')}></progress>
			<button onClick=${stop}>${t('cancel')}</button>
		</div>`;
}

/* What was sent need not be sent again. */
async function chooseStored(id) {
	const stored = (await members(`${ROOT}/UpdateService/LocalImageStore`)).find((one) => one.Id === id);
	if (stored)
		image.value = { stored };
}

/* The start of an update: {start(dryRun), sending, problem}. */
function useStart(again) {
	const [sending, setSending] = useState(null);
	const [problem, setProblem] = useState(null);
	const busy = useRef(false);

	async function send(boards, dryRun) {
		const { stored, file } = image.value;
		const parameters = { Targets: boards.map((id) => board(id).value.uri), Oem: oemOf(plan.value, dryRun) };
		if (stored)
			return (await post(`${ROOT}/UpdateService/Actions/UpdateService.SimpleUpdate`,
				{ ...parameters, ImageURI: stored['@odata.id'] })).task;
		const abort = new AbortController();
		const shown = (sent, all) => setSending({ sent, all, stop: () => abort.abort() });
		shown(0, file.size);
		const task = await pushImage(file, parameters, shown, abort.signal);
		await chooseStored(task.Oem?.ClusterBmc?.Image);
		return task;
	}
	async function start(dryRun) {
		const boards = [...chosen.value].filter((id) => board(id).value);
		if (busy.current || !(dryRun || await agreed(boards, image.value.stored, image.value.file)))
			return;
		busy.current = true;
		setProblem(null);
		try {
			const task = await send(boards, dryRun);
			if (task)
				go('firmware', idOf(task));
		} catch (p) {
			if (p.name !== 'AbortError')
				setProblem(p);
		} finally {
			busy.current = false;
			setSending(null);
			again();
		}
	}
	return { start, sending, problem };
}

function History({ tasks, shown }) {
	return html`
		<section class="panel wide"><h2>${t('firmware.history')}</h2>
			${tasks.length === 0 ? html`<p class="muted">${t('firmware.history.none')}</p>` : html`
			<div class="scroll" tabindex="0"><table>
				<thead><tr>${['task', 'when', 'image', 'boards', 'ok', 'failed', 'by', 'state'].map((h) => html`
					<th key=${h} class=${['boards', 'ok', 'failed'].includes(h) ? 'n' : ''}>${t(`firmware.col.${h}`)}</th>`)}</tr></thead>
				<tbody>${tasks.map((task) => {
					const oem = task.Oem.ClusterBmc;
					return html`
						<tr key=${task.Id} class=${task.Id === shown ? 'chosen-row' : ''}>
							<td><a href=${link('firmware', task.Id)}>${t(oem.DryRun ? 'firmware.check.title' : 'firmware.update.title', { id: task.Id })}</a></td>
							<td class="when">${time(task.StartTime, { dateStyle: 'short', timeStyle: 'short' })}</td><td class="mono">${oem.Image ?? '–'}</td>
							<td class="n">${oem.Targets}</td><td class="n">${oem.TargetsOk}</td><td class="n">${oem.TargetsFailed}</td>
							<td>${oem.Actor}</td>
							<td><span class=${`severity ${isEnded(task) ? task.TaskStatus.toLowerCase() : ''}`}>${t(`taskstate.${task.TaskState}`)}</span></td>
						</tr>`;
				})}</tbody>
			</table></div>`}
		</section>`;
}

function Wizard({ tasks, again }) {
	const store = useRead(() => members(`${ROOT}/UpdateService/LocalImageStore`), 5000);
	const { start, sending, problem } = useStart(() => { again(); store.again(); });
	const { stored, file } = image.value;
	const all = ids.value.filter((id) => id !== 'main' && board(id).value?.class !== 'absent');
	const n = [...chosen.value].filter((id) => board(id).value).length;
	const ready = n > 0 && (stored || file) && !sending;
	if (!store.value)
		return html`<${Pending} of=${store} />`;
	return html`
		<${Images} images=${store.value} chosen=${image.value} again=${store.again} choose=${(one) => { image.value = one; }} />
		<${Boards} all=${all} chosen=${chosen.value} image=${stored} set=${(set) => { chosen.value = set; }} />
		<${Plan} plan=${plan.value} set=${(p) => { plan.value = p; }} n=${n} size=${stored?.SizeBytes ?? file?.size} tasks=${tasks} />
		<section class="panel wide start">
			<${ProblemBox} problem=${problem} title=${t('firmware.refused')} />
			${sending ? html`<${Sending} sending=${sending} />` : html`
				<div class="toolbar">
					<button disabled=${!ready} onClick=${() => start(true)}>${t('firmware.dry')}</button>
					<button class="primary" disabled=${!ready} onClick=${() => start(false)}>${t('firmware.start.n', { n })}</button>
					<span class="muted">${t(!n ? 'firmware.need.boards' : ready ? 'firmware.dry.does' : 'firmware.need.image')}</span>
				</div>`}
		</section>`;
}

export default function Firmware({ parts: [id] }) {
	const read = useRead(updates, 5000);
	const tasks = read.value ?? [];
	const running = tasks.filter((task) => !isEnded(task) && task.Id !== id);
	return html`
		<h1>${id ? html`<a href=${link('firmware')}>${t('page.firmware')}</a> / ${id}` : t('page.firmware')}</h1>
		${read.problem && html`<${ProblemBox} problem=${read.problem} />`}
		<div class="columns one">
			${id && html`<${Update} key=${id} id=${id} />`}
			${running.map((task) => html`<${Update} key=${task.Id} id=${task.Id} />`)}
			${!id && may('Operator') && html`<${Wizard} tasks=${tasks} again=${read.again} />`}
			<${History} tasks=${[...tasks].reverse()} shown=${id} />
		</div>`;
}
