// SPDX-License-Identifier: Apache-2.0
// All texts of the pages, by key, in the language of the user. What the agent says (messages,
// events) is shown as it comes.
import { signal } from '@preact/signals';

const tables = { en: () => import('text:en'), zh: () => import('text:zh') };
export const LANGUAGES = { en: 'English', zh: '中文' };

export const language = signal(wanted());
const texts = signal({});

function wanted() {
	const chosen = localStorage.getItem('clusterbmc.language') ?? navigator.language;
	return chosen.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export async function loadLanguage(name = language.value) {
	texts.value = (await tables[name]()).default;
	language.value = name;
	document.documentElement.lang = name === 'zh' ? 'zh-Hans' : name;
}

export function chooseLanguage(name) {
	localStorage.setItem('clusterbmc.language', name);
	return loadLanguage(name);
}

/** The text of this key, with {name} replaced by values.name. A key that is in no table is
 * shown itself: tests find it. */
export function t(key, values = {}) {
	const text = texts.value[key] ?? key;
	return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** Whether there is a text of this key (for words that come from the agent). */
export function hasText(key) {
	return key in texts.value;
}

const locale = () => (language.value === 'zh' ? 'zh-CN' : 'en-GB');

/** A time of the agent (RFC 3339 or ms) in the user's zone. */
export function time(value, options = { dateStyle: 'medium', timeStyle: 'medium' }) {
	const date = new Date(value);
	return Number.isNaN(date.getTime()) ? '–' : date.toLocaleString(locale(), options);
}

export function number(value, digits = 0) {
	return value === null || value === undefined ? '–' :
		value.toLocaleString(locale(), { maximumFractionDigits: digits });
}

/** Bytes as memory and storage are counted: 4 GiB. */
export function bytes(value) {
	if (value === null || value === undefined)
		return '–';
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
	let i = 0;
	for (; value >= 1024 && i < units.length - 1; i++)
		value /= 1024;
	return `${number(value, value < 10 && i ? 1 : 0)} ${units[i]}`;
}

/** How long ago, or how long: "3 min", in the user's language. */
export function duration(seconds) {
	const steps = [[86400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']];
	const [unit, name] = steps.find(([n]) => seconds >= n) ?? steps[3];
	return Math.floor(seconds / unit).toLocaleString(locale(), {
		style: 'unit', unit: name, unitDisplay: 'short' });
}
