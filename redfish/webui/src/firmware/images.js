// SPDX-License-Identifier: Apache-2.0
// What is to be written: an image that the agent has, or a file of this computer.
import { html } from 'htm/preact';
import { useRef } from 'preact/hooks';

import { remove } from '../api.js';
import { bytes, hasText, t, time } from '../i18n.js';
import { board } from '../store.js';
import { confirm } from '../ui/dialog.js';
import { Icon } from '../ui/icon.js';
import { toast } from '../ui/toast.js';

/** Whether an image is for this board: true, false, or null where one of them does not say. */
export function fits(image, id) {
	const chip = image?.Oem?.ClusterBmc?.Chip?.toUpperCase();
	const soc = board(id).value?.soc?.toUpperCase();
	return chip && soc ? chip.includes(soc) || soc.includes(chip) : null;
}

export function usable(image) {
	return image.Oem?.ClusterBmc?.State !== 'Bad' && image.Status?.State === 'Enabled';
}

function word(group, value) {
	const key = `firmware.${group}.${value}`;
	return hasText(key) ? t(key) : value ?? '–';
}

async function drop(image, again) {
	const yes = await confirm({ title: t('firmware.remove'), danger: true, confirm: t('firmware.remove'),
		body: html`<p>${t('firmware.remove.does', { name: image.Name })}</p>` });
	if (!yes)
		return;
	try {
		await remove(image['@odata.id']);
	} catch (problem) {
		toast('critical', t('firmware.remove'), problem);
	}
	again();
}

function Row({ image, chosen, choose, again }) {
	const oem = image.Oem?.ClusterBmc ?? {};
	const id = image['@odata.id'];
	return html`
		<tr class=${chosen ? 'chosen-row' : ''}>
			<td><label class="check"><input type="radio" name="image" checked=${chosen} disabled=${!usable(image)}
				onChange=${() => choose({ stored: image })} /> <span>${image.Name}</span></label></td>
			<td>${image.Version ?? '–'}</td>
			<td>${oem.Chip ?? t('firmware.any')}</td>
			<td>${word('format', oem.Format)}</td>
			<td class="n">${bytes(image.SizeBytes)}</td>
			<td title=${oem.Reason ?? oem.Sha256}>${word('state', oem.State)}${oem.Trust && html` · ${word('trust', oem.Trust)}`}
				${oem.Reason && html`<br /><small>${oem.Reason}</small>`}</td>
			<td class="when">${time(oem.Added, { dateStyle: 'short', timeStyle: 'short' })}</td>
			<td>${!image.WriteProtected && html`<button class="plain" aria-label=${`${t('firmware.remove')}: ${image.Name}`}
				title=${t('firmware.remove')} key=${id} onClick=${() => drop(image, again)}><${Icon} name="close" /></button>`}</td>
		</tr>`;
}

function Upload({ file, choose }) {
	const input = useRef(null);
	return html`
		<div class="upload" onDragOver=${(e) => e.preventDefault()}
			onDrop=${(e) => { e.preventDefault(); if (e.dataTransfer.files[0]) choose({ file: e.dataTransfer.files[0] }); }}>
			<input ref=${input} type="file" class="hidden" id="image-file" aria-label=${t('firmware.upload')}
				onChange=${(e) => { if (e.target.files[0]) choose({ file: e.target.files[0] }); e.target.value = ''; }} />
			<button onClick=${() => input.current.click()}><${Icon} name="firmware" />${t('firmware.upload')}</button>
			${file ? html`<strong>${file.name}</strong> <span class="muted">${bytes(file.size)}</span>
				<p class="muted">${t('firmware.file.hint')}</p>` : html`<span class="muted">${t('firmware.drop')}</span>`}
		</div>`;
}

/** images: members of LocalImageStore. chosen: {stored: image} or {file: File} or {}. */
export function Images({ images, chosen, choose, again }) {
	const heads = ['name', 'version', 'chip', 'format', 'size', 'checked', 'added'];
	return html`
		<section class="panel wide" aria-labelledby="step-image">
			<h2 id="step-image"><span class="step">1</span> ${t('firmware.image')}</h2>
			<${Upload} file=${chosen.file} choose=${choose} />
			${images.length > 0 && html`
				<div class="scroll" tabindex="0"><table>
					<thead><tr>${heads.map((h) => html`<th key=${h} class=${h === 'size' ? 'n' : ''}>${t(`firmware.${h}`)}</th>`)}
						<th><span class="hidden">${t('firmware.remove')}</span></th></tr></thead>
					<tbody>${images.map((image) => html`
						<${Row} key=${image['@odata.id']} image=${image} choose=${choose} again=${again}
							chosen=${chosen.stored?.['@odata.id'] === image['@odata.id']} />`)}</tbody>
				</table></div>`}
		</section>`;
}
