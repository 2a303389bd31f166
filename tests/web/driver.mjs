// SPDX-License-Identifier: Apache-2.0
// A browser for tests: node driver.mjs NODE_MODULES CHROMIUM. One JSON object a line in,
// {open: name, options} (a page in a context of its own), {run: code, page: name, args} or
// {close: name}; one a line out: {value} or {error}. `code` is the body of an async function
// (page, args). What a page should not have done is noted and comes with {close}: errors on
// its console, exceptions, requests to anywhere else.
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';

const [modules, program] = process.argv.slice(2);
const { chromium } = createRequire(path.join(path.resolve(modules), 'x.js'))('playwright-core');
const AsyncFunction = (async () => {}).constructor;

const browser = await chromium.launch({
	executablePath: program,
	args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
});
const pages = new Map();

/* Requests that fail because the agent was stopped, or answers that say so, are what tests of
 * that want. */
function watch(page, notes, { origin, forgive = '' }) {
	const forgiven = forgive ? new RegExp(forgive) : null;
	const note = (text) => {
		if (!forgiven?.test(text))
			notes.push(text);
	};
	page.on('console', (m) => {
		if (m.type() === 'error' || m.type() === 'warning')
			note(`console: ${m.text()} ${m.location().url}`);
	});
	page.on('pageerror', (e) => note(`exception: ${e.stack ?? e}`));
	page.on('dialog', (d) => {
		note(`dialog: ${d.message()}`);
		d.dismiss();
	});
	page.on('request', (r) => {
		const { protocol, origin: to } = new URL(r.url());
		if (to !== origin && protocol !== 'data:')
			note(`request to ${r.url()}`);
	});
}

const does = {
	async open({ open, options }) {
		const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options.context });
		const page = await context.newPage();
		const notes = [];
		page.setDefaultTimeout(options.timeout);
		watch(page, notes, options);
		pages.set(open, { context, page, notes });
		await page.goto(options.origin);
		return null;
	},
	async run({ run, page, args }) {
		return await new AsyncFunction('page', 'args', run)(pages.get(page).page, args) ?? null;
	},
	async close({ close }) {
		const { context, notes } = pages.get(close);
		pages.delete(close);
		await context.close();
		return notes;
	},
};

for await (const line of readline.createInterface({ input: process.stdin })) {
	const wanted = JSON.parse(line);
	const what = ['open', 'run', 'close'].find((name) => name in wanted);
	let answer;
	try {
		answer = { value: await does[what](wanted) };
	} catch (error) {
		answer = { error: error.stack ?? String(error) };
	}
	process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
