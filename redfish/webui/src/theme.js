// SPDX-License-Identifier: Apache-2.0
// Dark or light: as the system says, or as chosen here.
import { effect, signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'];
const KEY = 'clusterbmc.theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(system.matches);

export const theme = signal(THEMES.includes(localStorage.getItem(KEY)) ?
	localStorage.getItem(KEY) : 'system');
/** What is shown: 'dark' or 'light'. */
export const shown = signal('light');

system.addEventListener('change', () => {
	systemIsDark.value = system.matches;
});
effect(() => {
	shown.value = theme.value !== 'system' ? theme.value : systemIsDark.value ? 'dark' : 'light';
	document.documentElement.dataset.theme = shown.value;
});

export function chooseTheme(name) {
	localStorage.setItem(KEY, name);
	theme.value = name;
}
