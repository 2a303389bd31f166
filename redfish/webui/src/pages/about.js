// SPDX-License-Identifier: Apache-2.0
// What this is, which version, and what to send to who helps: a file of all that the pages
// can read. No password or key can be read over Redfish, so none is in it.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { ROOT, get } from '../api.js';
import { duration, t, time } from '../i18n.js';
import { session } from '../session.js';
import { Facts, Section } from '../settings/section.js';
import { save, useRead } from '../ui/read.js';

const BUNDLE = ['', '/Managers/bmc', '/Managers/bmc/NetworkProtocol', '/Managers/bmc/EthernetInterfaces?$expand=.',
	'/Managers/bmc/LogServices/Events/Entries', '/Managers/bmc/LogServices/Audit/Entries',
	'/Managers/bmc/LogServices/Journal/Entries?$expand=.', '/Systems?$expand=.', '/Chassis?$expand=.',
	'/TaskService/Tasks?$expand=.', '/UpdateService', '/UpdateService/FirmwareInventory?$expand=.',
	'/UpdateService/LocalImageStore?$expand=.', '/EventService', '/EventService/Subscriptions?$expand=.', '/TelemetryService',
	'/SessionService', '/AccountService', '/AggregationService'];

async function gather(done) {
	const bundle = { made: new Date().toISOString(), by: session.value.user, browser: navigator.userAgent, resources: {} };
	for (const [i, path] of BUNDLE.entries()) {
		done(i / BUNDLE.length);
		bundle.resources[ROOT + path] = await get(ROOT + path, { deadline: 60000 })
			.catch((problem) => ({ problem: problem.status, messages: problem.messages }));
	}
	return bundle;
}

function Support() {
	const [done, set] = useState(null);
	async function make() {
		set(0);
		try {
			const bundle = await gather(set);
			save(`clusterbmc-support-${bundle.made.slice(0, 19).replaceAll(':', '')}.json`, 'application/json',
				`${JSON.stringify(bundle, null, 1)}\n`);
		} finally {
			set(null);
		}
	}
	return html`
		<${Section} title=${t('about.support')}>${() => html`
			<p>${t('about.support.does')}</p>
			${done === null ? html`<button onClick=${make}>${t('about.support.make')}</button>` :
				html`<progress max="1" value=${done} aria-label=${t('about.support')}></progress>`}`}<//>`;
}

async function read() {
	const [root, manager] = await Promise.all([get(ROOT), get(`${ROOT}/Managers/bmc`)]);
	return { root, manager };
}

export default function About() {
	const all = useRead(read, 30000);
	return html`
		<h1>${t('page.about')}</h1>
		<div class="columns">
			<${Section} title="clusterbmc" read=${all}>${() => {
				const { root, manager } = all.value;
				const up = (Date.parse(manager.DateTime) - Date.parse(manager.LastResetTime)) / 1000;
				return html`<${Facts} rows=${[
					[t('about.version'), manager.FirmwareVersion], [t('about.name'), manager.Name],
					[t('about.started'), `${time(manager.LastResetTime)} (${duration(Math.max(up, 0))})`],
					['UUID', html`<span class="mono">${root.UUID}</span>`], ['Redfish', root.RedfishVersion],
					[t('about.address'), location.host], [t('about.licence'), 'Apache-2.0'],
				]} />`;
			}}<//>
			<${Support} />
			<${Section} title=${t('about.more')}>${() => html`
				<ul>
					<li><a href="/redfish/v1/">/redfish/v1/</a> ${t('about.redfish')}</li>
					<li><code>bmc</code> ${t('about.bmc')}</li>
					<li><code>bmc-scan</code> ${t('about.scan')}</li>
					<li><code>/metrics</code> ${t('about.metrics')}</li>
				</ul>
				<p class="muted">${t('about.libraries')} <a href="/ui/licenses.txt">${t('about.licences')}</a></p>`}<//>
		</div>`;
}
