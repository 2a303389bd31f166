// SPDX-License-Identifier: Apache-2.0
// Line icons on a grid of 24.
import { html } from 'htm/preact';

const PATHS = {
	chassis: 'M3 5h18v14H3zM8 5v14M13 5v14M18 5v14',
	board: 'M4 4h16v16H4zM9 9h6v6H9zM9 1v3M15 1v3M9 20v3M15 20v3M1 9h3M1 15h3M20 9h3M20 15h3',
	firmware: 'M12 3v12M7 10l5 5 5-5M4 20h16',
	overview: 'M4 20V10M10 20V4M16 20v-8M21 20H3',
	events: 'M5 6h14M5 12h14M5 18h9',
	tasks: 'M4 6l2 2 3-3M4 13l2 2 3-3M12 7h8M12 14h8M5 20h15',
	alarms: 'M12 3a6 6 0 0 1 6 6v5l2 3H4l2-3V9a6 6 0 0 1 6-6zM10 20h4',
	accounts: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0',
	settings: 'M4 7h10M18 7h2M16 5v4M4 17h2M10 17h10M8 15v4',
	discovery: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5',
	about: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 8v.01',
	shell: 'M4 5h16v14H4zM8 10l3 2-3 3M13 15h4',
	menu: 'M4 6h16M4 12h16M4 18h16',
	close: 'M6 6l12 12M18 6L6 18',
	check: 'M5 13l4 4L19 7',
	alert: 'M12 4l9 16H3zM12 10v4M12 17v.01',
	power: 'M12 3v8M7 6a8 8 0 1 0 10 0',
	restart: 'M20 12a8 8 0 1 1-3-6M20 3v4h-4',
	cycle: 'M4 12a8 8 0 0 1 14-5M20 12a8 8 0 0 1-14 5M18 3v4h-4M6 21v-4h4',
	led: 'M9 18h6M10 21h4M8 14a6 6 0 1 1 8 0l-1 2H9z',
	fan: 'M12 12c0-6-5-6-5-3s5 3 5 3zM12 12c6 0 6-5 3-5s-3 5-3 5zM12 12c0 6 5 6 5 3s-5-3-5-3zM12 12c-6 0-6 5-3 5s3-5 3-5z',
	supply: 'M4 7h16v10H4zM11 9l-2 4h6l-2 4',
	network: 'M4 10h16v9H4zM8 19v-4M12 19v-4M16 19v-4M8 10V6h8v4',
	temperature: 'M10 14V5a2 2 0 0 1 4 0v9a4 4 0 1 1-4 0z',
	disk: 'M4 5h16v14H4zM16 16v.01M8 12a3 3 0 1 0 6 0 3 3 0 0 0-6 0z',
	user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0',
	out: 'M10 4H4v16h6M9 12h12M17 8l4 4-4 4',
	moon: 'M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10z',
	sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1 1M18 18l1 1M5 19l1-1M18 6l1-1',
	search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5',
};

export function Icon({ name }) {
	return html`
		<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
			<path d=${PATHS[name]} />
		</svg>`;
}
