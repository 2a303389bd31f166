// SPDX-License-Identifier: Apache-2.0
// A component whose module is loaded when it is first shown.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';

import { t } from '../i18n.js';
import { ProblemBox } from './toast.js';

/** lazy(() => import('./x.js')) is a component: the module's default export. */
export function lazy(load) {
	let Component = null;
	return function Lazy(props) {
		const [, redraw] = useState(0);
		const [failed, fail] = useState(null);
		useEffect(() => {
			if (!Component)
				load().then((module) => {
					Component = module.default;
					redraw((n) => n + 1);
				}, fail);
		}, []);
		if (failed)
			return html`<${ProblemBox} title=${t('error.page')} problem=${failed} />`;
		return Component ? html`<${Component} ...${props} />` :
			html`<p class="muted" aria-busy="true">${t('loading')}</p>`;
	};
}
