// SPDX-License-Identifier: Apache-2.0
// The boards that are to be updated: two lists, as the seed's page has them. Ctrl and shift
// select several, Enter or a double click moves.
import { html } from 'htm/preact';
import { useRef, useState } from 'preact/hooks';

import { t } from '../i18n.js';
import { CLASSES, detailOf } from '../states.js';
import { board } from '../store.js';
import { fits } from './images.js';

function text(id, image) {
	const of = board(id).value;
	const wrong = fits(image, id) === false ? `⚠ ${t('firmware.otherchip')}` : '';
	return [id, of?.soc, `${CLASSES[of?.class ?? 'absent'][0]} ${detailOf(of ?? {})}`, wrong].filter(Boolean).join(' · ');
}

function List({ name, label, ids, image, move, list }) {
	const chosen = () => [...list.current.selectedOptions].map((o) => o.value);
	return html`
		<label class="field grow">
			<span>${label} <b class="n">${ids.length}</b></span>
			<select multiple size="12" ref=${list} data-list=${name}
				onDblClick=${(e) => e.target.tagName === 'OPTION' && move([e.target.value])}
				onKeyDown=${(e) => { if (e.key === 'Enter') { e.preventDefault(); move(chosen()); } }}>
				${ids.map((id) => html`<option key=${id} value=${id}>${text(id, image)}</option>`)}
			</select>
		</label>`;
}

/** all: ids that can be chosen, in order; chosen: Set; set(Set). */
export function Boards({ all, chosen, set, image }) {
	const [filter, setFilter] = useState('');
	const [left, right] = [useRef(null), useRef(null)];
	const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
	const matches = (id) => words.every((word) => text(id, null).toLowerCase().includes(word));
	const available = all.filter((id) => !chosen.has(id) && matches(id));
	const fitting = available.filter((id) => fits(image, id) !== false);
	const picked = all.filter((id) => chosen.has(id));
	const add = (ids) => set(new Set([...chosen, ...ids]));
	const drop = (ids) => set(new Set(picked.filter((id) => !ids.includes(id))));
	const selected = (ref) => [...ref.current.selectedOptions].map((o) => o.value);
	return html`
		<section class="panel wide" aria-labelledby="step-boards">
			<h2 id="step-boards"><span class="step">2</span> ${t('firmware.boards')}</h2>
			<input type="search" class="filter" aria-label=${t('firmware.filter')} placeholder=${t('firmware.filter')} value=${filter}
				onInput=${(e) => setFilter(e.target.value)} />
			<div class="lists">
				<${List} name="available" label=${t('firmware.available')} ids=${available} image=${image} move=${add} list=${left} />
				<div class="moves">
					<button onClick=${() => add(selected(left))}>${t('firmware.add')} →</button>
					<button onClick=${() => add(fitting)}>${t('firmware.addall')} »</button>
					<button onClick=${() => drop(selected(right))}>← ${t('firmware.delete')}</button>
					<button onClick=${() => set(new Set())}>« ${t('firmware.deleteall')}</button>
				</div>
				<${List} name="chosen" label=${t('firmware.chosen')} ids=${picked} image=${image} move=${drop} list=${right} />
			</div>
			<p class="muted">${t('firmware.lists.hint')}</p>
		</section>`;
}
