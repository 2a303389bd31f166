// SPDX-License-Identifier: Apache-2.0
// Asking service roots, see ask.h. Certificates are not verified: agents have ones of
// their own at first, nothing secret is sent, and what comes back is not trusted
// either.
#include "scan/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan/address.h"
#include "scan/root.h"

#define PATH "/redfish/v1/"

struct question {
	struct question *next;
	struct scan_asker *asker;
	struct scan_endpoint endpoint;
	CURL *easy;
	char *body;
	size_t len;
};

struct scan_asker {
	CURLM *multi;
	struct question *waiting, **last, *running;
	unsigned n, at_once; /* that run, at most */
	int64_t timeout_ms;
	void (*done)(void *arg, const struct scan_endpoint *e,
		     const struct scan_root *root);
	void *arg;
};

struct scan_asker *scan_asker_new(int64_t timeout_ms, unsigned at_once,
				  void (*done)(void *arg, const struct scan_endpoint *e,
					       const struct scan_root *root),
				  void *arg)
{
	struct scan_asker *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	*a = (struct scan_asker){
		.timeout_ms = timeout_ms, .at_once = at_once, .done = done, .arg = arg
	};
	a->last = &a->waiting;
	a->multi = curl_multi_init();
	if (!a->multi) {
		free(a);
		return NULL;
	}
	return a;
}

bool scan_asker_add(struct scan_asker *a, const struct scan_endpoint *e)
{
	struct question *q = calloc(1, sizeof(*q));

	if (!q)
		return false;
	q->asker = a;
	q->endpoint = *e;
	*a->last = q;
	a->last = &q->next;
	return true;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct question *q = arg;
	size_t len = size * n;
	char *more;

	if (len > SCAN_BODY_MAX - q->len)
		return 0;
	more = realloc(q->body, q->len + len + 1);
	if (!more)
		return 0;
	q->body = more;
	memcpy(q->body + q->len, data, len);
	q->len += len;
	return len;
}

static void write_url(const struct scan_endpoint *e, char ret[SCAN_URL_MAX])
{
	bool is_six = e->address.ss_family == AF_INET6;
	char host[SCAN_HOST_MAX];

	scan_address_text(&e->address, host);
	host[strcspn(host, "%")] = '\0'; /* the scope is an option of its own */
	(void)snprintf(ret, SCAN_URL_MAX, "%s://%s%s%s:%u" PATH,
		       e->tls ? "https" : "http", is_six ? "[" : "", host,
		       is_six ? "]" : "", scan_address_port(&e->address));
}

static bool begin(struct question *q)
{
	long ms = (long)q->asker->timeout_ms;
	char url[SCAN_URL_MAX];
	CURL *c = curl_easy_init();

	if (!c)
		return false;
	q->easy = c;
	write_url(&q->endpoint, url);
	(void)curl_easy_setopt(c, CURLOPT_URL, url);
	(void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
	(void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	/* else each handle would read all the authorities that it does not check */
	(void)curl_easy_setopt(c, CURLOPT_CAINFO, NULL);
	(void)curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	(void)curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, ms);
	(void)curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
	(void)curl_easy_setopt(c, CURLOPT_USERAGENT, "bmc-scan");
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, q);
	(void)curl_easy_setopt(c, CURLOPT_PRIVATE, q);
	if (scan_address_link_local(&q->endpoint.address))
		(void)curl_easy_setopt(c, CURLOPT_ADDRESS_SCOPE,
				       (long)scan_address_scope(&q->endpoint.address));
	return curl_multi_add_handle(q->asker->multi, c) == CURLM_OK;
}

/* It is in no list any more. */
static void free_question(struct question *q)
{
	if (q->easy)
		(void)curl_multi_remove_handle(q->asker->multi, q->easy);
	curl_easy_cleanup(q->easy);
	free(q->body);
	free(q);
}

static void begin_more(struct scan_asker *a)
{
	while (a->waiting && a->n < a->at_once) {
		struct question *q = a->waiting;

		a->waiting = q->next;
		if (!a->waiting)
			a->last = &a->waiting;
		if (!begin(q)) {
			a->done(a->arg, &q->endpoint, NULL);
			free_question(q);
			continue;
		}
		q->next = a->running;
		a->running = q;
		a->n++;
	}
}

static void end(struct scan_asker *a, CURL *easy, bool ok)
{
	struct question **at = &a->running, *q;
	struct scan_root root;
	long status = 0;

	while (*at && (*at)->easy != easy)
		at = &(*at)->next;
	q = *at;
	if (!q)
		return;
	*at = q->next;
	a->n--;
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	ok = ok && status == 200 && q->body && scan_root_read(q->body, q->len, &root);
	a->done(a->arg, &q->endpoint, ok ? &root : NULL);
	free_question(q);
}

void scan_asker_step(struct scan_asker *a, struct curl_waitfd *fds, unsigned n,
		     int most_ms)
{
	const CURLMsg *m;
	int count;

	begin_more(a);
	(void)curl_multi_perform(a->multi, &count);
	(void)curl_multi_poll(a->multi, fds, n, most_ms, NULL);
	(void)curl_multi_perform(a->multi, &count);
	while ((m = curl_multi_info_read(a->multi, &count))) {
		if (m->msg == CURLMSG_DONE)
			end(a, m->easy_handle, m->data.result == CURLE_OK);
	}
}

bool scan_asker_busy(const struct scan_asker *a)
{
	return a->waiting || a->running;
}

void scan_asker_free(struct scan_asker *a)
{
	struct question *q;

	if (!a)
		return;
	while ((q = a->running)) {
		a->running = q->next;
		free_question(q);
	}
	while ((q = a->waiting)) {
		a->waiting = q->next;
		free_question(q);
	}
	(void)curl_multi_cleanup(a->multi);
	free(a);
}
