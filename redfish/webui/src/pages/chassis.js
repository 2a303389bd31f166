// SPDX-License-Identifier: Apache-2.0
// The chassis page: fronts, filters, the selection and what can be done to it, and the parts
// of the enclosure.
import { computed, signal } from '@preact/signals';
import { html } from 'htm/preact';

import { ACTIONS, act, setLocator } from '../chassis/actions.js';
import { Card } from '../board/card.js';
import { Front } from '../chassis/front.js';
import { List } from '../chassis/list.js';
import { layoutOf } from '../chassis/layout.js';
import { FrontPanel } from '../chassis/panel.js';
import { Parts, Summary, partsOf, usePartsOf } from '../chassis/parts.js';
import { select, selected, several } from '../chassis/selection.js';
import { t } from '../i18n.js';
import { link } from '../router.js';
import { may } from '../session.js';
import { CLASSES, detailOf } from '../states.js';
import { board, ids, places, problem } from '../store.js';
import { running } from '../tasks.js';
import { Icon } from '../ui/icon.js';
import { Progress } from '../ui/progress.js';
import { ProblemBox } from '../ui/toast.js';

const text = signal('');
const state = signal('');
const listed = signal(false); // as a table, not as the front

const layout = computed(() => layoutOf(places.value ?? [], ids.value));

function matches(of) {
	const words = [of.id, of.label, of.model, of.soc, of.os, of.ip, detailOf(of)].join(' ').toLowerCase();
	return (!state.value || of.class === state.value) &&
		text.value.toLowerCase().split(/\s+/).every((word) => words.includes(word));
}

const standing = (enclosures) => enclosures.flatMap((e) => e.groups.flatMap((g) => g.boards));

/* Ids in the order in which they stand, as far as the filters let them through. */
function shownIn(enclosures) {
	return standing(enclosures).filter((id) => board(id).value && matches(board(id).value));
}

function Filters({ n, all }) {
	const filtered = text.value || state.value;
	return html`
		<div class="toolbar" role="search">
			<label class="search"><${Icon} name="search" />
				<input type="search" aria-label=${t('chassis.find')} placeholder=${t('chassis.find')} value=${text.value}
					onInput=${(e) => { text.value = e.target.value; }} /></label>
			<select aria-label=${t('chassis.state')} value=${state.value} onChange=${(e) => { state.value = e.target.value; }}>
				<option value="">${t('chassis.devices')}</option>
				${Object.entries(CLASSES).map(([name, [, word]]) => html`<option key=${name} value=${name}>${t(word)}</option>`)}
			</select>
			<button aria-pressed=${String(state.value === 'offline')}
				onClick=${() => { state.value = state.value === 'offline' ? '' : 'offline'; }}>${t('chassis.offline')}</button>
			<span class="grow"></span>
			${filtered && html`<span class="muted" role="status">${t('chassis.shown', { n, all })}</span>`}
			<button aria-pressed=${String(listed.value)} onClick=${() => { listed.value = !listed.value; }}>${t('chassis.list')}</button>
			<button aria-pressed=${String(several.value)} onClick=${() => { several.value = !several.value; }}>
				${t('chassis.several')}</button>
		</div>`;
}

function ActionBar({ order }) {
	const chosen = [...selected.value].filter((id) => board(id).value);
	const allowed = may('Operator');
	const lit = chosen.length > 0 && chosen.every((id) => board(id).value.locator);
	return html`
		<div class=${`actions ${chosen.length ? '' : 'none'}`} role="toolbar" aria-label=${t('chassis.actions')}>
			<span class="chosen" role="status">${t('chassis.chosen', { n: chosen.length })}</span>
			<button class="plain" onClick=${() => select(order)}>${t('chassis.all')}</button>
			<button class="plain" disabled=${!chosen.length} onClick=${() => select([])}>${t('chassis.no')}</button>
			<span class="grow"></span>
			${chosen.length === 1 && html`<a class="button" href=${link('boards', chosen[0])}>${t('chassis.open')}</a>`}
			${allowed && html`
				${Object.entries(ACTIONS).map(([name, { icon }]) => html`
					<button key=${name} disabled=${!chosen.length} title=${t(`action.${name}.does`)}
						onClick=${() => act(name, chosen)}><${Icon} name=${icon} />${t(`action.${name}`)}</button>`)}
				<button disabled=${!chosen.length} aria-pressed=${String(lit)} title=${t('action.locator.does')}
					onClick=${() => setLocator(chosen, !lit)}><${Icon} name="led" />${t('action.locator')}</button>`}
		</div>`;
}

function Running() {
	return running.value.length > 0 && html`
		<section class="running" aria-label=${t('chassis.running')}>
			${running.value.map((task) => html`<${Progress} key=${task['@odata.id']} task=${task} />`)}
		</section>`;
}

/* The card of the one that is selected, or how many of each state are. */
function Selected() {
	const chosen = [...selected.value].filter((id) => board(id).value);
	if (chosen.length === 1)
		return html`<${Card} key=${chosen[0]} id=${chosen[0]} />`;
	if (!chosen.length)
		return html`<p class="muted hint">${t('chassis.hint')}</p>`;
	return html`
		<div class="panel chosen-list">
			${Object.entries(CLASSES).map(([name, [letter, word]]) => {
				const of = chosen.filter((id) => board(id).value.class === name);
				return of.length > 0 && html`
					<p key=${name}><span class=${`state ${name}`}><b aria-hidden="true">${letter}</b>${t(word)}</span>
						${' '}${of.length}: <span class="muted">${of.slice(0, 24).join(', ')}${of.length > 24 ? ' …' : ''}</span></p>`;
			})}
		</div>`;
}

function EnclosureFront({ enclosure, order }) {
	const uri = enclosure.chassis['@odata.id'];
	const row = enclosure.groups.every((g) => !g.chassis);
	usePartsOf(uri);
	const parts = partsOf(uri).value;
	return html`
		<section class="enclosure" aria-label=${enclosure.chassis.Name}>
			<${Summary} enclosure=${enclosure} parts=${parts} />
			<${Front} enclosure=${enclosure} order=${order} />
			${row && parts && html`<${FrontPanel} enclosure=${enclosure} parts=${parts} />`}
		</section>`;
}

export default function Chassis() {
	if (!ids.value.length || !places.value)
		return problem.value ? html`<${ProblemBox} problem=${problem.value} />` :
			html`<p class="muted" aria-busy="true">${t('loading')}</p>`;
	const order = shownIn(layout.value);
	return html`
		<h1 class="hidden">${t('page.chassis')}</h1>
		<${Filters} n=${order.length} all=${standing(layout.value).length} />
		<div class="chassis-columns">
			${listed.value ? html`<${List} key="list" order=${order} />` : layout.value.map((enclosure) => (enclosure.chassis ?
				html`<${EnclosureFront} key=${enclosure.id} enclosure=${enclosure} order=${order} />` :
				html`<${Front} key="rest" enclosure=${enclosure} order=${order} />`))}
			<aside aria-label=${t('chassis.selection')}><${Selected} /><${Running} /></aside>
			${!listed.value && layout.value.filter((e) => e.chassis).map((e) => html`<${Parts} key=${e.id} uri=${e.chassis['@odata.id']} />`)}
		</div>
		<${ActionBar} order=${order} />`;
}
