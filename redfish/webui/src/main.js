// SPDX-License-Identifier: Apache-2.0
// Starts the pages: language, theme, then what the address asks for.
import { render } from 'preact';
import { html } from 'htm/preact';

import { loadLanguage } from './i18n.js';
import { Shell } from './ui/shell.js';
import './theme.js';

loadLanguage().then(() => render(html`<${Shell} />`, document.getElementById('app')));
