// SPDX-License-Identifier: Apache-2.0
// One board in full: its card, what it is, what it read, what happened to it, what runs.
import { html } from 'htm/preact';

import { Actions } from '../board/actions.js';
import { Card } from '../board/card.js';
import { useDetail } from '../board/detail.js';
import { Events, Facts, Firmware, Nics, Sensors, Tasks, useSystem } from '../board/sections.js';
import { t } from '../i18n.js';
import { link } from '../router.js';
import { board, ids } from '../store.js';
import { running } from '../tasks.js';
import { lazy } from '../ui/lazy.js';
import { Progress } from '../ui/progress.js';

const History = lazy(() => import('../board/history.js'));

function Panel({ title, wide, children }) {
	return html`<section class=${`panel ${wide ? 'wide' : ''}`} aria-label=${title}><h2>${title}</h2>${children}</section>`;
}

export default function Board({ parts: [id] }) {
	const of = board(id).value;
	const detail = useDetail(id);
	const system = useSystem(id, of?.class);
	if (!of)
		return ids.value.length ? html`<h1>${t('board.none', { id })}</h1>` :
			html`<p class="muted" aria-busy="true">${t('loading')}</p>`;
	const mine = running.value.filter((task) => task.Oem?.ClusterBmc?.TargetId === id);
	return html`
		<p class="crumbs"><a href=${link('chassis')}>${t('page.chassis')}</a> / ${id}</p>
		<h1 class="hidden">${id}</h1>
		<${Actions} of=${of} system=${system} />
		${mine.map((task) => html`<${Progress} key=${task['@odata.id']} task=${task} />`)}
		<div class="columns">
			<${Card} id=${id} full />
			<${Panel} title=${t('board.identity')}><${Facts} system=${system} /><//>
			<${Panel} title=${t('board.sensors')}><${Sensors} id=${id} /><//>
			<${Panel} wide title=${t('board.history')}><${History} id=${id} memory=${of.memory} storage=${detail.storage} /><//>
			<${Panel} wide title=${t('board.nics')}><${Nics} nics=${detail.nics} /><//>
			<${Panel} title=${t('board.firmware')}><${Firmware} id=${id} /><//>
			<${Panel} title=${t('board.tasks')}><${Tasks} id=${id} /><//>
			<${Panel} wide title=${t('board.events')}><${Events} id=${id} /><//>
		</div>`;
}
