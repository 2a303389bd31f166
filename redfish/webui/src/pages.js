// SPDX-License-Identifier: Apache-2.0
// All pages. A page is a module with a component as its default export, which gets the rest
// of the address: parts (['sub1-03']) and query (URLSearchParams). It is loaded when it is
// first shown. Its title is the text page.NAME. `nav`: it stands in the navigation; `role`:
// the least role for which it does.
export const PAGES = [
	{ name: 'chassis', icon: 'chassis', nav: true, load: () => import('./pages/chassis.js') },
	{ name: 'boards', icon: 'board', load: () => import('./pages/board.js') },
	{ name: 'overview', icon: 'overview', nav: true, load: () => import('./pages/overview.js') },
	{ name: 'shell', icon: 'shell', load: () => import('./pages/shell.js') },
	{ name: 'firmware', icon: 'firmware', nav: true, load: () => import('./pages/firmware.js') },
	{ name: 'alarms', icon: 'alarms', nav: true, load: () => import('./pages/alarms.js') },
	{ name: 'events', icon: 'events', nav: true, load: () => import('./pages/events.js') },
	{ name: 'tasks', icon: 'tasks', nav: true, load: () => import('./pages/tasks.js') },
	{ name: 'accounts', icon: 'accounts', nav: true, load: () => import('./pages/accounts.js') },
	{ name: 'neighbours', icon: 'discovery', nav: true, load: () => import('./pages/neighbours.js') },
	{ name: 'settings', icon: 'settings', nav: true, load: () => import('./pages/settings.js') },
	{ name: 'about', icon: 'about', nav: true, load: () => import('./pages/about.js') },
];

export const FIRST = 'chassis';

export function pageOf(name) {
	return PAGES.find((page) => page.name === name);
}
