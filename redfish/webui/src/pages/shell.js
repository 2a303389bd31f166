// SPDX-License-Identifier: Apache-2.0
// A board's shell in a window of its own: it ends with the page and with the session.
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { t } from '../i18n.js';
import { link } from '../router.js';
import { may } from '../session.js';
import { Window } from '../shell/terminal.js';
import { toast } from '../ui/toast.js';

const refused = () => toast('warning', t('shell.clipboard'), t('shell.clipboard.why'));

function Bar({ id, state, window, again }) {
	const word = state.word === 'exit' ? t('shell.exit', { code: state.detail }) : t(`shell.${state.word}`);
	return html`
		<div class="toolbar" role="toolbar" aria-label=${t('shell.title', { id })}>
			<p role="status" class=${`shell-state ${state.word}`}>${word}${state.word === 'error' && `: ${state.detail}`}</p>
			<button onClick=${() => window.current?.copy().catch(refused)}>${t('shell.copy')}</button>
			<button onClick=${() => window.current?.paste().catch(refused)}>${t('shell.paste')}</button>
			<button disabled=${state.word === 'open'} onClick=${again}>${t('shell.again')}</button>
		</div>`;
}

export default function ShellPage({ parts: [id] }) {
	const at = useRef(null);
	const window = useRef(null);
	const [state, setState] = useState({ word: 'open' });
	const [count, setCount] = useState(0);
	const allowed = may('Administrator');
	useEffect(() => {
		if (!id || !allowed)
			return undefined;
		const mine = new Window(at.current, id, t('shell.title', { id }),
			{ state: (word, detail) => setState({ word, detail }) });
		window.current = mine;
		return () => {
			window.current = null;
			mine.close();
		};
	}, [id, count, allowed]);
	if (!id || !allowed)
		return html`<h1>${t('page.shell')}</h1><p>${t(id ? 'shell.role' : 'shell.which')}</p>`;
	return html`
		<p class="crumbs"><a href=${link('chassis')}>${t('page.chassis')}</a> /
			${' '}<a href=${link('boards', id)}>${id}</a> / ${t('page.shell')}</p>
		<h1 class="hidden">${t('shell.title', { id })}</h1>
		<${Bar} id=${id} state=${state} window=${window} again=${() => setCount((n) => n + 1)} />
		<div class="shell-window" ref=${at}></div>
		${state.word === 'lost' && id === 'main' && html`<p class="notice warning">${t('board.shell.none')}</p>`}
		<p class="muted">${t('shell.keys')}</p>`;
}
