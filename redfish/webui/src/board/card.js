// SPDX-License-Identifier: Apache-2.0
// The card of one board: its state, what it is made of, its address, how busy and warm it is.
import { html } from 'htm/preact';

import { bytes, number, t } from '../i18n.js';
import { link } from '../router.js';
import { may } from '../session.js';
import { CLASSES, detailOf } from '../states.js';
import { board } from '../store.js';
import { act } from '../chassis/actions.js';
import { pageOf } from '../pages.js';
import { Gauge } from '../ui/gauge.js';
import { Icon } from '../ui/icon.js';
import { addresses, rate, useDetail } from './detail.js';

const percent = (value) => (value === null || value === undefined ? null : `${number(value)} %`);

function part(used, all) {
	return used === null || used === undefined || !all ? null : 100 * used / all;
}

function Gauges({ of, detail }) {
	const memory = part(of.memoryUsed, of.memory);
	const disk = part(of.storageUsed, detail.storage);
	const level = (alarm, value, warn) => (of.alarms.includes(alarm) ? 'critical' : value > warn ? 'warning' : '');
	return html`
		<div class="gauges">
			<${Gauge} label=${t('board.cpu')} value=${of.load} text=${percent(of.load)} level=${level('Cpu', of.load, 90)} />
			<${Gauge} label=${t('board.memory')} value=${memory} text=${percent(memory)} level=${level('Memory', memory, 90)}
				hint=${t('board.of', { used: bytes(of.memoryUsed), all: bytes(of.memory) })} />
			<${Gauge} label=${t('board.disk')} value=${disk} text=${percent(disk)} level=${level('Storage', disk, 85)}
				hint=${t('board.of', { used: bytes(of.storageUsed), all: bytes(detail.storage) })} />
			<${Gauge} label=${t('board.temperature')} value=${of.temperature} max=${100} level=${level('Temperature', of.temperature, 80)}
				text=${of.temperature === null || of.temperature === undefined ? null : `${number(of.temperature)} °C`} />
		</div>`;
}

function Nics({ nics, ip }) {
	const first = nics.find((n) => addresses(n).includes(ip)) ?? nics[0];
	const lines = nics.map((n) => [n.Name, ...addresses(n), rate(n.SpeedMbps)].filter(Boolean).join(' '));
	return html`
		<div class="address" title=${lines.join('\n')}>
			<${Icon} name="network" /><span>${ip ?? t('board.noip')}</span>
			${first?.SpeedMbps && html`<span class="muted">${rate(first.SpeedMbps)}</span>`}
		</div>`;
}

function Made({ of, detail }) {
	const cpu = [of.soc ?? of.cpu, of.cores && `${of.cores} ×`, detail.mhz && `${number(detail.mhz / 1000, 1)} GHz`]
		.filter(Boolean).join(' ');
	return html`
		<dl class="made">
			<div><dt>${t('board.cpu')}</dt><dd>${cpu || '–'}</dd></div>
			<div><dt>${t('board.ddr')}</dt><dd>${bytes(of.memory)}</dd></div>
			<div><dt>${t('board.emmc')}</dt><dd>${bytes(detail.storage)}</dd></div>
		</dl>`;
}

export function StateWord({ of }) {
	const detail = of.class === 'absent' ? '' : of.class === 'offline' ?
		of.power === 'Off' ? t('power.off') : '' : detailOf(of);
	return html`
		<span class=${`state ${of.class}`}><b aria-hidden="true">${CLASSES[of.class][0]}</b>
			${t(CLASSES[of.class][1])} <span>${detail}</span></span>`;
}

/** full: on the board's own page, without a link to it. */
export function Card({ id, full }) {
	const of = board(id).value;
	const detail = useDetail(id);
	if (!of)
		return null;
	const normal = of.class === 'normal';
	return html`
		<article class=${`card ${of.class}`} aria-label=${id}>
			<header><${StateWord} of=${of} /><span class="grow"></span>
				<span class="muted">${[normal && of.os, of.hardware && `HW ${of.hardware}`].filter(Boolean).join(' · ')}</span></header>
			<div class="card-body">
				<div class="card-name"><strong>${id}</strong>${of.label && of.label !== id && html`<span>${of.label}</span>`}
					<span class="grow"></span>
					${pageOf('shell') && id !== 'main' && normal && may('Administrator') && html`
						<a class="button" href=${link('shell', id)} title=${t('board.shell')} aria-label=${t('board.shell')}><${Icon} name="shell" /></a>`}
					${!full && html`<a class="button" href=${link('boards', id)} title=${t('chassis.open')} aria-label=${t('chassis.open')}>
						<${Icon} name="overview" /></a>`}
					${may('Operator') && of.class !== 'absent' && id !== 'main' && html`
						<button title=${t('action.reset')} aria-label=${t('action.reset')} onClick=${() => act('reset', [id])}>
							<${Icon} name="restart" /></button>`}
				</div>
				<${Made} of=${of} detail=${detail} />
				${normal && html`<${Nics} nics=${detail.nics} ip=${of.ip} /><${Gauges} of=${of} detail=${detail} />`}
				${of.class === 'maintenance' && html`<p class="muted">${t('board.maintenance')}</p>`}
				${of.alarms.map((a) => html`<p key=${a} class="notice critical">${t(`alarm.${a}`)}</p>`)}
			</div>
		</article>`;
}
