// SPDX-License-Identifier: Apache-2.0
// xterm writes its measures into <style> elements, which the agent's policy (no inline
// style) does not let in. A style sheet that a script makes is let in: here is a document
// whose <style> elements are one. (Its style attributes: build.mjs.)
import css from 'css:@xterm/xterm/css/xterm.css';

let base = null;

function sheetOf(text) {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(text);
	document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
	return sheet;
}

/** {document, drop}: for Terminal's documentOverride; drop() takes its styles away. */
export function styledDocument() {
	const sheets = [];
	base ??= sheetOf(css);

	function createElement(name, ...rest) {
		const element = document.createElement(name === 'style' ? 'span' : name, ...rest);
		if (name === 'style') {
			const sheet = sheetOf('');
			sheets.push(sheet);
			element.hidden = true;
			Object.defineProperty(element, 'textContent', { set: (text) => sheet.replaceSync(text) });
		}
		return element;
	}

	return {
		document: new Proxy(document, {
			get(target, key) {
				if (key === 'createElement')
					return createElement;
				const value = target[key];
				return typeof value === 'function' ? value.bind(target) : value;
			},
		}),
		drop() {
			document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => !sheets.includes(s));
		},
	};
}
