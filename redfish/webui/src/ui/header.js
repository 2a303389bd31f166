// SPDX-License-Identifier: Apache-2.0
import { html } from 'htm/preact';

import { connection } from '../live.js';
import { LANGUAGES, chooseLanguage, language, t } from '../i18n.js';
import { FIRST } from '../pages.js';
import { link } from '../router.js';
import { session } from '../session.js';
import { counts } from '../store.js';
import { CLASSES } from '../states.js';
import { running } from '../tasks.js';
import { chooseTheme, shown } from '../theme.js';
import { Icon } from './icon.js';

/** Language and theme: also on the login. */
export function Preferences() {
	const dark = shown.value === 'dark';
	return html`
		<div class="preferences">
			<select aria-label=${t('language')} value=${language.value}
				onChange=${(e) => chooseLanguage(e.target.value)}>
				${Object.entries(LANGUAGES).map(([key, name]) => html`
					<option key=${key} value=${key} lang=${key} selected=${key === language.value}>${name}</option>`)}
			</select>
			<button class="plain" title=${t(dark ? 'theme.light' : 'theme.dark')}
				aria-label=${t(dark ? 'theme.light' : 'theme.dark')}
				onClick=${() => chooseTheme(dark ? 'light' : 'dark')}>
				<${Icon} name=${dark ? 'sun' : 'moon'} />
			</button>
		</div>`;
}

function Counts() {
	const n = counts.value;
	return html`
		<a class="counts" href=${link(FIRST)} title=${t('header.counts')}>
			${Object.entries(CLASSES).filter(([name]) => n[name]).map(([name, [letter, word]]) => html`
				<span key=${name} class=${`count ${name}`} title=${t(word)}>
					<b aria-hidden="true">${letter}</b> ${n[name]}<span class="hidden"> ${t(word)}</span>
				</span>`)}
		</a>`;
}

function Connection() {
	const state = connection.value;
	return html`
		<span class=${`connection ${state}`} role="status" title=${t(`connection.${state}.long`)}>
			<i aria-hidden="true"></i><span>${t(`connection.${state}`)}</span>
		</span>`;
}

export function Header({ onMenu, menuOpen, onLogOut }) {
	return html`
		<header class="header">
			<button class="plain menu" aria-label=${t('nav.label')} aria-expanded=${String(menuOpen)} onClick=${onMenu}>
				<${Icon} name="menu" /></button>
			<a class="brand" href=${link(FIRST)}>clusterbmc</a>
			<${Counts} />
			<span class="grow"></span>
			${running.value.length > 0 && html`
				<span class="working" role="status">${t('task.running', { n: running.value.length })}</span>`}
			<${Connection} />
			<${Preferences} />
			<span class="who"><${Icon} name="user" />${session.value.user}</span>
			<button class="plain" title=${t('logout')} aria-label=${t('logout')} onClick=${onLogOut}>
				<${Icon} name="out" /></button>
		</header>`;
}
