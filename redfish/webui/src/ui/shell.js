// SPDX-License-Identifier: Apache-2.0
// What is around each page: header, navigation, notices; or the login.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { useEffect, useErrorBoundary, useState } from 'preact/hooks';

import { logOut } from '../account.js';
import { hasText, t } from '../i18n.js';
import { connection } from '../live.js';
import { Login, FirstPassword } from '../pages/login.js';
import { FIRST, PAGES, pageOf } from '../pages.js';
import { link, route } from '../router.js';
import { may, session } from '../session.js';
import { Header } from './header.js';
import { Confirmation } from './dialog.js';
import { Icon } from './icon.js';
import { ProblemBox, Toasts } from './toast.js';

const open = signal(false); // the navigation, on a narrow screen

function Navigation({ at }) {
	return html`
		<nav class=${`nav ${open.value ? 'open' : ''}`} aria-label=${t('nav.label')}>
			${PAGES.filter((page) => page.nav && (!page.role || may(page.role))).map((page) => html`
				<a key=${page.name} href=${link(page.name)} aria-current=${page.name === at ? 'page' : null}
					onClick=${() => { open.value = false; }}>
					<${Icon} name=${page.icon} /><span>${t(`page.${page.name}`)}</span>
				</a>`)}
		</nav>`;
}

const loaded = {};

/* A page's module, loaded once. */
function usePage(page) {
	const [, redraw] = useState(0);
	const [failed, fail] = useState(null);
	useEffect(() => {
		if (page && !loaded[page.name])
			page.load().then((module) => {
				loaded[page.name] = module.default;
				redraw((n) => n + 1);
			}, fail);
	}, [page]);
	return { Page: page && loaded[page.name], failed };
}

function Content({ name, parts, query }) {
	const page = pageOf(name);
	const { Page, failed } = usePage(page);
	const [error] = useErrorBoundary((e) => console.error(e));
	if (!page)
		return html`<h1>${t('page.none')}</h1><p><a href=${link(FIRST)}>${t('page.chassis')}</a></p>`;
	if (failed || error)
		return html`<${ProblemBox} title=${t('error.page')} problem=${failed ?? error} />`;
	return Page ? html`<${Page} parts=${parts} query=${query} />` :
		html`<p class="muted" aria-busy="true">${t('loading')}</p>`;
}

/* What is shown may be old: said where it can't be overlooked. */
function Down() {
	return connection.value === 'down' && html`
		<div class="notice critical down" role="alert"><p>${t('connection.down.long')}</p></div>`;
}

function title(name, parts) {
	const key = `page.${name}`;
	return [parts[0], hasText(key) ? t(key) : '', 'clusterbmc'].filter(Boolean).join(' · ');
}

export function Shell() {
	const { parts: [name = FIRST, ...parts], query } = route.value;
	useEffect(() => {
		document.title = title(name, parts);
		open.value = false;
	}, [name, parts.join('/')]);
	if (!session.value)
		return html`<${Login} /><${Toasts} />`;
	if (session.value.mustChange)
		return html`<${FirstPassword} /><${Toasts} />`;
	return html`
		<a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); document.getElementById('main').focus(); }}>
			${t('nav.skip')}</a>
		<${Header} onMenu=${() => { open.value = !open.value; }} menuOpen=${open.value} onLogOut=${() => logOut()} />
		<div class="body">
			<${Navigation} at=${name} />
			<main id="main" tabindex="-1"><${Down} /><${Content} key=${name} name=${name} parts=${parts} query=${query} /></main>
		</div>
		<${Confirmation} />
		<${Toasts} />`;
}
