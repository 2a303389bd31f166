// SPDX-License-Identifier: Apache-2.0
// An image on its way to the agent, as a multipart push (DSP0266). By XMLHttpRequest, because
// fetch() does not say how much has been sent.
import { ASKED_BY, Problem, messagesOf } from '../api.js';
import { end, session } from '../session.js';

const URI = '/redfish/v1/UpdateService/update-multipart';

function bodyOf(xhr) {
	try {
		return JSON.parse(xhr.responseText);
	} catch {
		return null;
	}
}

function problemOf(xhr) {
	const found = messagesOf(bodyOf(xhr));
	const plain = { id: xhr.status ? `Http.${xhr.status}` : 'Pages.Unreachable',
		text: xhr.status ? `HTTP ${xhr.status}` : '', resolution: '', severity: 'Critical', related: [] };
	return new Problem(xhr.status, found.length ? found : [plain]);
}

/** Sends the file. parameters: UpdateParameters. sent(bytes, all) as it goes; signal ends it.
 * Resolves to the task. */
export function pushImage(file, parameters, sent, signal) {
	const form = new FormData();
	form.append('UpdateParameters', new Blob([JSON.stringify(parameters)], { type: 'application/json' }));
	form.append('UpdateFile', file, file.name);
	const token = session.value?.token;
	return new Promise((resolve, reject) => {
		const xhr = new XMLHttpRequest();
		xhr.open('POST', URI);
		Object.entries({ ...ASKED_BY, 'X-Auth-Token': token }).forEach(([name, value]) => xhr.setRequestHeader(name, value));
		xhr.upload.onprogress = (e) => sent(e.loaded, e.total);
		xhr.onload = () => {
			if (xhr.status === 401 && session.value?.token === token)
				end('ended');
			if (xhr.status === 202)
				resolve(bodyOf(xhr));
			else
				reject(problemOf(xhr));
		};
		xhr.onerror = () => reject(problemOf(xhr));
		xhr.onabort = () => reject(new DOMException('stopped', 'AbortError'));
		signal.addEventListener('abort', () => xhr.abort());
		xhr.send(form);
	});
}
