// SPDX-License-Identifier: Apache-2.0
/* Fetching an exporter's page within the call's deadline and the bounds on its size. */
#include "fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#define HEAD_MAX 65536 /* libcurl 7 bounds a header, not all of them together */

/* ---- the URL ---- */

static bool is_address(const char *host)
{
	unsigned char a[16];
	char v6[INET6_ADDRSTRLEN + 1];
	size_t len = strlen(host);

	if (host[0] != '[')
		return inet_pton(AF_INET, host, a) == 1;
	if (len < 3 || len - 2 >= sizeof(v6))
		return false;
	memcpy(v6, host + 1, len - 2);
	v6[len - 2] = '\0';
	return inet_pton(AF_INET6, v6, a) == 1;
}

static bool has(CURLU *u, CURLUPart part)
{
	char *text = NULL;
	bool is = curl_url_get(u, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return is;
}

static int check_parts(CURLU *u, const char *url, struct bmc_error *err)
{
	char *host = NULL;
	bool numeric = curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		       is_address(host);

	curl_free(host);
	if (!numeric)
		return bmc_fail(err, BMC_EINVAL,
				"%.80s: needs an address, names are not looked up",
				url);
	if (has(u, CURLUPART_USER) || has(u, CURLUPART_PASSWORD) ||
	    has(u, CURLUPART_FRAGMENT) || has(u, CURLUPART_ZONEID))
		return bmc_fail(err, BMC_EINVAL,
				"the URL may not have a user, a zone or a fragment");
	return BMC_OK;
}

int ne_url_check(const char *url, struct bmc_error *err)
{
	CURLU *u;
	int code;

	if (strncmp(url, "http://", 7) != 0)
		return bmc_fail(err, BMC_EINVAL, "%.80s: has to begin with http://",
				url);
	u = curl_url();
	if (!u)
		return bmc_fail(err, BMC_ENOMEM, "no memory for a URL");
	if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK)
		code = check_parts(u, url, err);
	else
		code = bmc_fail(err, BMC_EINVAL, "%.80s: is no URL", url);
	curl_url_cleanup(u);
	return code;
}

/* ---- the transfer ---- */

static size_t take_head(char *data, size_t size, size_t n, void *arg)
{
	struct ne_fetch *f = arg;

	(void)data;
	f->head += size * n;
	f->beyond = f->beyond || f->head > HEAD_MAX;
	return f->beyond ? 0 : size * n;
}

static size_t take_body(char *data, size_t size, size_t n, void *arg)
{
	struct ne_fetch *f = arg;

	if (!expo_feed(f->expo, data, size * n))
		f->beyond = true;
	return f->beyond ? 0 : size * n;
}

static int may_go_on(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
		     curl_off_t up_now)
{
	const struct ne_fetch *f = arg;

	(void)total;
	(void)now;
	(void)up_total;
	(void)up_now;
	return f->ops->cancelled(f->call);
}

static bool set_up(CURL *c, struct ne_fetch *f, long ms)
{
	return !curl_easy_setopt(c, CURLOPT_URL, f->url) &&
	       !curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http") &&
	       !curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) &&
	       !curl_easy_setopt(c, CURLOPT_PROXY, "") &&
	       !curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L) &&
	       !curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) &&
	       !curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, ms) &&
	       !curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, ms) &&
	       !curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) &&
	       !curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, may_go_on) &&
	       !curl_easy_setopt(c, CURLOPT_XFERINFODATA, f) &&
	       !curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_head) &&
	       !curl_easy_setopt(c, CURLOPT_HEADERDATA, f) &&
	       !curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) &&
	       !curl_easy_setopt(c, CURLOPT_WRITEDATA, f) &&
	       !curl_easy_setopt(c, CURLOPT_USERAGENT, "clusterbmcd");
}

static int judge(const struct ne_fetch *f, CURL *c, CURLcode code,
		 struct bmc_error *err)
{
	long status = 0;

	(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (f->beyond)
		return bmc_fail(err, BMC_ENOSPC,
				"%s: its exporter's answer is too long: see the "
				"settings `bytes` and `lines`",
				f->board);
	if (code == CURLE_OPERATION_TIMEDOUT ||
	    (code == CURLE_ABORTED_BY_CALLBACK &&
	     f->ops->now() >= f->ops->deadline(f->call)))
		return bmc_fail(err, BMC_ETIMEDOUT, "%s: its exporter took too long",
				f->board);
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return bmc_fail(err, BMC_ECANCELED, "%s: cancelled", f->board);
	if (code != CURLE_OK)
		return bmc_fail(err, BMC_EIO, "%s: no answer of its exporter: %s",
				f->board, curl_easy_strerror(code));
	if (status != 200)
		return bmc_fail(err, BMC_EIO,
				"%s: its exporter answers HTTP status %ld: check the "
				"URL in the platform file",
				f->board, status);
	if (!expo_whole(f->expo))
		return bmc_fail(err, BMC_EIO, "%s: its exporter's answer is cut off",
				f->board);
	return BMC_OK;
}

int ne_fetch(struct ne_fetch *f, struct bmc_error *err)
{
	int64_t ms = f->ops->deadline(f->call) - f->ops->now();
	CURL *c;
	int code;

	if (ms <= 0)
		return bmc_fail(err, BMC_ETIMEDOUT, "%s: no time left", f->board);
	c = curl_easy_init();
	if (!c)
		return bmc_fail(err, BMC_ENOMEM, "%s: no memory for a transfer",
				f->board);
	f->head = 0;
	f->beyond = false;
	if (set_up(c, f, (long)ms))
		code = judge(f, c, curl_easy_perform(c), err);
	else
		code = bmc_fail(err, BMC_ENOMEM, "%s: libcurl takes no settings",
				f->board);
	curl_easy_cleanup(c);
	return code;
}
