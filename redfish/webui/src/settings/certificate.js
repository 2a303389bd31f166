// SPDX-License-Identifier: Apache-2.0
// The certificate of the HTTPS server: what it is, a request for another, that other.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { ROOT, get, members, post } from '../api.js';
import { t, time } from '../i18n.js';
import { may } from '../session.js';
import { Choice, Field, useSending } from '../ui/form.js';
import { save, useRead } from '../ui/read.js';
import { ProblemBox, toast } from '../ui/toast.js';
import { Facts, MANAGER, Section } from './section.js';

const COLLECTION = `${MANAGER}/NetworkProtocol/HTTPS/Certificates`;
const SERVICE = `${ROOT}/CertificateService/Actions/CertificateService`;
const SOON = 30 * 86400e3;
const CURVES = [['TPM_ECC_NIST_P256', 'ECDSA P-256'], ['TPM_ECC_NIST_P384', 'ECDSA P-384'], ['TPM_ALG_RSA', 'RSA']];

/* The fields of a request that were filled in. */
function csrOf(values) {
	const body = { CertificateCollection: { '@odata.id': COLLECTION } };
	for (const name of ['CommonName', 'Organization', 'OrganizationalUnit', 'City', 'State', 'Country'])
		if (values[name].trim())
			body[name] = values[name].trim();
	const names = values.names.split(/[\s,]+/).filter(Boolean);
	if (names.length)
		body.AlternativeNames = names;
	if (values.key === 'TPM_ALG_RSA')
		body.KeyPairAlgorithm = 'TPM_ALG_RSA';
	else
		Object.assign(body, { KeyPairAlgorithm: 'TPM_ALG_ECDSA', KeyCurveId: values.key });
	return body;
}

function Request({ subject }) {
	const [made, set] = useState('');
	const { problem, busy, submit } = useSending(async (values) => {
		set((await post(`${SERVICE}.GenerateCSR`, csrOf(values))).body.CSRString);
	});
	return html`
		<details><summary>${t('cert.csr')}</summary>
			<p class="muted">${t('cert.csr.does')}</p>
			<${ProblemBox} problem=${problem} />
			<form class="stack" onSubmit=${submit}>
				<${Field} name="CommonName" label=${t('cert.cn')} required maxlength="64" defaultValue=${subject.CommonName} />
				<${Field} name="names" label=${t('cert.names')} hint=${t('cert.names.hint')} maxlength="500"
					defaultValue=${(subject.AlternativeNames ?? []).join(', ')} />
				${[['Organization', 'o'], ['OrganizationalUnit', 'ou'], ['City', 'l'], ['State', 'st']].map(([name, word]) => html`
					<${Field} key=${name} name=${name} label=${t(`cert.${word}`)} maxlength="64" />`)}
				<${Field} name="Country" label=${t('cert.c')} pattern="[A-Za-z]{2}" maxlength="2" placeholder="CN" />
				<${Choice} name="key" label=${t('cert.key')} value=${CURVES[0][0]} options=${CURVES} />
				<button disabled=${busy}>${t('cert.csr')}</button>
			</form>
			${made && html`
				<textarea class="mono pem" readonly rows="8" aria-label=${t('cert.csr')} value=${made} />
				<p><button onClick=${() => save('clusterbmc.csr', 'application/pkcs10', made)}>${t('cert.csr.save')}</button></p>`}
		</details>`;
}

function Replace({ certificate, again }) {
	const { problem, busy, submit } = useSending(async ({ pem }, form) => {
		await post(`${SERVICE}.ReplaceCertificate`, { CertificateString: pem, CertificateType: 'PEM',
			CertificateUri: { '@odata.id': certificate['@odata.id'] } });
		toast('ok', t('cert.replace'), t('cert.replaced'));
		form.reset();
		again();
	});
	async function take(e) {
		const { form, files } = e.target;
		if (files[0]?.size < 100000)
			form.pem.value = await files[0].text();
		e.target.value = '';
	}
	return html`
		<details><summary>${t('cert.replace')}</summary>
			<p class="muted">${t('cert.replace.does')}</p>
			<${ProblemBox} problem=${problem} />
			<form class="stack" onSubmit=${submit}>
				<label class="field"><span>${t('cert.file')}</span><input type="file" accept=".pem,.crt,.cer" onChange=${take} /></label>
				<label class="field"><span>${t('cert.pem')}</span>
					<textarea name="pem" class="mono pem" rows="7" required maxlength="100000" spellcheck=${false}
						placeholder="-----BEGIN CERTIFICATE-----"></textarea></label>
				<button disabled=${busy}>${t('cert.replace')}</button>
			</form>
		</details>`;
}

/* The agent that serves no HTTPS has none. */
async function read() {
	const [first] = await members(COLLECTION).catch((p) => (p.status === 404 ? [] : Promise.reject(p)));
	return { certificate: first ? await get(first['@odata.id']) : null };
}

export function Certificate() {
	const all = useRead(read, 30000);
	return html`
		<${Section} title=${t('cert.title')} read=${all}>${() => {
			const c = all.value.certificate;
			if (!c)
				return html`<p>${t('none')}</p>`;
			const left = Date.parse(c.ValidNotAfter) - Date.now();
			return html`
				${left < SOON && html`<p class="notice warning">${t(left < 0 ? 'cert.over' : 'cert.soon')}</p>`}
				<${Facts} rows=${[
					[t('cert.subject'), c.Subject?.DisplayString], [t('cert.names'), (c.Subject?.AlternativeNames ?? []).join(', ')],
					[t('cert.issuer'), c.Issuer?.DisplayString], [t('cert.from'), time(c.ValidNotBefore)], [t('cert.until'), time(c.ValidNotAfter)],
					[t('cert.serial'), c.SerialNumber], ['SHA-256', html`<span class="mono">${c.Fingerprint}</span>`], [t('cert.signature'), c.SignatureAlgorithm],
				]} />
				<p><button onClick=${() => save('clusterbmc.pem', 'application/x-pem-file', c.CertificateString)}>${t('cert.save')}</button></p>
				${may('Administrator') && html`<${Request} subject=${c.Subject ?? {}} /><${Replace} certificate=${c} again=${all.again} />`}`;
		}}<//>`;
}
