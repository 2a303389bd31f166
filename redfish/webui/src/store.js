// SPDX-License-Identifier: Apache-2.0
// All boards, read in one request, kept up to date by events and by reading again what has
// changed. Each board is a signal of its own: one that changes redraws its cell only.
import { batch, computed, effect, signal } from '@preact/signals';

import { ROOT, get, idOf, members } from './api.js';
import { onEvent } from './live.js';
import { poller } from './poll.js';
import { session } from './session.js';
import { classOf } from './states.js';

const OEM = ['Label', 'NodeState', 'Soc', 'HardwareVersion', 'OsVersion', 'IpAddress', 'Present',
	'CpuLoadPercent', 'MemoryUsedBytes', 'StorageUsedBytes', 'SocTemperatureCelsius', 'PowerWatts',
	'CpuAlarm', 'MemoryAlarm', 'StorageAlarm', 'TemperatureAlarm', 'LastAction', 'LastActionState'];
const SELECT = ['Id', 'Name', 'Status', 'PowerState', 'LocationIndicatorActive', 'Model',
	'ProcessorSummary', 'MemorySummary', ...OEM.map((name) => `Oem/ClusterBmc/${name}`)];
const PLACES = ['Id', 'Name', 'ChassisType', 'Status', 'Location', 'LocationIndicatorActive',
	'Model', 'Links/ContainedBy', 'Links/ComputerSystems', 'Links/Drives', 'Oem'];
const EVERY = 5000;
const EVERY_SOON = 1000; // while something goes on: events don't tell of each step of a boot
const SOON = 60000; // how long that is, after the last event of a board or a task
const EACH = 10; // more boards are read less often: so many ms for each
const EVENTS_MAX = 200;
const SINGLY = 6; // so many changed boards are read one by one, more of them all at once

const cells = new Map(); // id: signal
/** Ids of all boards, in the agent's order. */
export const ids = signal([]);
/** Chassis members (Redfish), or null before they were read. */
export const places = signal(null);
/** The last events of the stream, newest first. */
export const events = signal([]);
/** The Problem that reading ended with, or null. */
export const problem = signal(null);

const NONE = signal(null);

/** The signal of a board: {id, name, state, ...}; its value is null when there is none. */
export function board(id) {
	return cells.get(id) ?? NONE;
}

/** What the pages need of a ComputerSystem. Also of one that was read on its own. */
export function fromSystem(s) {
	const oem = s.Oem?.ClusterBmc ?? {};
	const made = {
		id: s.Id, name: s.Name, label: oem.Label ?? '', uri: s['@odata.id'],
		state: oem.NodeState, present: oem.Present !== false && s.Status?.State !== 'Absent',
		health: s.Status?.Health ?? null, conditions: s.Status?.Conditions ?? [],
		power: s.PowerState ?? null, locator: s.LocationIndicatorActive ?? null,
		model: s.Model, soc: oem.Soc, hardware: oem.HardwareVersion, os: oem.OsVersion,
		ip: oem.IpAddress, cpu: s.ProcessorSummary?.Model, cores: s.ProcessorSummary?.CoreCount,
		memory: gib(s.MemorySummary?.TotalSystemMemoryGiB), memoryUsed: oem.MemoryUsedBytes,
		load: oem.CpuLoadPercent, temperature: oem.SocTemperatureCelsius,
		storageUsed: oem.StorageUsedBytes, watts: oem.PowerWatts,
		alarms: ['Cpu', 'Memory', 'Storage', 'Temperature'].filter((a) => oem[`${a}Alarm`]),
		action: oem.LastAction, actionState: oem.LastActionState,
	};
	made.class = classOf(made);
	return made;
}

function gib(value) {
	return value === null || value === undefined ? null : value * 2 ** 30;
}

let reads = 0;

/* An answer that was asked for before another one came must not overwrite that. */
function put(system, read) {
	const cell = cells.get(system.Id);
	const etag = system['@odata.etag'];
	if (!cell)
		cells.set(system.Id, signal({ ...fromSystem(system), etag, read }));
	else if (cell.value.etag !== etag && cell.value.read <= read)
		cell.value = { ...fromSystem(system), etag, read };
}

async function readAll() {
	const read = ++reads;
	const all = await members(`${ROOT}/Systems`, SELECT);
	batch(() => {
		all.forEach((system) => put(system, read));
		const now = all.map((s) => s.Id);
		if (now.join('\n') !== ids.value.join('\n')) {
			const there = new Set(now);
			[...cells.keys()].filter((id) => !there.has(id)).forEach((id) => cells.delete(id));
			ids.value = now;
		}
		problem.value = null;
	});
	if (!places.value)
		await readPlaces();
}

export async function readPlaces() {
	places.value = await members(`${ROOT}/Chassis`, PLACES);
}

async function readSome(some) {
	const read = ++reads;
	const query = `$select=${SELECT.map(encodeURIComponent).join(',')}`;
	const all = await Promise.all(some.map((id) =>
		get(`${ROOT}/Systems/${encodeURIComponent(id)}?${query}`)));
	batch(() => all.forEach((system) => put(system, read)));
}

const dirty = new Set();
let soon = null;
let poll = null;
let busyUntil = 0;

function pause() {
	const ms = Date.now() < busyUntil ? EVERY_SOON : EVERY;
	return Math.max(ms, ids.value.length * EACH);
}

/** Reads a board again, soon and together with others that have changed. */
export function touch(id) {
	dirty.add(id);
	soon ??= setTimeout(async () => {
		const some = [...dirty];
		dirty.clear();
		soon = null;
		try {
			if (some.length <= SINGLY)
				await readSome(some);
			else
				await poll?.now();
		} catch { /* the next reading of all shows it */ }
	}, 50);
}

/** Reads all boards again now. */
export function refresh() {
	return poll?.now();
}

function becomeBusy() {
	const before = busyUntil;
	busyUntil = Date.now() + SOON;
	if (before < Date.now())
		poll?.now();
}

function heard(event) {
	events.value = [event, ...events.value].slice(0, EVENTS_MAX);
	const origin = event.OriginOfCondition?.['@odata.id'] ?? '';
	if (/\/(Systems|Tasks)\//.test(origin))
		becomeBusy();
	const found = /^\/redfish\/v1\/(?:Systems|Chassis)\/([^/]+)/.exec(origin);
	if (found && cells.has(idOf(found[1])))
		touch(idOf(found[1]));
	else if (/\/Chassis\//.test(origin))
		readPlaces().catch(() => {});
}

/** How many boards of each class (main is not counted: it is what runs the agent). */
export const counts = computed(() => {
	const n = { normal: 0, maintenance: 0, offline: 0, absent: 0, all: 0 };
	for (const id of ids.value) {
		const of = board(id).value;
		if (!of || id === 'main')
			continue;
		n[of.class]++;
		n.all++;
	}
	return n;
});

effect(() => {
	if (!session.value?.token || session.value.mustChange)
		return undefined;
	const deaf = onEvent(heard);
	poll = poller(async () => {
		try {
			await readAll();
		} catch (p) {
			problem.value = p;
			throw p;
		}
	}, pause);
	return () => {
		deaf();
		poll.stop();
		poll = null;
		cells.clear();
		batch(() => {
			ids.value = [];
			places.value = null;
			events.value = [];
			problem.value = null;
		});
	};
});
