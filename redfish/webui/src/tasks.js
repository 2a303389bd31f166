// SPDX-License-Identifier: Apache-2.0
// Tasks that were begun from this page, followed to their end and shown while they run.
import { signal } from '@preact/signals';

import { get } from './api.js';
import { touch } from './store.js';
import { toast } from './ui/toast.js';
import { t } from './i18n.js';

const EVERY = 700;
const ENDED = ['Completed', 'Exception', 'Cancelled', 'Killed', 'Interrupted'];

/** Tasks (Redfish's, as last read) that run. */
export const running = signal([]);

export function isEnded(task) {
	return ENDED.includes(task.TaskState);
}

/** The last step or error of a task, in the agent's words. */
export function lastMessage(task) {
	return task.Messages?.at(-1)?.Message ?? '';
}

function show(task) {
	const others = running.value.filter((other) => other['@odata.id'] !== task['@odata.id']);
	running.value = isEnded(task) ? others : [...others, task];
}

/** Follows a task to its end; resolves to the last reading of it. */
export async function follow(task, changed = () => {}) {
	const uri = task['@odata.id'];
	let failures = 0;
	for (;;) {
		show(task);
		changed(task);
		if (isEnded(task))
			return task;
		await new Promise((done) => {
			setTimeout(done, EVERY);
		});
		try {
			task = await get(uri);
			failures = 0;
		} catch (problem) {
			if (problem.status !== 0 || ++failures > 60) {
				running.value = running.value.filter((other) => other['@odata.id'] !== uri);
				throw problem;
			}
		}
	}
}

/** Follows it and says how it ended. */
export async function followAloud(task, title, boards = []) {
	try {
		const ended = await follow(task);
		boards.forEach(touch);
		if (ended.TaskState === 'Completed' && ended.TaskStatus === 'OK')
			toast('ok', title, t('task.done'));
		else
			toast('critical', title, lastMessage(ended));
		return ended;
	} catch (problem) {
		toast('critical', title, problem);
		return null;
	}
}
