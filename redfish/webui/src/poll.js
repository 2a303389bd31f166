// SPDX-License-Identifier: Apache-2.0
// Reading again and again while a page is shown: sooner where the event stream is not there,
// not at all while the tab is hidden.
import { useEffect } from 'preact/hooks';

import { connection } from './live.js';
import { session } from './session.js';

const WITHOUT_EVENTS = 2000;
/** Of `every`: by hand only. */
export const NEVER = 2 ** 30;

function pause(every) {
	const ms = typeof every === 'function' ? every() : every;
	return connection.value === 'live' || ms === NEVER ? ms : Math.min(ms, WITHOUT_EVENTS);
}

/** Calls read() at once, then each `every` ms (a number, or what gives it); never two at a time. Returns {stop, now}. A
 * failure marks the connection; the next success clears that. */
export function poller(read, every) {
	let timer = null;
	let running = false;
	let wanted = false;
	let over = false;

	async function run() {
		clearTimeout(timer);
		if (over || !session.value)
			return;
		if (running) {
			wanted = true;
			return;
		}
		running = true;
		wanted = false;
		try {
			if (!document.hidden)
				await read();
			if (connection.value === 'down')
				connection.value = 'polling';
		} catch (problem) {
			if (problem.status === 0)
				connection.value = 'down';
			else if (problem.status === undefined)
				throw problem;
		} finally {
			running = false;
			if (!over)
				timer = setTimeout(run, wanted ? 0 : pause(every));
		}
	}
	const shown = () => {
		if (!document.hidden)
			run();
	};
	document.addEventListener('visibilitychange', shown);
	run();
	return {
		now: run,
		stop() {
			over = true;
			clearTimeout(timer);
			document.removeEventListener('visibilitychange', shown);
		},
	};
}

/** The same as long as a component is shown. */
export function usePoll(read, every = 5000, deps = []) {
	useEffect(() => {
		const p = poller(read, every);
		return p.stop;
	}, deps);
}
