// SPDX-License-Identifier: Apache-2.0
// What a board read during the last minutes, hour or day. Loaded when it is shown: uPlot is the largest
// of the libraries.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { idOf } from '../api.js';
import { bytes, t } from '../i18n.js';
import { SPANS, readHistory } from '../history.js';
import { usePoll } from '../poll.js';
import { Plot } from '../ui/plot.js';
import { ProblemBox } from '../ui/toast.js';

const share = (all) => (v) => (v === null || !all ? null : 100 * v / all);
const rateOf = (v) => (v === null || v === undefined ? '–' : `${bytes(v)}/s`);

/* {title, unit, lines: [[metric, label, of]], ...} of a plot. */
function plots({ memory, storage }) {
	return [
		{ title: t('history.usage'), unit: '%', max: 100, lines: [
			['BoardCpuLoad', t('board.cpu')], ['BoardMemoryUsed', t('board.memory'), share(memory)],
			['BoardStorageUsed', t('board.disk'), share(storage)]] },
		{ title: t('history.temperature'), unit: '°C', digits: 1, lines: [
			['BoardSocTemperature', t('history.soc')], ['SensorReading', t('history.board')]] },
		{ title: t('history.network'), format: rateOf, lines: [
			['NetworkReceived', t('board.received')], ['NetworkSent', t('board.sent')]] },
		{ title: t('history.power'), unit: 'W', digits: 1, lines: [['BoardPower', t('history.power')]] },
	];
}

/* Of several lines of one metric: whose this one is. */
function partOf(property) {
	return idOf(property.split('#')[0]);
}

function seriesOf(history, lines) {
	return lines.flatMap(([metric, label, of = (v) => v]) => {
		const all = history.series.filter((s) => s.metric === metric && s.values.some((v) => v !== null));
		return all.map((s) => ({ label: all.length > 1 ? `${label} ${partOf(s.property)}` : label, values: s.values.map(of) }));
	});
}

export default function History({ id, memory, storage }) {
	const [span, setSpan] = useState('Hour');
	const [history, set] = useState(null);
	const [problem, setProblem] = useState(null);
	usePoll(async () => {
		try {
			set({ span, id, ...await readHistory(id, span) });
			setProblem(null);
		} catch (p) {
			setProblem(p);
			throw p;
		}
	}, span === 'Day' ? 300000 : 10000, [id, span]);
	const there = history?.span === span && history.id === id;
	const shown = there ? plots({ memory, storage }).map((plot) => ({ ...plot, series: seriesOf(history, plot.lines) }))
		.filter((plot) => plot.series.length) : [];
	return html`
		<div class="toolbar">${Object.keys(SPANS).map((name) => html`
			<button key=${name} aria-pressed=${String(name === span)} onClick=${() => setSpan(name)}>${t(`history.${name}`)}</button>`)}</div>
		<${ProblemBox} problem=${problem} />
		${there && !shown.length && html`<p class="muted">${t('history.none')}</p>`}
		<div class="plots">${shown.map(({ lines, ...plot }) => html`
			<${Plot} key=${plot.title + span} ...${plot} times=${history.times} span=${SPANS[span].seconds} />`)}</div>`;
}
