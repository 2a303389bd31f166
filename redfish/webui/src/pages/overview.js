// SPDX-License-Identifier: Apache-2.0
// Dashboards: all boards (overview), or one of them, a blade or the chassis (details).
import { computed, signal } from '@preact/signals';
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { ALL, Charts, OfAll } from '../overview/charts.js';
import { SPANS } from '../history.js';
import { number, t } from '../i18n.js';
import { NEVER } from '../poll.js';
import { go, link, webAddress } from '../router.js';
import { CLASSES } from '../states.js';
import { board, counts, ids, places } from '../store.js';
import { Field } from '../ui/form.js';

const EVERY = [5, 20, 60]; // s
const GRAFANA = 'clusterbmc.grafana';

const span = signal('Hour');
const every = signal(20);
const paused = signal(false);
const turn = signal(0);
const grafana = signal(localStorage.getItem(GRAFANA) ?? '');

const busiest = computed(() => ids.value.map((id) => board(id).value).filter((b) => b && b.load !== null && b.load !== undefined)
	.sort((a, b) => b.load - a.load)[0]);
const warmest = computed(() => ids.value.map((id) => board(id).value).filter((b) => b && b.temperature !== null && b.temperature !== undefined)
	.sort((a, b) => b.temperature - a.temperature)[0]);
const watts = computed(() => ids.value.reduce((sum, id) => sum + (board(id).value?.watts ?? 0), 0));
const alarmed = computed(() => ids.value.filter((id) => board(id).value?.alarms.length).length);

function Tile({ label, value, to, level = '' }) {
	return html`<a class=${`tile ${level}`} href=${to}><span>${label}</span><strong>${value}</strong></a>`;
}

function Tiles() {
	const n = counts.value;
	const [hot, busy] = [warmest.value, busiest.value];
	return html`
		<div class="tiles">
			${Object.entries(CLASSES).map(([name, [, word]]) => html`
				<${Tile} key=${name} label=${t(word)} value=${`${n[name]} / ${n.all}`} level=${n[name] ? name : ''} to=${link('chassis')} />`)}
			<${Tile} label=${t('overview.alarms')} value=${alarmed.value} level=${alarmed.value ? 'critical' : ''} to=${link('alarms')} />
			${busy && html`<${Tile} label=${t('overview.busiest')} value=${`${busy.id} ${number(busy.load)} %`} to=${link('overview', busy.id)} />`}
			${hot && html`<${Tile} label=${t('overview.warmest')} value=${`${hot.id} ${number(hot.temperature)} °C`} to=${link('overview', hot.id)} />`}
			<${Tile} label=${t('overview.watts')} value=${`${number(watts.value)} W`} to=${link('overview')} />
		</div>`;
}

function Grafana() {
	const [open, set] = useState(false);
	const address = webAddress(grafana.value);
	function keep(e) {
		grafana.value = e.target.value.trim();
		localStorage.setItem(GRAFANA, grafana.value);
	}
	return html`
		${address && html`<a class="button" href=${address} target="_blank" rel="noopener noreferrer">Grafana ↗</a>`}
		<button class="plain" aria-expanded=${String(open)} onClick=${() => set(!open)}>${t('overview.grafana')}</button>
		${open && html`<${Field} label=${t('overview.grafana.address')} hint=${t('overview.grafana.hint')} type="url" value=${grafana.value}
			placeholder="192.168.1.10:3000" onChange=${keep} />`}`;
}

function Controls({ id }) {
	const chassis = (places.value ?? []).filter((p) => !board(p.Id).value);
	return html`
		<div class="toolbar">
			<select aria-label=${t('overview.of')} value=${id ?? ''} onChange=${(e) => (e.target.value ? go('overview', e.target.value) : go('overview'))}>
				<option value="" selected=${!id}>${t('overview.all')}</option>
				<optgroup label=${t('overview.chassis')}>${chassis.map((p) => html`<option key=${p.Id} value=${p.Id} selected=${p.Id === id}>${p.Name}</option>`)}</optgroup>
				<optgroup label=${t('overview.boards')}>${ids.value.map((b) => html`<option key=${b} value=${b} selected=${b === id}>${b}</option>`)}</optgroup>
			</select>
			<select aria-label=${t('overview.period')} value=${span.value} onChange=${(e) => { span.value = e.target.value; }}>
				${Object.keys(SPANS).map((s) => html`<option key=${s} value=${s} selected=${s === span.value}>${t(`history.${s}`)}</option>`)}
			</select>
			<select aria-label=${t('overview.every')} value=${every.value} onChange=${(e) => { every.value = Number(e.target.value); }}>
				${EVERY.map((s) => html`<option key=${s} value=${s} selected=${s === every.value}>${t(`overview.every.${s}`)}</option>`)}
			</select>
			<button aria-pressed=${String(paused.value)} onClick=${() => { paused.value = !paused.value; }}>${t('overview.pause')}</button>
			<button onClick=${() => { turn.value++; }}>${t('refresh')}</button>
			<span class="grow"></span>
			<${Grafana} />
		</div>`;
}

export default function Overview({ parts: [id] }) {
	const ms = paused.value ? NEVER : every.value * 1000;
	return html`
		<h1>${id ?? t('page.overview')}</h1>
		${!id && html`<${Tiles} />`}
		<${Controls} id=${id} />
		${id ? html`<${Charts} id=${id} span=${span.value} every=${ms} turn=${turn.value} />` : html`
			<div class="plots">${Object.keys(ALL).map((name) => html`
				<div key=${name} class="panel"><${OfAll} name=${name} span=${span.value} every=${ms} turn=${turn.value} /></div>`)}</div>`}`;
}
