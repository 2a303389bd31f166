// SPDX-License-Identifier: Apache-2.0
// Posting events over HTTP, see push.h. Nothing here waits: the deliverer drives all
// transfers by libcurl's multi interface.
#include "redfish/events/push.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/ports/subscriptions.h"

#define CONNECT_MS 5000
#define ANSWER_MAX 65536 /* bytes of a receiver's answer that are read, and dropped */

struct rf_push {
	const struct rf_push_conf *conf;
	void *owner;
	CURL *easy;
	struct curl_slist *headers;
	char *text;                /* what is being posted; NULL: nothing, or */
	struct rf_sending *report; /* a report, the caller's                  */
	size_t answered;
};

static size_t drop_answer(char *bytes, size_t size, size_t n, void *arg)
{
	struct rf_push *p = arg;

	(void)bytes;
	p->answered += size * n;
	return p->answered > ANSWER_MAX ? 0 : size * n;
}

struct rf_push *rf_push_new(const struct rf_push_conf *conf, void *owner)
{
	struct rf_push *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->conf = conf;
	p->owner = owner;
	p->easy = curl_easy_init();
	if (p->easy)
		return p;
	free(p);
	return NULL;
}

static void headers_drop(struct rf_push *p)
{
	for (struct curl_slist *h = p->headers; h; h = h->next)
		bmc_wipe(h->data, strlen(h->data));
	curl_slist_free_all(p->headers);
	p->headers = NULL;
}

struct rf_push *rf_push_free(struct rf_push *p)
{
	if (!p)
		return NULL;
	rf_push_stop(p);
	curl_easy_cleanup(p->easy);
	headers_drop(p);
	free(p);
	return NULL;
}

static bool header_add(struct rf_push *p, const char *line)
{
	struct curl_slist *more = curl_slist_append(p->headers, line);

	if (more)
		p->headers = more;
	return more != NULL;
}

/* The lines "header NAME: VALUE" of what is secret. */
static bool headers_take(struct rf_push *p, char *secrets)
{
	static const char word[] = BMC_SECRET_HEADER " ";
	char *rest = NULL;
	bool ok = true;

	for (char *line = secrets ? strtok_r(secrets, "\n", &rest) : NULL; line && ok;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, word, strlen(word)) == 0)
			ok = header_add(p, line + strlen(word));
	}
	return ok;
}

static bool headers_make(struct rf_push *p, const char *id)
{
	char *secrets = bmc_subscriptions ? bmc_subscriptions->secrets(id) : NULL;
	size_t len = secrets ? strlen(secrets) : 0;

	headers_drop(p);
	bool ok = header_add(p, "Content-Type: application/json") &&
		  header_add(p, "OData-Version: 4.0") && header_add(p, "Expect:") &&
		  headers_take(p, secrets);
	if (secrets)
		bmc_wipe(secrets, len);
	free(secrets);
	return ok;
}

/* No redirect is followed, no proxy of the environment's is used. */
bool rf_push_configure(struct rf_push *p, const struct bmc_subscription *row)
{
	long verify = row->verify != 0;
	CURL *e = p->easy;

	curl_easy_reset(e);
	if (!headers_make(p, row->row.id) ||
	    curl_easy_setopt(e, CURLOPT_URL, row->destination) != CURLE_OK)
		return false;
	(void)curl_easy_setopt(e, CURLOPT_PRIVATE, p);
	(void)curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(e, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(e, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(e, CURLOPT_USERAGENT, "clusterbmc");
	(void)curl_easy_setopt(e, CURLOPT_HTTPHEADER, p->headers);
	(void)curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	(void)curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, p->conf->timeout_ms);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, drop_answer);
	(void)curl_easy_setopt(e, CURLOPT_WRITEDATA, p);
	(void)curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, verify);
	(void)curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, verify * 2);
	(void)curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	if (p->conf->ca[0])
		(void)curl_easy_setopt(e, CURLOPT_CAINFO, p->conf->ca);
	return true;
}

bool rf_push_start(struct rf_push *p, char *text)
{
	p->answered = 0;
	p->text = text;
	if (text &&
	    curl_easy_setopt(p->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(text)) ==
		    CURLE_OK &&
	    curl_easy_setopt(p->easy, CURLOPT_POSTFIELDS, text) == CURLE_OK &&
	    curl_multi_add_handle(p->conf->multi, p->easy) == CURLM_OK)
		return true;
	free(p->text);
	p->text = NULL;
	return false;
}

/* ---- reports ---- */

static size_t give_bytes(char *to, size_t size, size_t n, void *arg)
{
	const struct rf_push *p = arg;
	size_t room = size * n, given = 0, len;
	const char *from;

	while (given < room && (from = rf_sending_next(p->report, &len), len)) {
		len = MIN(len, room - given);
		memcpy(to + given, from, len);
		p->report->at += len;
		given += len;
	}
	return given;
}

/* A connection that the receiver has closed meanwhile is replaced by another. */
static int begin_again(void *arg, curl_off_t offset, int origin)
{
	const struct rf_push *p = arg;

	if (origin != SEEK_SET || offset < 0 ||
	    (size_t)offset > rf_sending_size(p->report))
		return CURL_SEEKFUNC_FAIL;
	p->report->at = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

bool rf_push_report(struct rf_push *p, struct rf_sending *report)
{
	CURL *e = p->easy;
	curl_off_t size = (curl_off_t)rf_sending_size(report);

	p->answered = 0;
	p->report = report;
	if (curl_easy_setopt(e, CURLOPT_POSTFIELDS, NULL) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, size) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_READFUNCTION, give_bytes) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_READDATA, p) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, begin_again) == CURLE_OK &&
	    curl_easy_setopt(e, CURLOPT_SEEKDATA, p) == CURLE_OK &&
	    curl_multi_add_handle(p->conf->multi, e) == CURLM_OK)
		return true;
	p->report = NULL;
	return false;
}

/* ---- the end ---- */

bool rf_push_busy(const struct rf_push *p)
{
	return p->text || p->report;
}

void rf_push_stop(struct rf_push *p)
{
	if (rf_push_busy(p))
		(void)curl_multi_remove_handle(p->conf->multi, p->easy);
	free(p->text);
	p->text = NULL;
	p->report = NULL;
}

static struct rf_push *push_of(CURL *easy)
{
	char *p = NULL;

	(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &p);
	return (struct rf_push *)(void *)p;
}

void *rf_push_ended(CURL *easy)
{
	struct rf_push *p = push_of(easy);

	rf_push_stop(p);
	return p->owner;
}

bool rf_push_taken(CURL *easy, CURLcode code, char ret_why[64])
{
	long status = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status > 0)
		(void)snprintf(ret_why, 64, "status %ld", status);
	else
		(void)bmc_copy(ret_why, 64, curl_easy_strerror(code));
	return status >= 200 && status < 300 &&
	       (code == CURLE_OK || code == CURLE_WRITE_ERROR);
}
