// SPDX-License-Identifier: Apache-2.0
// What the agent listens to: HTTP, SNMP, and how it is found (SSDP).
import { html } from 'htm/preact';

import { get } from '../api.js';
import { t } from '../i18n.js';
import { may } from '../session.js';
import { useRead } from '../ui/read.js';
import { Check } from '../ui/form.js';
import { MANAGER, Section, change } from './section.js';

const URI = `${MANAGER}/NetworkProtocol`;
/* [text, object, property, port]; without the last two it is shown only. */
const SWITCHES = [
	['snmp', 'SNMP', 'ProtocolEnabled'], ['snmpv2', 'SNMP', 'EnableSNMPv2c'],
	['snmpv3', 'SNMP', 'EnableSNMPv3'], ['ssdp', 'SSDP', 'ProtocolEnabled'],
];

export function Protocols() {
	const all = useRead(() => get(URI), 10000);
	const set = (object, name, on) => change(t('settings.protocols'), URI, { [object]: { [name]: on } }, all.again);
	return html`
		<${Section} title=${t('settings.protocols')} read=${all}>${() => {
			const is = all.value;
			return html`
				<div class="scroll" tabindex="0"><table>
					<thead><tr><th>${t('settings.protocol')}</th><th>${t('settings.on')}</th><th class="n">${t('settings.port')}</th></tr></thead>
					<tbody>
						${['HTTPS', 'HTTP'].map((name) => html`
							<tr key=${name}><td>${name}</td><td>${t(is[name].ProtocolEnabled ? 'yes' : 'no')}</td><td class="n">${is[name].Port ?? '–'}</td></tr>`)}
						${SWITCHES.map(([word, object, name]) => html`
							<tr key=${word}><td>${t(`settings.${word}`)}</td>
								<td>${may('Administrator') ? html`<${Check} label=${html`<span class="hidden">${t(`settings.${word}`)}</span>`}
									checked=${is[object][name] === true} onChange=${(e) => set(object, name, e.target.checked)} />` :
									t(is[object][name] ? 'yes' : 'no')}</td>
								<td class="n">${name === 'ProtocolEnabled' ? is[object].Port ?? '–' : ''}</td></tr>`)}
					</tbody>
				</table></div>
				<p class="muted">${t('settings.protocols.hint')}</p>`;
		}}<//>`;
}
