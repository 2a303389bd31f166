// SPDX-License-Identifier: Apache-2.0
// xterm and the connection behind it. What the board sends is for the terminal alone: no
// titles, links or clipboards of its own.
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';

import { Connection } from './connection.js';
import { styledDocument } from './styles.js';

const THEME = { background: '#10161d', foreground: '#e4eaf1', cursor: '#7db4f5',
	selectionBackground: '#3d6ea880' };

/** on: {state(word, detail)}: 'open', 'exit', 'error' or 'lost'. */
export class Window {
	constructor(at, id, label, on) {
		this.on = on;
		this.styled = styledDocument();
		this.term = new Terminal({ cursorBlink: true, fontSize: 14, scrollback: 5000, theme: THEME,
			fontFamily: 'ui-monospace, Menlo, Consolas, monospace', screenReaderMode: true,
			documentOverride: this.styled.document });
		this.fit = new FitAddon();
		this.term.loadAddon(this.fit);
		this.term.open(at);
		this.term.textarea.setAttribute('aria-label', label);
		this.term.attachCustomKeyEventHandler((event) => this.key(event));
		this.fit.fit();
		this.connect(id);
		this.watcher = new ResizeObserver(() => this.fit.fit());
		this.watcher.observe(at);
		this.term.focus();
	}

	size() {
		return { columns: Math.min(this.term.cols, 1000), rows: Math.min(this.term.rows, 1000) };
	}

	connect(id) {
		const encoder = new TextEncoder();
		this.connection = new Connection(id, this.size(), {
			output: (bytes, done) => this.term.write(bytes, done),
			end: (how) => this.ended(how),
		});
		this.term.onData((text) => this.connection.send(encoder.encode(text)));
		this.term.onBinary((text) => this.connection.send(
			Uint8Array.from(text, (c) => c.charCodeAt(0) & 255)));
		this.term.onResize(() => this.connection.resize(this.size()));
		this.on.state('open');
	}

	ended(how) {
		this.term.options.disableStdin = true;
		this.term.options.cursorBlink = false;
		if (how.exit !== undefined)
			this.on.state('exit', how.exit);
		else
			this.on.state(how.error ? 'error' : 'lost', how.error);
	}

	/* Ctrl-C and Ctrl-V are the board's; with shift they are the browser's. */
	key(event) {
		if (!event.ctrlKey || !event.shiftKey || event.type !== 'keydown')
			return true;
		if (event.code === 'KeyC') {
			event.preventDefault();
			this.copy();
			return false;
		}
		return event.code !== 'KeyV';
	}

	async copy() {
		const text = this.term.getSelection();
		if (text)
			await navigator.clipboard.writeText(text);
		this.term.focus();
	}

	async paste() {
		this.term.paste(await navigator.clipboard.readText());
		this.term.focus();
	}

	close() {
		this.watcher.disconnect();
		this.connection.on = { output: (_, done) => done(), end: () => {} };
		this.connection.socket.close();
		this.term.dispose();
		this.styled.drop();
	}
}
