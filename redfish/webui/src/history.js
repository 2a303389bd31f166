// SPDX-License-Identifier: Apache-2.0
// The agent's own history: the last hour (samples) and day (means) of all readings, as metric
// reports. One report is what a part (a board, a blade, a chassis) read, or a metric of all.
import { ROOT, get } from './api.js';

/** name: {report, seconds: how long it is}; `part`: of the report the newest only. */
export const SPANS = {
	Minutes: { report: 'Hour', seconds: 600, part: true },
	Hour: { report: 'Hour', seconds: 3600 },
	Day: { report: 'Day', seconds: 86400 },
};

function numbers(text) {
	return text ? text.split(',').map((n) => (n === '' ? null : Number(n))) : [];
}

/** id: of a part, or a metric's name. {every (s), times ([s]), series: [{metric, property,
 * values}]}, all as long, the oldest first; null: it was not read. */
export async function readHistory(id, span) {
	const { report: name, seconds, part } = SPANS[span];
	const report = await get(`${ROOT}/TelemetryService/MetricReports/${encodeURIComponent(`${id}.${name}`)}`);
	const { Series = [], IntervalSeconds = 1 } = report.Oem?.ClusterBmc ?? {};
	const values = Series.map(numbers);
	const most = part ? Math.ceil(seconds / IntervalSeconds) : Infinity;
	const n = Math.min(most, Math.max(0, ...values.map((v) => v.length)));
	const end = Math.round(Date.parse(report.Timestamp) / 1000);
	return {
		every: IntervalSeconds,
		times: Array.from({ length: n }, (_, i) => end - (n - 1 - i) * IntervalSeconds),
		series: values.map((v, i) => ({
			metric: report.MetricValues[i].MetricId, property: report.MetricValues[i].MetricProperty,
			values: [...Array(Math.max(n - v.length, 0)).fill(null), ...v.slice(Math.max(v.length - n, 0))],
		})),
	};
}
