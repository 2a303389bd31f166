// SPDX-License-Identifier: Apache-2.0
// The body of a push of firmware (DSP0266, "Multipart HTTP push update"): parameters
// and image. Called by transfer.c.
#include <string.h>

#include "cli/link.h"

#define STALL_S 60L /* without a byte */

static bool add_parameters(curl_mime *m, const char *json)
{
	curl_mimepart *p = curl_mime_addpart(m);

	return p && curl_mime_name(p, "UpdateParameters") == CURLE_OK &&
	       curl_mime_type(p, "application/json") == CURLE_OK &&
	       curl_mime_data(p, json ? json : "{}", CURL_ZERO_TERMINATED) == CURLE_OK;
}

/* The name's last part only: where it lies here is not the agent's business. */
static bool add_file(curl_mime *m, const char *path)
{
	const char *slash = strrchr(path, '/');
	curl_mimepart *p = curl_mime_addpart(m);

	return p && curl_mime_name(p, "UpdateFile") == CURLE_OK &&
	       curl_mime_filedata(p, path) == CURLE_OK &&
	       curl_mime_filename(p, slash ? slash + 1 : path) == CURLE_OK &&
	       curl_mime_type(p, "application/octet-stream") == CURLE_OK;
}

curl_mime *cli_upload(CURL *h, const struct cli_call *call, const char *parameters)
{
	curl_mime *m = curl_mime_init(h);

	if (!m || !add_parameters(m, parameters) ||
	    (call->file && !add_file(m, call->file))) {
		curl_mime_free(m);
		return NULL;
	}
	curl_easy_setopt(h, CURLOPT_MIMEPOST, m);
	curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, STALL_S);
	return m;
}
