// SPDX-License-Identifier: Apache-2.0
// The time, and where it comes from.
import { html } from 'htm/preact';

import { get, patch } from '../api.js';
import { t, time } from '../i18n.js';
import { may } from '../session.js';
import { Check, Field, useSending } from '../ui/form.js';
import { useRead } from '../ui/read.js';
import { ProblemBox, toast } from '../ui/toast.js';
import { Facts, MANAGER, Section, change } from './section.js';

const PROTOCOLS = `${MANAGER}/NetworkProtocol`;

async function read() {
	const [manager, protocols] = await Promise.all([get(MANAGER), get(PROTOCOLS)]);
	return { manager, ntp: protocols.NTP ?? {} };
}

function Ntp({ ntp, again }) {
	const { problem, busy, submit } = useSending(async ({ on, servers }) => {
		await patch(PROTOCOLS, { NTP: { ProtocolEnabled: on === 'on', NTPServers: servers.split(/[\s,]+/).filter(Boolean) } });
		toast('ok', t('settings.ntp'), t('saved'));
		again();
	});
	return html`
		<form class="stack" onSubmit=${submit}>
			<${ProblemBox} problem=${problem} />
			<${Check} name="on" label=${t('settings.ntp.on')} defaultChecked=${ntp.ProtocolEnabled === true} />
			<${Field} name="servers" label=${t('settings.ntp.servers')} hint=${t('settings.ntp.hint')} maxlength="1000"
				defaultValue=${(ntp.NTPServers ?? []).join(', ')} />
			<button disabled=${busy}>${t('save')}</button>
		</form>`;
}

export function Clock() {
	const all = useRead(read, 10000);
	const setNow = () => change(t('settings.clock'), MANAGER, { DateTime: new Date().toISOString() }, all.again);
	return html`
		<${Section} title=${t('settings.clock')} read=${all}>${() => {
			const { manager, ntp } = all.value;
			const off = Math.round((Date.parse(manager.DateTime) - Date.now()) / 1000);
			return html`
				<${Facts} rows=${[
					[t('settings.time'), time(manager.DateTime)], [t('settings.zone'), manager.TimeZoneName],
					[t('settings.ntp'), ntp.ProtocolEnabled === null ? t('settings.unknown') : t(ntp.ProtocolEnabled ? 'yes' : 'no')],
				]} />
				${Math.abs(off) > 30 && html`<p class="notice warning" role="status">${t('settings.off', { n: Math.abs(off) })}</p>`}
				${may('Administrator') && html`
					<p><button onClick=${setNow}>${t('settings.time.set')}</button></p>
					<${Ntp} key=${JSON.stringify(ntp)} ntp=${ntp} again=${all.again} />`}`;
		}}<//>`;
}
