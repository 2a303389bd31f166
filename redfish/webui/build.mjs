// SPDX-License-Identifier: Apache-2.0
// Bundles the pages: node build.mjs SOURCE_DIR OUTPUT_DIR NODE_MODULES. Names carry a hash
// of what is in the file, so that browsers may keep them for ever; each has a compressed
// twin. Whatever is refused here (a text without its Chinese, a missing file) fails.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import zlib from 'node:zlib';

const [source, output, modules] = process.argv.slice(2).map((p) => path.resolve(p));
const esbuild = createRequire(path.join(modules, 'x.js'))('esbuild');
const LANGUAGES = ['en', 'zh'];

/** All texts of one language: text/NAME.json has {"key": ["English", "Chinese"]}. */
function texts(language) {
	const all = {};
	const at = LANGUAGES.indexOf(language);
	for (const name of fs.readdirSync(path.join(source, 'text')).sort()) {
		if (!name.endsWith('.json'))
			continue;
		const file = JSON.parse(fs.readFileSync(path.join(source, 'text', name), 'utf8'));
		for (const [key, value] of Object.entries(file)) {
			if (value.length !== LANGUAGES.length || value.some((text) => !text))
				throw new Error(`${name}: ${key}: one text for each of ${LANGUAGES}`);
			if (key in all)
				throw new Error(`${name}: ${key} is there twice`);
			all[key] = value[at];
		}
	}
	return all;
}

const textPlugin = {
	name: 'text',
	setup(build) {
		build.onResolve({ filter: /^text:/ }, (args) => ({ path: args.path.slice(5), namespace: 'text' }));
		build.onLoad({ filter: /.*/, namespace: 'text' }, (args) => ({
			contents: JSON.stringify(texts(args.path)), loader: 'json' }));
	},
};

/** A package's style sheet as text: import css from 'css:PACKAGE/FILE'. */
const cssPlugin = {
	name: 'css',
	setup(build) {
		build.onResolve({ filter: /^css:/ }, (args) => ({
			path: path.join(modules, args.path.slice(4)), namespace: 'css' }));
		build.onLoad({ filter: /.*/, namespace: 'css' }, (args) => ({
			contents: fs.readFileSync(args.path, 'utf8'), loader: 'text' }));
	},
};

/** xterm sets colours by style attributes, which the agent's policy does not let in: by the
 * CSS object model it may. */
const STYLE_ATTRIBUTE = 'e.setAttribute("style",`${e.getAttribute("style")||""}${t};`)';
const xtermPlugin = {
	name: 'xterm',
	setup(build) {
		build.onLoad({ filter: /@xterm\/xterm\/lib\/xterm\.js$/ }, (args) => {
			const parts = fs.readFileSync(args.path, 'utf8').split(STYLE_ATTRIBUTE);
			if (parts.length !== 2)
				throw new Error('xterm: another version: how does it set styles?');
			return { contents: parts.join('e.style.cssText+=t'), loader: 'js' };
		});
	},
};

const result = await esbuild.build({
	absWorkingDir: source,
	entryPoints: { app: 'src/main.js', style: 'style/style.css' },
	outdir: output,
	entryNames: '[name]-[hash]',
	chunkNames: '[name]-[hash]',
	bundle: true,
	format: 'esm',
	splitting: true,
	minify: true,
	charset: 'utf8',
	legalComments: 'none', // licenses.txt has the whole texts
	target: ['chrome105', 'firefox110', 'safari16'],
	nodePaths: [modules],
	plugins: [textPlugin, cssPlugin, xtermPlugin],
	metafile: true,
	write: false,
	logLevel: 'warning',
});

fs.rmSync(output, { recursive: true, force: true });
fs.mkdirSync(output, { recursive: true });

function write(name, bytes) {
	fs.writeFileSync(path.join(output, name), bytes);
	fs.writeFileSync(path.join(output, `${name}.gz`), zlib.gzipSync(bytes, { level: 9 }));
}

for (const file of result.outputFiles)
	write(path.basename(file.path), file.contents);

/* The licences of the packages that are in the pages ask for their notices to go along. */
const packages = new Set(Object.keys(result.metafile.inputs)
	.map((name) => name.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean));
write('licenses.txt', [...packages].sort().map((name) => {
	const folder = path.join(modules, name);
	const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
	const file = fs.readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
	if (!file)
		throw new Error(`${name}: where is its licence?`);
	return `${name} ${version} (${license})\n\n${fs.readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
}).join('\n----\n\n'));

const icon = fs.readFileSync(path.join(source, 'icon.svg'));
const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
write(iconName, icon);

const built = Object.entries(result.metafile.outputs);
const entry = (from) => path.basename(built.find(([, o]) => o.entryPoint === from)[0]);
const page = fs.readFileSync(path.join(source, 'index.html'), 'utf8')
	.replaceAll('@ICON@', iconName)
	.replaceAll('@SCRIPT@', entry('src/main.js'))
	.replaceAll('@STYLE@', entry('style/style.css'));
write('index.html', page);
