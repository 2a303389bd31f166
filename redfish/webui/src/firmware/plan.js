// SPDX-License-Identifier: Apache-2.0
// In which order and how carefully: waves, how many may fail, the check after writing; and how
// long that takes, judged by the last update.
import { html } from 'htm/preact';

import { ROOT, get, idOf, members } from '../api.js';
import { duration, t } from '../i18n.js';
import { useRead } from '../ui/read.js';
import { Choice, Field } from '../ui/form.js';

/** What the form begins with; '' leaves a choice to the agent. */
export const PLAN = { CanarySize: '1', BatchSize: '', DelayBetweenBatchesInSeconds: '', MaxFailed: '',
	MaxPerBlade: '', Verify: 'Full' };
const NUMBERS = {
	CanarySize: [0, 2048], BatchSize: [1, 2048], MaxFailed: [0, 2048], MaxPerBlade: [1, 2048],
	DelayBetweenBatchesInSeconds: [0, 86400],
};

/** The Oem object of an update's parameters. */
export function oemOf(plan, dryRun) {
	const own = {};
	for (const name of Object.keys(NUMBERS))
		if (plan[name] !== '')
			own[name] = Number(plan[name]);
	own.Verify = plan.Verify;
	if (dryRun)
		own.DryRun = true;
	return { ClusterBmc: own };
}

/** Waves in which so many boards are updated: [first, others, how many others]. */
export function wavesOf(plan, n) {
	const canary = Math.min(Number(plan.CanarySize) || 0, n);
	const rest = n - canary;
	const batch = Number(plan.BatchSize) || rest;
	return { canary: n > canary ? canary : 0, batch: Math.min(batch, rest || n),
		waves: (canary > 0 ? 1 : 0) + (rest > 0 ? Math.ceil(rest / Math.max(batch, 1)) : 0) };
}

/* Seconds that a board took in the newest update that wrote something, and its image. */
async function lastPace(tasks) {
	const one = tasks.filter((task) => task.Oem.ClusterBmc.TargetsOk > 0 && !task.Oem.ClusterBmc.DryRun && task.EndTime).at(-1);
	if (!one)
		return null;
	const parts = await members(`${one['@odata.id']}/SubTasks`, ['Id', 'TaskState', 'StartTime', 'EndTime', 'Oem/ClusterBmc/WorkStarted']);
	const times = parts.filter((p) => p.TaskState === 'Completed' && p.EndTime)
		.map((p) => (Date.parse(p.EndTime) - Date.parse(p.Oem?.ClusterBmc?.WorkStarted ?? p.StartTime)) / 1000)
		.sort((a, b) => a - b);
	if (!times.length)
		return null;
	const image = await get(`${ROOT}/UpdateService/LocalImageStore/${encodeURIComponent(one.Oem.ClusterBmc.Image ?? '')}`)
		.catch(() => null);
	return { seconds: Math.max(times[Math.floor(times.length / 2)], 1), size: image?.SizeBytes ?? null, of: idOf(one) };
}

function Estimate({ plan, n, size, tasks }) {
	const pace = useRead(() => lastPace(tasks), 60000, [tasks.at(-1)?.['@odata.id']]).value;
	const { canary, batch, waves } = wavesOf(plan, n);
	const per = pace && pace.seconds * (size && pace.size ? size / pace.size : 1);
	const all = pace && waves * per + Math.max(waves - 1, 0) * (Number(plan.DelayBetweenBatchesInSeconds) || 0);
	return html`
		<p role="status" class="estimate">
			${canary > 0 && html`${t('firmware.canary.first', { n: canary })} `}
			${t(waves > (canary ? 2 : 1) ? 'firmware.waves' : 'firmware.together', { n: n - canary, batch, waves })}
			${' '}<strong>${all ? t('firmware.about', { time: duration(all), id: pace.of }) : t('firmware.noestimate')}</strong>
		</p>`;
}

export function Plan({ plan, set, n, size, tasks }) {
	const change = (name) => (e) => set({ ...plan, [name]: e.target.value });
	return html`
		<section class="panel wide" aria-labelledby="step-plan">
			<h2 id="step-plan"><span class="step">3</span> ${t('firmware.plan')}</h2>
			<div class="fields">
				${Object.entries(NUMBERS).map(([name, [min, max]]) => html`
					<${Field} key=${name} label=${t(`firmware.${name}`)} hint=${t(`firmware.${name}.hint`)} type="number"
						min=${min} max=${max} value=${plan[name]} placeholder=${t(`firmware.${name}.none`)} onInput=${change(name)} />`)}
				<${Choice} label=${t('firmware.Verify')} hint=${t('firmware.Verify.hint')} value=${plan.Verify} onChange=${change('Verify')}
					options=${['Full', 'Sampled', 'None'].map((v) => [v, t(`firmware.Verify.${v}`)])} />
			</div>
			${n > 0 && html`<${Estimate} plan=${plan} n=${n} size=${size} tasks=${tasks} />`}
		</section>`;
}
