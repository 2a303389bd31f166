// SPDX-License-Identifier: Apache-2.0
// Redfish as a handler of the HTTP server: makes a Redfish request of an HTTP request,
// and an HTTP response of its answer. Called by the server's threads.
#include <string.h>

#include "http/http.h"
#include "redfish/cache.h"
#include "redfish/pages.h"
#include "redfish/query.h"
#include "redfish/redfish.h"
#include "redfish/request.h"

#define JSON_TYPE "application/json;charset=utf-8"

/* ---- responses ---- */

static struct http_response *response_new(void *text, size_t len, enum http_bytes how,
					  bool secure)
{
	struct http_response *r = http_response_new(text, len, how, secure);

	if (r) {
		http_response_add(r, "OData-Version", "4.0");
		http_response_add(r, "Cache-Control", "no-cache");
	}
	return r;
}

static void describe(struct http_response *r, const struct rf_resource *res)
{
	char allow[64], link[160];
	const char *dot = strchr(res->type, '.'),
		   *version = dot ? strchr(dot + 1, '.') : NULL;
	int name = (int)((version ? version : dot ? dot : res->type) - res->type);

	rf_allow(res, false, allow);
	http_response_add(r, "Allow", allow);
	(void)snprintf(link, sizeof(link),
		       "</redfish/v1/JsonSchemas/%.*s>; rel=describedby", name,
		       res->type);
	http_response_add(r, "Link", link);
}

/* Kept with the body, for TLS. */
static void *wrap(struct rf_body *b)
{
	struct http_response *r = response_new(b->text, b->len, HTTP_STOLEN, true);

	if (!r)
		return NULL;
	http_response_add(r, "Content-Type", JSON_TYPE);
	http_response_add(r, "ETag", b->etag);
	describe(r, b->res);
	return r;
}

static void drop(void *response)
{
	(void)http_response_free(response);
}

static const struct rf_transport_ops transport_ops = { .wrap = wrap, .drop = drop };

static void add_headers(const struct rf_request *q, struct http_response *r)
{
	char seconds[16] = "";

	if (q->retry_after)
		(void)snprintf(seconds, sizeof(seconds), "%u", q->retry_after);
	if (q->body && (q->status == 200 || q->status == 304))
		http_response_add(r, "ETag", q->body->etag);
	if (q->body && q->status == 200)
		describe(r, q->body->res);
	else
		http_response_add(r, "Allow", q->allow);
	http_response_add(r, "Location", q->location);
	http_response_add(r, "X-Auth-Token", q->token);
	http_response_add(r, "Retry-After", seconds);
	if (q->authenticate)
		http_response_add(r, "WWW-Authenticate",
				  "Basic realm=\"clusterbmc\", charset=\"UTF-8\"");
}

/* A response of its own: errors, creations, tasks, 304, and all without TLS. */
static struct http_response *single(const struct rf_request *q)
{
	bool bare = q->status == 304 || q->status == 204;
	char *text = bare ? NULL : q->body ? q->body->text : q->text;
	size_t len = bare ? 0 : q->body ? q->body->len : q->text_len;
	struct http_response *r = response_new(text, len, HTTP_COPIED, q->http->secure);

	if (!r)
		return NULL;
	if (!bare)
		http_response_add(r, "Content-Type",
				  q->content_type ? q->content_type : JSON_TYPE);
	add_headers(q, r);
	return r;
}

static void answer(struct rf_request *q)
{
	unsigned status = q->status ? q->status : 500;

	if (q->status != 200 || !q->body ||
	    !http_answer_shared(q->http, status, q->body->handle))
		http_answer(q->http, status, single(q));
}

/* ---- requests ---- */

/* Of those without a "$" most mean nothing (DSP0266). */
static bool add_query(void *arg, const char *name, const char *value)
{
	struct rf_request *q = arg;

	if (!rf_query_counts(name))
		return true;
	if (q->n_query == RF_QUERIES_MAX) {
		q->query_overflow = true;
		return false;
	}
	q->query[q->n_query++] = (struct rf_query){ name, value };
	return true;
}

static int begin(struct http_request *http)
{
	if (http->state)
		return HTTP_DONE;
	struct rf_request *q = rf_request_new(http);
	if (!q) {
		http_answer(http, 500, NULL);
		return HTTP_DONE;
	}
	http->transport->arguments(http, add_query, q);
	return rf_auth(q);
}

static int run(struct http_request *http)
{
	struct rf_request *q = http->state;
	int r = rf_handle(q);

	if (r == RF_DONE)
		answer(q);
	return r;
}

static enum rf_message_id message_of(unsigned status)
{
	switch (status) {
	case 400:
		return RF_HEADER_INVALID;
	case 500:
		return RF_INTERNAL_ERROR;
	default:
		return RF_PAYLOAD_TOO_LARGE;
	}
}

static void refuse(struct http_request *http, unsigned status, const char *header)
{
	struct rf_request *q = http->state ? http->state : rf_request_new(http);

	if (!q)
		return;
	(void)rf_message_add(&q->messages, message_of(status), header, NULL, NULL);
	(void)rf_answer_messages(q, status);
	answer(q);
}

static void end(struct http_request *http)
{
	http->state = rf_request_free(http->state);
}

static const struct http_handler handler = {
	.begin = begin, .run = run, .refuse = refuse, .end = end
};

void rf_init(void)
{
	rf_transport = &transport_ops;
	http_register("/redfish", &handler);
	http_register("", &handler); /* errors in one format */
	rf_pages_init();
}

void rf_done(void)
{
	rf_cache_clear();
}

void rf_reload(void)
{
	rf_cache_clear();
}
