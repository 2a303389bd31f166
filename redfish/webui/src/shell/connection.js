// SPDX-License-Identifier: Apache-2.0
// The WebSocket of a shell (doc/shell.md). The token goes as a subprotocol: it is in no
// address.
import { session } from '../session.js';

const WINDOW = 262144; // bytes that may be on the way to the terminal
const ACK = 65536;
const CHUNK = 16384;

/** on: {output(bytes, done), end({exit} | {error} | {lost})}. */
export class Connection {
	constructor(id, size, on) {
		const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
		this.on = on;
		this.shown = 0;
		this.socket = new WebSocket(`${scheme}://${location.host}/shell/${encodeURIComponent(id)}`,
			['clusterbmc.shell', `token.${session.value?.token}`]);
		this.socket.binaryType = 'arraybuffer';
		this.socket.onopen = () => this.say({ ...size, window: WINDOW });
		this.socket.onmessage = ({ data }) => this.take(data);
		this.socket.onclose = () => this.end({ lost: true });
	}

	say(message) {
		if (this.socket.readyState === WebSocket.OPEN)
			this.socket.send(JSON.stringify(message));
	}

	/* The agent sends no more than the window ahead of what the terminal has shown. */
	take(data) {
		if (typeof data === 'string') {
			this.end(JSON.parse(data));
			return;
		}
		this.on.output(new Uint8Array(data), () => {
			this.shown += data.byteLength;
			if (this.shown >= ACK) {
				this.say({ ack: this.shown });
				this.shown = 0;
			}
		});
	}

	send(bytes) {
		if (this.socket.readyState !== WebSocket.OPEN)
			return;
		for (let at = 0; at < bytes.length; at += CHUNK)
			this.socket.send(bytes.subarray(at, at + CHUNK));
	}

	resize(size) {
		this.say(size);
	}

	end(how) {
		const { on } = this;
		this.on = { output: (_, done) => done(), end: () => {} };
		this.socket.close();
		on.end(how);
	}
}
