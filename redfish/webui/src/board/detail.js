// SPDX-License-Identifier: Apache-2.0
// What a board's card shows beyond what all boards are read with: processor, storage, network
// interfaces.
import { useState } from 'preact/hooks';

import { ROOT, members } from '../api.js';
import { usePoll } from '../poll.js';

function storageBytes(all) {
	const sizes = all.flatMap((s) => s.Devices ?? []).map((d) => d.CapacityBytes).filter(Boolean);
	return sizes.length ? sizes.reduce((sum, n) => sum + n, 0) : null;
}

async function read(id) {
	const at = `${ROOT}/Systems/${encodeURIComponent(id)}`;
	const [cpus, storage, nics] = await Promise.all([
		members(`${at}/Processors`), members(`${at}/SimpleStorage`), members(`${at}/EthernetInterfaces`)]);
	return { mhz: cpus[0]?.MaxSpeedMHz ?? null, storage: storageBytes(storage), nics };
}

/** {mhz, storage (bytes), nics (Redfish)}; `null` values before they are read. */
export function useDetail(id) {
	const [detail, set] = useState({ id: null });
	usePoll(async () => set({ id, ...await read(id) }), 10000, [id]);
	return detail.id === id ? detail : { mhz: null, storage: null, nics: [] };
}

/** "1 Gbit/s" */
export function rate(mbps) {
	if (!mbps)
		return '';
	return mbps >= 1000 ? `${mbps / 1000} Gbit/s` : `${mbps} Mbit/s`;
}

export function addresses(nic) {
	return [...(nic.IPv4Addresses ?? []), ...(nic.IPv6Addresses ?? [])].map((a) => a.Address).filter(Boolean);
}
