// SPDX-License-Identifier: Apache-2.0
// Lines over time (uPlot). Of many lines the mean stands out. What the picture shows is a
// table, too.
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';

import { number, t, time } from '../i18n.js';
import { shown } from '../theme.js';

const HEIGHT = 190;
const LISTED = 12;

const FEW = 8; // lines that are told apart by colour; of more the mean stands out
const BINARY = Array.from({ length: 50 }, (_, i) => 2 ** i);

function colour(i, n, dark) {
	return `hsl(${Math.round(i * 137.5 + 210) % 360} ${dark ? '70% 65%' : '75% 38%'} / ${n > FEW ? 0.35 : 1})`;
}

function mean(series) {
	return series[0].values.map((_, i) => {
		const known = series.map((s) => s.values[i]).filter((v) => v !== null);
		return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
	});
}

/* What is drawn: the series, and of many their mean. */
function lines(series) {
	return series.length > FEW ? [...series, { label: t('plot.mean'), values: mean(series), bold: true }] : series;
}

/* Seconds where labels stand closer than a minute. */
function clock(u, at, axis, space, step) {
	const second = step < 60 ? { second: '2-digit' } : {};
	return at.map((s) => time(s * 1000, { hour: '2-digit', minute: '2-digit', ...second }));
}

/* One or two values make no line that can be seen. */
const few = (series) => series.values.filter((v) => v !== null).length < 3;

function optionsOf({ series, format, scale, min, max, span }, width, pointed) {
	const css = getComputedStyle(document.documentElement);
	const axis = { stroke: css.getPropertyValue('--muted'), grid: { stroke: css.getPropertyValue('--line'), width: 1 },
		ticks: { show: false }, font: '12px system-ui, sans-serif' };
	const dark = shown.peek() === 'dark';
	return {
		width, height: HEIGHT, legend: { show: false }, padding: [8, 8, 0, 0],
		cursor: { y: false, points: { size: 6 }, focus: { prox: 24 }, drag: { x: false, y: false } },
		focus: { alpha: series.length > 4 ? 0.15 : 0.6 },
		scales: { x: { time: true, range: (u, from, to) => [Math.min(from, to - span), to] },
			y: { range: (u, low, high) => [min ?? Math.min(low ?? 0, 0), Math.max(max ?? 0, (high ?? 1) * 1.05, 0.001)] } },
		axes: [{ ...axis, size: 32, values: clock },
			{ ...axis, size: 66, ...scale }],
		series: [{}, ...series.map((s, i) => ({ label: s.label, width: s.bold ? 2.6 : series.length > FEW ? 1 : 1.6,
			stroke: s.bold ? css.getPropertyValue('--text') : colour(i, series.length, dark), points: { show: few(s), size: 5 } }))],
		hooks: { setCursor: [pointed], setSeries: [pointed] },
	};
}

/* What the pointer is at, in words. */
function words(u, format) {
	const { idx } = u.cursor;
	const at = u.series.findIndex((s, i) => i > 0 && s._focus);
	if (idx === null || idx === undefined)
		return '';
	const which = at > 0 ? at : u.series.length === 2 ? 1 : 0;
	const when = time(u.data[0][idx] * 1000, { dateStyle: 'short', timeStyle: 'short' });
	const value = which ? u.data[which][idx] : null;
	return which ? `${when} · ${u.series[which].label}: ${value === null ? '–' : format(value)}` : when;
}

function useChart(props, ref, setAt) {
	const chart = useRef(null);
	const { times, format } = props;
	const series = lines(props.series);
	const names = series.map((s) => s.label).join('\n');
	const data = () => [times, ...series.map((s) => s.values)];
	useEffect(() => {
		chart.current = new UPlot(optionsOf({ ...props, series }, ref.current.clientWidth || 300,
			(u) => setAt(words(u, format))), data(), ref.current);
		const watch = new ResizeObserver(([{ contentRect: { width } }]) => chart.current?.setSize({ width, height: HEIGHT }));
		watch.observe(ref.current);
		return () => {
			watch.disconnect();
			chart.current.destroy();
			chart.current = null;
		};
	}, [names, props.span, shown.value]);
	useEffect(() => {
		chart.current?.setData(data());
	}, [times]);
}

function Numbers({ series, format }) {
	const rows = series.map((s) => ({ label: s.label, now: newest(s), known: s.values.filter((v) => v !== null) }))
		.filter((r) => r.known.length).sort((a, b) => (b.now ?? -Infinity) - (a.now ?? -Infinity)).slice(0, LISTED);
	return html`
		<details class="numbers"><summary>${t('plot.numbers')}</summary>
			<table>
				<thead><tr>${['what', 'now', 'least', 'mean', 'most'].map((h, i) => html`
					<th key=${h} class=${i ? 'n' : ''}>${t(`plot.${h}`)}</th>`)}</tr></thead>
				<tbody>${rows.map((r) => html`
					<tr key=${r.label}><td>${r.label}</td>
						${[r.now, Math.min(...r.known), r.known.reduce((a, b) => a + b, 0) / r.known.length, Math.max(...r.known)]
							.map((v, i) => html`<td key=${i} class="n">${v === null ? '–' : format(v)}</td>`)}</tr>`)}</tbody>
			</table>
		</details>`;
}

/* The newest known value of a series, or null. */
function newest(series) {
	return series.values.findLast((v) => v !== null) ?? null;
}

function top(series) {
	return series.filter((s) => newest(s) !== null).sort((a, b) => newest(b) - newest(a))[0];
}

function highest(series, format) {
	const most = top(series);
	return most && series.length > 1 ? t('plot.highest', { label: most.label, value: format(newest(most)) }) :
		most ? format(newest(most)) : '';
}

function summary(title, series, format) {
	const most = top(series);
	return most ? t('plot.summary', { title, n: series.length, label: most.label, value: format(newest(most)) }) :
		t('plot.empty', { title });
}

/* Which colour is which; of more lines the pointer tells. */
function Legend({ series }) {
	const dark = shown.value === 'dark';
	return series.length > 1 && series.length <= FEW && html`
		<ul class="plot-legend">${series.map((s, i) => html`
			<li key=${s.label}><svg width="14" height="4" aria-hidden="true"><path d="M0 2h14" stroke-width="4"
				stroke=${colour(i, series.length, dark)} /></svg>${s.label}</li>`)}</ul>`;
}

/** times: [s]; series: [{label, values}]; unit: "%" and digits, or format(value); span: seconds
 * that are shown at least; min, max: of the axis, which grows with the values. */
export function Plot({ title, times, series: all, unit = '', digits = 0, span = 0, min = 0, max, format }) {
	const ref = useRef(null);
	const [at, setAt] = useState('');
	const say = format ?? ((v) => `${number(v, digits)} ${unit}`.trim());
	const series = all.filter((s) => s.values.some((v) => v !== null));
	const scale = format ? { values: (u, at) => at.map((v) => format(v)), incrs: BINARY } :
		{ values: (u, at) => at.map((v) => number(v, digits + 1)) };
	useChart({ times, series, format: say, scale, span, min, max }, ref, setAt);
	return html`
		<figure class="plot">
			<figcaption><strong>${title}${unit && html` <small>${unit}</small>`}</strong>
				<span aria-hidden="true">${at || highest(series, say)}</span></figcaption>
			<div ref=${ref} class="plot-lines" role="img" aria-label=${summary(title, series, say)}></div>
			<${Legend} series=${series} />
			<${Numbers} series=${series} format=${say} />
		</figure>`;
}
