// SPDX-License-Identifier: Apache-2.0
// The front panel of an enclosure whose boards stand in one row, as the R1's is: network ports
// with their links, what else can be plugged in, the disk.
import { html } from 'htm/preact';

import { rate } from '../board/detail.js';
import { t } from '../i18n.js';

function Socket({ name, kind, on, hint }) {
	return html`
		<div class=${`socket ${kind} ${on ? 'on' : ''}`} title=${hint}>
			<i aria-hidden="true"></i><span>${name}</span>${hint && html`<span class="hidden">${hint}</span>`}
		</div>`;
}

function linkOf(port) {
	return port.LinkStatus === 'LinkUp' ? rate((port.CurrentSpeedGbps ?? 0) * 1000) || t('board.up') : t('board.down');
}

/* What the documents of the R1 show and no reading tells of. */
const FIXED = [['USB', 'usb'], ['USB', 'usb'], ['HDMI', 'hdmi'], ['OTG', 'otg'], ['SIM', 'sim']];

export function FrontPanel({ enclosure, parts }) {
	const isR1 = /\bR1\b/.test(enclosure.chassis.Model ?? '');
	return html`
		<div class="front-panel" role="group" aria-label=${t('chassis.panel')}>
			${parts.ports.map((p) => html`<${Socket} key=${p.Id} kind="rj45" on=${p.LinkStatus === 'LinkUp'}
				name=${p.Name.replace(/^Front /, '')} hint=${linkOf(p)} />`)}
			${isR1 && FIXED.map(([name, kind], i) => html`<${Socket} key=${i} kind=${kind} name=${name} />`)}
			${parts.drives.map((d) => html`<${Socket} key=${d.Id} kind="bay" on=${d.Status?.State === 'Enabled'} name=${d.Name}
				hint=${d.Status?.State === 'Enabled' ? d.Model ?? '' : t('state.absent')} />`)}
			<span class="legend"><i class="lan on" aria-hidden="true"></i>LAN <i class="work on" aria-hidden="true"></i>WORK</span>
		</div>`;
}
