// SPDX-License-Identifier: Apache-2.0
// A quarter less than a ring: how much of something, with its number in the middle.
import { html } from 'htm/preact';

const LENGTH = 2 * Math.PI * 40 * 0.75;

/** value of max; unknown: null. level: '', 'warning' or 'critical'. text: in the middle. */
export function Gauge({ label, value, max = 100, text, level = '', hint }) {
	const known = value !== null && value !== undefined && max > 0;
	const part = known ? Math.max(0, Math.min(value / max, 1)) : 0;
	return html`
		<div class=${`gauge ${level}`} role="meter" aria-label=${label} title=${hint}
			aria-valuemin="0" aria-valuemax=${max} aria-valuenow=${known ? value : 0} aria-valuetext=${known ? text : '–'}>
			<svg viewBox="0 0 100 88" aria-hidden="true">
				<path class="track" d="M21.7 78.3A40 40 0 1 1 78.3 78.3" />
				<path class="part" d="M21.7 78.3A40 40 0 1 1 78.3 78.3"
					style=${{ strokeDasharray: `${part * LENGTH} 999` }} />
				<text x="50" y="56" text-anchor="middle">${known ? text : '–'}</text>
			</svg>
			<span aria-hidden="true">${label}</span>
		</div>`;
}
