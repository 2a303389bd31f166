// SPDX-License-Identifier: Apache-2.0
// Redfish as a handler of the HTTP server: makes a Redfish request of an HTTP request,
// and an HTTP response of its answer. Called by the server's threads.
#include <string.h>

#include "http/gzip.h"
#include "http/http.h"
#include "http/negotiate.h"
#include "redfish/cache.h"
#include "redfish/pages.h"
#include "redfish/query.h"
#include "redfish/redfish.h"
#include "redfish/request.h"
#include "redfish/service.h"
#include "redfish/update-push.h"

#define JSON_TYPE "application/json;charset=utf-8"

/* ---- responses ---- */

static struct http_response *response_new(void *text, size_t len, enum http_bytes how,
					  bool secure)
{
	struct http_response *r = http_response_new(text, len, how, secure);

	if (r) {
		http_response_add(r, "OData-Version", "4.0");
		http_response_add(r, "Cache-Control", "no-cache");
		/* none of it is a page; a browser is told so */
		http_response_add(r, "Content-Security-Policy",
				  "default-src 'none'; frame-ancestors 'none'");
		http_response_add(r, "X-Frame-Options", "DENY");
		http_response_add(r, "Referrer-Policy", "no-referrer");
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
static void *wrap(const struct rf_body *b, char *text, size_t len, bool coded)
{
	struct http_response *r = response_new(text, len, HTTP_STOLEN, true);

	if (!r)
		return NULL;
	http_response_add(r, "Content-Type", JSON_TYPE);
	http_response_add(r, "ETag", b->etag);
	if (coded)
		http_response_add(r, "Content-Encoding", "gzip");
	if (b->len >= RF_GZIP_MIN)
		http_response_add(r, "Vary", "Accept-Encoding");
	describe(r, b->res);
	return r;
}

static void drop(void *response)
{
	(void)http_response_free(response);
}

static const struct rf_transport_ops transport_ops = { .wrap = wrap, .drop = drop };

static bool accepts_gzip(const struct rf_request *q)
{
	return http_accepts_gzip(http_header(q->http, "Accept-Encoding"));
}

/* A browser answers a challenge for Basic with a dialog of its own, also when it was
 * the script of a page that asked. A script says that it asks; a 401 has to name a
 * scheme. */
static const char *challenge(const struct rf_request *q)
{
	return http_header(q->http, "X-Requested-With")
		       ? "X-Auth-Token realm=\"clusterbmc\""
		       : "Basic realm=\"clusterbmc\", charset=\"UTF-8\"";
}

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
		http_response_add(r, "WWW-Authenticate", challenge(q));
}

static bool is_bare(const struct rf_request *q)
{
	return q->status == 304 || q->status == 204;
}

static bool may_be_coded(const struct rf_request *q)
{
	size_t len = q->body ? q->body->len : q->text_len;

	return len >= RF_GZIP_MIN && q->status != 204;
}

/* The bytes of a response of its own, stolen or copied; with the client's coding. */
static struct http_response *bytes_of(struct rf_request *q, bool *ret_gzip)
{
	bool secure = q->http->secure, gzip = may_be_coded(q) && accepts_gzip(q);
	const struct rf_coded *c = gzip && q->body ? rf_body_gzip(q->body) : NULL;
	size_t len = 0;
	char *coded =
		gzip && !q->body ? http_gzip_deflate(q->text, q->text_len, &len) : NULL;

	*ret_gzip = c || coded;
	if (coded)
		return response_new(coded, len, HTTP_STOLEN, secure);
	if (c)
		return response_new(c->text, c->len, HTTP_COPIED, secure);
	char *text = q->body ? rf_body_take_text(q->body) : q->text;
	if (q->body)
		return response_new(text ? text : q->body->text, q->body->len,
				    text ? HTTP_STOLEN : HTTP_COPIED, secure);
	q->text = NULL;
	return response_new(text, q->text_len, HTTP_STOLEN, secure);
}

/* A response of its own: errors, creations, tasks, 304, and all without TLS. */
static struct http_response *single(struct rf_request *q)
{
	bool bare = is_bare(q), gzip = false;
	struct http_response *r =
		bare ? response_new(NULL, 0, HTTP_STATIC, q->http->secure)
		     : bytes_of(q, &gzip);

	if (!r)
		return NULL;
	if (!bare)
		http_response_add(r, "Content-Type",
				  q->content_type ? q->content_type : JSON_TYPE);
	if (gzip)
		http_response_add(r, "Content-Encoding", "gzip");
	if (may_be_coded(q))
		http_response_add(r, "Vary", "Accept-Encoding");
	add_headers(q, r);
	return r;
}

/* The response that is kept with the body, or NULL. */
static struct http_response *shared(struct rf_request *q)
{
	const struct rf_coded *c;

	if (q->status != 200 || !q->body || !q->http->secure)
		return NULL;
	c = accepts_gzip(q) ? rf_body_gzip(q->body) : NULL;
	return c ? c->handle : q->body->handle;
}

void rf_send(struct rf_request *q)
{
	unsigned status = q->status ? q->status : 500;

	if (!http_answer_shared(q->http, status, shared(q)))
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

void rf_take_query(struct rf_request *q)
{
	q->http->transport->arguments(q->http, add_query, q);
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
	rf_take_query(q);
	return http_login(http, &q->login);
}

static int run(struct http_request *http)
{
	struct rf_request *q = http->state;
	int r = rf_handle(q);

	if (r == RF_DONE && !http->response) /* a stream has begun */
		rf_send(q);
	return r;
}

static enum rf_message_id message_of(unsigned status)
{
	switch (status) {
	case 400:
		return RF_HEADER_INVALID;
	case 415:
		return RF_UNSUPPORTED_MEDIA;
	case 500:
		return RF_INTERNAL_ERROR;
	default:
		return RF_PAYLOAD_TOO_LARGE;
	}
}

void rf_refuse(struct http_request *http, unsigned status, const char *header)
{
	struct rf_request *q = http->state ? http->state : rf_request_new(http);

	if (!q)
		return;
	(void)rf_message_add(&q->messages, message_of(status), header, NULL, NULL);
	(void)rf_answer_messages(q, status);
	rf_send(q);
}

static void end(struct http_request *http)
{
	http->state = rf_request_free(http->state);
}

static const struct http_handler handler = {
	.begin = begin, .run = run, .refuse = rf_refuse, .end = end
};

void rf_init(void)
{
	rf_transport = &transport_ops;
	http_register("/redfish", &handler);
	http_register("", &handler); /* errors in one format */
	rf_pages_init();
	rf_update_push_init();
}

void rf_done(void)
{
	rf_cache_clear();
}

void rf_reload(void)
{
	rf_cache_clear();
}
