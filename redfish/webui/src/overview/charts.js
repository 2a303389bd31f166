// SPDX-License-Identifier: Apache-2.0
// The plots of one board, blade or chassis, and those of all boards.
import { html } from 'htm/preact';

import { ROOT, idOf, members } from '../api.js';
import { SPANS, readHistory } from '../history.js';
import { bytes, number, t } from '../i18n.js';
import { board } from '../store.js';
import { Plot } from '../ui/plot.js';
import { Pending, useRead } from '../ui/read.js';

/* What a reading belongs to: the last part of its resource's address, or of a board's metric
 * the board. */
function labelled(series) {
	const uri = series.property.split('#')[0];
	return { ...series, uri, label: idOf(uri.replace(/\/(Metrics|EnvironmentMetrics)$/, '')) };
}

async function history(what, span) {
	const report = await readHistory(what, span);
	return { ...report, series: report.series.map(labelled) };
}

const perSecond = (v) => `${bytes(v)}/s`;
const only = (report, ...metrics) => ({ ...report, series: report.series.filter((s) => metrics.includes(s.metric)) });
const named = (report, name) => ({ ...report, series: report.series.map((s) => ({ ...s, label: name(s) })) });

/* In percent of what there is of it, where that is known. */
function share(report, size) {
	return { ...report, series: report.series.map((s) => {
		const all = size(board(s.label).value);
		return { ...s, values: s.values.map((v) => (v === null || !all ? null : 100 * v / all)) };
	}) };
}

/** The plots of all boards, from one report each. */
export const ALL = {
	cpu: { of: ['BoardCpuLoad'], unit: '%', max: 100 },
	memory: { of: ['BoardMemoryUsed'], unit: '%', max: 100, make: (r) => share(r, (b) => b?.memory) },
	disk: { of: ['BoardStorageUsed'], format: bytes },
	temperature: { of: ['BoardSocTemperature'], unit: '°C', max: 90 },
	received: { of: ['NetworkReceived'], format: perSecond },
	sent: { of: ['NetworkSent'], format: perSecond },
	fans: { of: ['FanSpeed'], unit: '1/min' },
	power: { of: ['ChassisPower', 'PsuInputPower'], unit: 'W' },
};

async function together(metrics, span) {
	const reports = await Promise.all(metrics.map((m) => history(m, span)));
	const longest = reports.reduce((a, b) => (b.times.length > a.times.length ? b : a));
	const pad = (r) => r.series.map((s) => ({ ...s,
		values: [...Array(longest.times.length - r.times.length).fill(null), ...s.values] }));
	return { ...longest, series: reports.flatMap(pad) };
}

export function OfAll({ name, span, every, turn }) {
	const one = ALL[name];
	const read = useRead(() => together(one.of, span), every, [name, span, every, turn]);
	if (!read.value)
		return html`<${Pending} of=${read} />`;
	const report = one.make ? one.make(read.value) : read.value;
	return html`<${Plot} title=${t(`overview.${name}`)} times=${report.times} series=${report.series} span=${SPANS[span].seconds} unit=${one.unit}
		format=${one.format} max=${one.max} />`;
}

async function withSensors(id, span) {
	const [report, sensors] = await Promise.all([history(id, span),
		members(`${ROOT}/Chassis/${encodeURIComponent(id)}/Sensors`, ['Id', 'Name', 'ReadingType']).catch(() => [])]);
	return { report, sensors: new Map(sensors.map((s) => [s['@odata.id'], s])) };
}

function sensorPlots({ report, sensors }) {
	const type = (s) => sensors.get(s.uri)?.ReadingType ?? 'Other';
	const readings = only(report, 'SensorReading');
	return [...new Set(readings.series.map(type))].filter((kind) => kind !== 'Temperature').map((kind) => [kind,
		named({ ...readings, series: readings.series.filter((s) => type(s) === kind) }, (s) => sensors.get(s.uri)?.Name ?? s.label)]);
}

/* The chip's and the sensors' temperatures. */
function warmth({ report, sensors }) {
	const sensor = (s) => sensors.get(s.uri);
	return named({ ...report, series: report.series.filter((s) => s.metric === 'BoardSocTemperature' ||
		s.metric === 'DriveTemperature' || sensor(s)?.ReadingType === 'Temperature') },
	(s) => (s.metric === 'BoardSocTemperature' ? t('overview.soc') : sensor(s)?.Name ?? s.label));
}

const UNITS = { Voltage: 'V', Current: 'A', Power: 'W', Rotational: '1/min', Percent: '%', Humidity: '%' };

/** Everything that is known of one board, blade or chassis. span: a name of SPANS. */
export function Charts({ id, span = 'Hour', every = 20000, turn = 0 }) {
	const read = useRead(() => withSensors(id, span), every, [id, span, every, turn]);
	if (!read.value)
		return html`<${Pending} of=${read} />`;
	const { report } = read.value;
	const plots = [
		['cpu', only(report, 'BoardCpuLoad'), { unit: '%', max: 100 }],
		['memory', only(report, 'BoardMemoryUsed'), { format: bytes, max: board(id).value?.memory }],
		['disk', only(report, 'BoardStorageUsed', 'DriveUsed'), { format: bytes }],
		['temperature', warmth(read.value), { unit: '°C', digits: 1 }],
		['network', named(only(report, 'NetworkReceived', 'NetworkSent'),
			(s) => `${s.label} ${t(s.metric === 'NetworkSent' ? 'overview.out' : 'overview.in')}`), { format: perSecond }],
		['power', only(report, 'BoardPower', 'ChassisPower', 'PsuInputPower', 'PsuOutputPower'), { unit: 'W', digits: 1 }],
		['fans', only(report, 'FanSpeed'), { unit: '1/min' }],
	].filter(([, r]) => r.series.length);
	return html`
		<div class="plots">
			${plots.map(([name, r, more]) => html`
				<div key=${name} class="panel"><${Plot} title=${t(`overview.${name}`)} times=${r.times} series=${r.series} span=${SPANS[span].seconds} ...${more} /></div>`)}
			${sensorPlots(read.value).map(([kind, r]) => html`
				<div key=${kind} class="panel"><${Plot} title=${kind} times=${r.times} series=${r.series} span=${SPANS[span].seconds} digits=${1} unit=${UNITS[kind] ?? ''}
					format=${UNITS[kind] ? undefined : (v) => number(v, 1)} /></div>`)}
		</div>`;
}
