// SPDX-License-Identifier: Apache-2.0
// JSON of other programs than the agent, such as Prometheus. Called by query.
#include "cli/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

#define ANSWER_MAX (64u << 20)

struct text {
	char *bytes;
	size_t n;
};

static size_t gather(char *bytes, size_t one, size_t n, void *arg)
{
	struct text *t = arg;
	char *more = n + t->n > ANSWER_MAX ? NULL : realloc(t->bytes, t->n + n + 1);

	(void)one;
	if (!more)
		return 0;
	memcpy(more + t->n, bytes, n);
	t->bytes = more;
	t->n += n;
	return n;
}

char *cli_url_with(const char *base, const char *path, const char *name,
		   const char *value)
{
	char *escaped = curl_easy_escape(NULL, value, 0), *url = NULL;
	size_t n = strlen(base);

	while (n && base[n - 1] == '/')
		n--;
	if (escaped &&
	    asprintf(&url, "%.*s%s?%s=%s", (int)n, base, path, name, escaped) < 0)
		url = NULL;
	curl_free(escaped);
	return url;
}

json_t *cli_url_json(const char *url, int64_t ms, struct cli_error *err)
{
	CURL *h = curl_easy_init();
	struct text t = { .n = 0 };
	json_t *json = NULL;

	if (!h) {
		(void)cli_fail(err, CLI_FAILED, "out of memory");
		return NULL;
	}
	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)ms);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, gather);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, &t);
	CURLcode r = curl_easy_perform(h);
	if (r == CURLE_OK)
		json = json_loadb(t.n ? t.bytes : "", t.n, 0, NULL);
	if (r != CURLE_OK) {
		cli_fail(err,
			 r == CURLE_OPERATION_TIMEDOUT ? CLI_TIMEOUT : CLI_UNREACHABLE,
			 "%s: %s", url, curl_easy_strerror(r));
	} else if (!json) {
		cli_fail(err, CLI_FAILED, "%s: the answer is no JSON", url);
	}
	curl_easy_cleanup(h);
	free(t.bytes);
	return json;
}
