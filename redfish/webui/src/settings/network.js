// SPDX-License-Identifier: Apache-2.0
// The manager's network interfaces, as the machine has them.
import { html } from 'htm/preact';

import { t } from '../i18n.js';
import { useMembers } from '../ui/read.js';
import { MANAGER, Section } from './section.js';

function addresses(nic) {
	return [...(nic.IPv4Addresses ?? []).map((a) => `${a.Address} / ${a.SubnetMask ?? ''}`),
		...(nic.IPv6Addresses ?? []).map((a) => `${a.Address} / ${a.PrefixLength ?? ''}`)];
}

export function Network() {
	const nics = useMembers(`${MANAGER}/EthernetInterfaces`, 10000);
	return html`
		<${Section} title=${t('settings.network')} read=${nics} wide>${() => html`
			<div class="scroll" tabindex="0"><table>
				<thead><tr>${['nic', 'link', 'mac', 'address', 'router'].map((h) => html`<th key=${h}>${t(`settings.${h}`)}</th>`)}</tr></thead>
				<tbody>${nics.value.map((n) => html`
					<tr key=${n.Id}><td>${n.Name}</td>
						<td>${t(n.LinkStatus === 'LinkUp' ? 'settings.up' : 'settings.down')}${n.SpeedMbps ? ` ${n.SpeedMbps} Mbit/s` : ''}</td>
						<td class="mono">${n.MACAddress}</td>
						<td class="mono">${addresses(n).map((a) => html`<div key=${a}>${a}</div>`)}</td>
						<td class="mono">${[n.IPv4Addresses?.[0]?.Gateway, n.IPv6DefaultGateway].filter(Boolean).map((a) => html`<div key=${a}>${a}</div>`)}</td>
					</tr>`)}</tbody>
			</table></div>
			<p class="muted">${t('settings.network.hint', { host: nics.value[0]?.HostName ?? '–' })}</p>`}<//>`;
}
