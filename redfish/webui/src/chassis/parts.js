// SPDX-License-Identifier: Apache-2.0
// Supplies, fans, network units, disks and temperatures of an enclosure.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { useEffect } from 'preact/hooks';

import { members } from '../api.js';
import { rate } from '../board/detail.js';
import { bytes, number, t } from '../i18n.js';
import { onEvent } from '../live.js';
import { poller } from '../poll.js';
import { link } from '../router.js';
import { StateWord } from '../board/card.js';
import { board, places } from '../store.js';
import { Icon } from '../ui/icon.js';

const EVERY = 3000;
const TEMPERATURES = `$filter=${encodeURIComponent("ReadingType eq 'Temperature'")}`;

/* The enclosure itself and those of its blades that hold disks. */
function withDrives(uri) {
	const blades = (places.value ?? []).filter((c) => c.Links?.ContainedBy?.['@odata.id'] === uri &&
		c.ChassisType === 'Blade' && c.Links.Drives?.length);
	return [uri, ...blades.map((c) => c['@odata.id'])];
}

async function read(uri) {
	const [fans, supplies, adapters, drives, temperatures] = await Promise.all([
		members(`${uri}/ThermalSubsystem/Fans`),
		members(`${uri}/PowerSubsystem/PowerSupplies`, [], { levels: 2 }),
		members(`${uri}/NetworkAdapters`, [], { levels: 3 }),
		Promise.all(withDrives(uri).map((at) => members(`${at}/Drives`))).then((lists) => lists.flat()),
		members(`${uri}/Sensors`, [], { query: TEMPERATURES })]);
	return { fans, supplies, drives, temperatures, ports: adapters.flatMap((a) => a.Ports?.Members ?? []) };
}

const known = new Map();

/** The signal of {fans, supplies, ports, drives, temperatures}: lists of Redfish resources of
 * the chassis with this address; null at first. */
export function partsOf(uri) {
	if (!known.has(uri))
		known.set(uri, signal(null));
	return known.get(uri);
}

/** Keeps them up to date while a component is shown. */
export function usePartsOf(uri) {
	useEffect(() => {
		const poll = poller(async () => {
			partsOf(uri).value = await read(uri);
		}, EVERY);
		const deaf = onEvent((event) => {
			if (event.OriginOfCondition?.['@odata.id'].startsWith(`${uri}/`))
				poll.now();
		});
		return () => {
			deaf();
			poll.stop();
		};
	}, [uri]);
}

const absent = (part) => part.Status?.State === 'Absent';

/* Colour and word of a part. */
function stateOf(part) {
	if (absent(part))
		return ['absent', t('state.absent')];
	switch (part.Status?.Health) {
	case 'OK':
		return ['normal', t('health.OK')];
	case 'Warning':
		return ['maintenance', t('health.Warning')];
	case 'Critical':
		return ['offline', t('health.Critical')];
	default:
		return ['plain', t('health.unknown')];
	}
}

function Part({ part, name, lines, icon }) {
	const [level, word] = stateOf(part);
	return html`
		<div class=${`part ${level}`}>
			<div class="part-name"><${Icon} name=${icon} /><b>${name}</b></div>
			<div class="part-word">${word}</div>
			${!absent(part) && lines.filter(Boolean).map((line) => html`<div key=${line} class="part-line">${line}</div>`)}
		</div>`;
}

const has = (value) => value !== null && value !== undefined;
const short = (name) => name.split(/,\s*/).pop();

function Supply({ supply }) {
	const m = supply.Metrics ?? {};
	return html`<${Part} part=${supply} icon="supply" name=${supply.Name} lines=${[
		has(m.OutputPowerWatts?.Reading) && t('part.watts', {
			now: number(m.OutputPowerWatts.Reading), all: number(supply.PowerCapacityWatts) }),
		has(m.InputVoltage?.Reading) && `${number(m.InputVoltage.Reading)} V`,
		has(m.TemperatureCelsius?.Reading) && `${number(m.TemperatureCelsius.Reading)} °C`,
		supply.LineInputStatus && supply.LineInputStatus !== 'Normal' && t('part.noinput')]} />`;
}

function Fan({ fan }) {
	const speed = fan.SpeedPercent ?? {};
	return html`<${Part} part=${fan} icon="fan" name=${short(fan.Name)} lines=${[
		has(speed.SpeedRPM) && t('part.rpm', { n: number(speed.SpeedRPM) }),
		has(speed.Reading) && `${number(speed.Reading)} %`]} />`;
}

export function Port({ port }) {
	const up = port.LinkStatus === 'LinkUp';
	return html`<${Part} part=${port} icon="network" name=${short(port.Name)} lines=${[
		up ? rate((port.CurrentSpeedGbps ?? 0) * 1000) || t('board.up') : t('board.down')]} />`;
}

function Drive({ drive }) {
	return html`<${Part} part=${drive} icon="disk" name=${short(drive.Name)} lines=${[
		has(drive.CapacityBytes) && bytes(drive.CapacityBytes), drive.Model]} />`;
}

function Temperature({ sensor }) {
	return html`<${Part} part=${sensor} icon="temperature" name=${sensor.Name}
		lines=${[`${number(sensor.Reading, 1)} °C`]} />`;
}

/* "Network unit 1, port 2" stands with the others of its unit. */
function byUnit(parts) {
	const units = new Map();
	for (const part of parts) {
		const comma = part.Name.lastIndexOf(',');
		const unit = comma < 0 ? '' : part.Name.slice(0, comma);
		units.set(unit, [...(units.get(unit) ?? []), part]);
	}
	return [...units];
}

function Units({ parts, title, draw }) {
	return byUnit(parts).map(([unit, list]) => html`
		<section key=${unit} class="unit" aria-label=${unit || title}>
			<h3>${unit || title}</h3>
			<div class="unit-parts">${list.map(draw)}</div>
		</section>`);
}

export function Parts({ uri }) {
	const parts = partsOf(uri).value;
	if (!parts)
		return null;
	const chassisOnly = parts.temperatures.filter((s) => !/\/PowerSupplies\//.test(s.RelatedItem?.[0]?.['@odata.id'] ?? ''));
	return html`
		<div class="parts">
			<${Units} parts=${parts.supplies} title=${t('part.supplies')} draw=${(p) => html`<${Supply} key=${p.Id} supply=${p} />`} />
			<${Units} parts=${parts.fans} title=${t('part.fans')} draw=${(p) => html`<${Fan} key=${p.Id} fan=${p} />`} />
			<${Units} parts=${parts.ports} title=${t('part.ports')} draw=${(p) => html`<${Port} key=${p.Id} port=${p} />`} />
			<${Units} parts=${parts.drives} title=${t('part.drives')} draw=${(p) => html`<${Drive} key=${p.Id} drive=${p} />`} />
			<${Units} parts=${chassisOnly} title=${t('part.temperatures')} draw=${(p) => html`<${Temperature} key=${p.Id} sensor=${p} />`} />
		</div>`;
}

/** The line above a front: the board that runs the agent, redundancy, power, inlet. */
export function Summary({ enclosure, parts }) {
	const oem = enclosure.chassis.Oem?.ClusterBmc ?? {};
	const main = board(enclosure.main).value;
	const watts = parts?.supplies.map((s) => s.Metrics?.InputPowerWatts?.Reading).filter(has);
	const inlet = parts?.temperatures.find((s) => s.PhysicalContext === 'Intake');
	const pairs = [['Power', oem.PowerRedundancy], ['Fan', oem.FanRedundancy], ['Network', oem.NetworkRedundancy]]
		.filter(([, value]) => value);
	return html`
		<div class="summary">
			<h2>${enclosure.chassis.Name}</h2>
			${main && html`<a class="main-board" href=${link('boards', main.id)}>${main.id} <${StateWord} of=${main} /></a>`}
			${watts?.length > 0 && html`<span><${Icon} name="supply" />${number(watts.reduce((a, b) => a + b, 0))} W</span>`}
			${inlet && html`<span title=${inlet.Name}><${Icon} name="temperature" />${number(inlet.Reading, 1)} °C</span>`}
			${pairs.map(([name, value]) => html`
				<span key=${name} class=${value === 'Lost' ? 'poor' : ''}>${t(`redundancy.${name}`)}: ${t(`redundancy.is.${value}`)}</span>`)}
		</div>`;
}
