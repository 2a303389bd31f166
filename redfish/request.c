// SPDX-License-Identifier: Apache-2.0
// From a request to its answer: which resource, whether this may be done, which method,
// what goes back. Called by service.c, the tests, the fuzzer.
#include "redfish/request.h"

#include <string.h>
#include <strings.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "http/negotiate.h"
#include "redfish/auth.h"
#include "redfish/log.h"
#include "redfish/query.h"
#include "redfish/turn.h"

/* clang-format off */
static const struct { const char *word; enum rf_method method; } methods[] = {
	{ "GET", RF_GET }, { "HEAD", RF_HEAD }, { "POST", RF_POST }, { "PATCH", RF_PATCH_METHOD },
	{ "DELETE", RF_DELETE_METHOD }, { "OPTIONS", RF_OPTIONS }, { "PUT", RF_PUT },
};
/* clang-format on */

/* ---- life ---- */

struct rf_request *rf_request_new(struct http_request *http)
{
	struct rf_request *q = malloc(sizeof(*q));

	if (!q)
		return NULL;
	/* the messages are most of it, and most requests have none */
	memset(q, 0, offsetof(struct rf_request, messages.list));
	q->http = http;
	q->login.origin = "redfish";
	http->state = q;
	q->method = RF_OTHER;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (strcmp(methods[i].word, http->method) == 0)
			q->method = methods[i].method;
	}
	if (!bmc_copy(q->uri, sizeof(q->uri), http->path))
		q->uri[0] = 0; /* too long for any resource */
	bmc_text_sanitize(
		q->uri); /* nothing is at other bytes, and the answer names it */
	size_t len = strlen(q->uri);
	if (len > 1 && q->uri[len - 1] == '/')
		q->uri[len - 1] = 0;
	return q;
}

struct rf_request *rf_request_free(struct rf_request *q)
{
	if (!q)
		return NULL;
	rf_turn_give(q);
	(void)bmc_snapshot_unref(q->snap);
	(void)rf_body_unref(q->body);
	(void)rf_options_free(q->options);
	json_decref(q->parsed);
	free(q->text);
	free(q->data);
	(void)bmc_params_unref(q->params);
	bmc_wipe(q->token, sizeof(q->token));
	free(q);
	return NULL;
}

/* ---- what is asked for ---- */

static bool can_patch(const struct rf_resource *res)
{
	for (const struct rf_prop *p = res->props; p && p->path; p++) {
		if (p->flags & RF_PATCH)
			return true;
	}
	return false;
}

void rf_allow(const struct rf_resource *res, bool action, char ret[64])
{
	if (action) {
		(void)bmc_copy(ret, 64, "POST");
		return;
	}
	(void)snprintf(ret, 64, "GET, HEAD%s%s%s", can_patch(res) ? ", PATCH" : "",
		       res->create || res->draft ? ", POST" : "",
		       res->flags & RF_DELETE ? ", DELETE" : "");
}

static bool allowed(const struct rf_request *q)
{
	switch (q->method) {
	case RF_GET:
	case RF_HEAD:
		return !q->action;
	case RF_POST:
		if (q->deep)
			return !q->action && q->res->draft;
		return q->action || q->res->create || q->res->draft;
	case RF_PATCH_METHOD:
		return !q->action && (q->deep || can_patch(q->res));
	case RF_DELETE_METHOD:
		return !q->action && (q->res->flags & RF_DELETE);
	case RF_OPTIONS:
		return true;
	default:
		return false;
	}
}

static const struct rf_action *find_action(const struct rf_resource *res,
					   const char *name)
{
	for (const struct rf_action *a = res->actions; a && a->name; a++) {
		if (strcmp(a->name, name) == 0)
			return a;
	}
	return NULL;
}

/* DSP0266, "Deep operations": the suffix says that the body is about more than one. */
static void take_deep(struct rf_request *q)
{
	static const char suffix[] = ".Deep";
	size_t len = strlen(q->uri), n = strlen(suffix);

	q->deep = (q->method == RF_PATCH_METHOD || q->method == RF_POST) && len > n &&
		  strcmp(q->uri + len - n, suffix) == 0;
	if (q->deep)
		q->uri[len - n] = 0;
}

/* "/redfish/v1/Systems/x/Actions/ComputerSystem.Reset": the resource and its action. */
static void route(struct rf_request *q)
{
	char base[RF_URI_MAX];
	const char *at = strstr(q->uri, "/Actions/");
	char *members = strstr(q->uri, "/Members");

	/* DSP0266: a POST to a collection's Members is one to the collection */
	if (q->method == RF_POST && members && strcmp(members, "/Members") == 0)
		*members = 0;
	take_deep(q);

	q->res = rf_route(q->snap, q->uri, &q->row);
	if (q->res || !at)
		return;
	(void)bmc_copy(base, MIN(sizeof(base), (size_t)(at - q->uri) + 1), q->uri);
	q->res = rf_route(q->snap, base, &q->row);
	q->action = q->res ? find_action(q->res, at + strlen("/Actions/")) : NULL;
	if (!q->action)
		q->res = NULL;
	else
		(void)bmc_copy(q->uri, sizeof(q->uri), base);
}

/* ---- headers ---- */

static bool takes_json(const struct rf_request *q)
{
	return http_accepts(http_header(q->http, "Accept"), "application/json");
}

/* Without a type it is refused: a web page elsewhere can make a browser send that. */
static bool body_is_json(const struct rf_request *q)
{
	static const char json[] = "application/json";
	const char *h = http_header(q->http, "Content-Type");

	return h && strncasecmp(h, json, strlen(json)) == 0 &&
	       strchr("; \t", h[strlen(json)]);
}

static bool headers_ok(struct rf_request *q)
{
	const char *odata = http_header(q->http, "OData-Version");

	if (odata && strcmp(odata, "4.0") != 0)
		return rf_answer_message(q, RF_PRECONDITION_FAILED, NULL) != RF_DONE;
	if (!q->res->raw && !takes_json(q))
		return rf_answer_message(q, RF_NOT_ACCEPTABLE, "Accept") != RF_DONE;
	if (q->http->body_len && !body_is_json(q))
		return rf_answer_message(q, RF_UNSUPPORTED_MEDIA, "Content-Type") !=
		       RF_DONE;
	return true;
}

/* If-Match against the settings, so a new reading never stands in the way. A GET's
 * If-None-Match is answered with a 304; of any other method it asks that nothing like
 * that is there. */
static bool precondition_ok(struct rf_request *q)
{
	bool reads = q->method == RF_GET || q->method == RF_HEAD;
	const char *match = http_header(q->http, "If-Match");
	const char *none = reads ? NULL : http_header(q->http, "If-None-Match");

	if ((!match && !none) || q->res->raw)
		return true;
	struct rf_body *b = rf_body_of(q, 0, RF_TOP_MAX);
	bool ok = b && (!match || rf_etag_matches(match, b->etag, true)) &&
		  (!none || !rf_etag_matches(none, b->etag, false));
	(void)rf_body_unref(b);
	if (!ok)
		(void)rf_answer_message(q, RF_PRECONDITION_FAILED, NULL);
	return ok;
}

static int options(struct rf_request *q)
{
	q->status = 204;
	return RF_DONE;
}

/* ---- the way through ---- */

/* Parameters are for reading; none of them is left for anything else. */
static int refuse_query(struct rf_request *q)
{
	q->options = rf_options_new(q);
	return RF_DONE;
}

static bool is_write(const struct rf_request *q)
{
	return q->method == RF_POST || q->method == RF_PATCH_METHOD ||
	       q->method == RF_DELETE_METHOD;
}

static int carry_out(struct rf_request *q)
{
	if (!precondition_ok(q))
		return RF_DONE;
	switch (q->method) {
	case RF_POST:
		return rf_post(q);
	case RF_PATCH_METHOD:
		return rf_patch(q);
	case RF_DELETE_METHOD:
		return rf_delete(q);
	default:
		return rf_read(q);
	}
}

/* The one before may have changed what is here. */
static int with_turn(struct rf_request *q)
{
	rf_refresh(q);
	return q->res ? carry_out(q) : rf_answer_message(q, RF_INVALID_URI, q->uri);
}

static bool is_conditional(const struct rf_request *q)
{
	return is_write(q) && !q->res->raw &&
	       (http_header(q->http, "If-Match") ||
		http_header(q->http, "If-None-Match"));
}

static int run(struct rf_request *q)
{
	if (q->n_query && is_write(q))
		return refuse_query(q);
	if (q->method == RF_OPTIONS)
		return options(q);
	if (!is_conditional(q))
		return carry_out(q);
	int r = rf_turn_take(q, with_turn);
	return r == RF_WAIT || q->status ? r : with_turn(q);
}

/* A GET whose body is in the cache needs no routing. */
static bool from_cache(struct rf_request *q)
{
	if (q->n_query || (q->method != RF_GET && q->method != RF_HEAD))
		return false;
	q->body = rf_cache_find(q->snap, q->uri);
	if (!q->body)
		return false;
	q->res = q->body->res;
	if (q->res->flags & RF_SELF_ACCESS)
		(void)rf_route(q->snap, q->uri, &q->row);
	return true;
}

static int unknown_uri(struct rf_request *q)
{
	if (!q->login.known) {
		q->authenticate = true;
		return rf_answer_message(q, RF_UNAUTHORIZED, NULL);
	}
	if (q->method != RF_GET && q->method != RF_HEAD)
		return rf_answer_message(q, RF_INVALID_URI, q->uri);
	return rf_log_entry(q);
}

static int dispatch(struct rf_request *q)
{
	q->snap = bmc_snapshot_get();
	if (q->method == RF_OTHER)
		return rf_answer_message(q, RF_METHOD_NOT_IMPLEMENTED, NULL);
	if (!from_cache(q))
		route(q);
	if (!q->res)
		return unknown_uri(q);
	if (!q->body)
		rf_allow(q->res, q->action != NULL, q->allow);
	if (!rf_authorize(q))
		return RF_DONE;
	if (!allowed(q))
		return rf_answer_message(q, RF_METHOD_NOT_ALLOWED, NULL);
	if (!headers_ok(q))
		return RF_DONE;
	return run(q);
}

struct http_wait *rf_wait_begin(struct rf_request *q, int (*then)(struct rf_request *q),
				bool (*cancel)(struct http_wait *w))
{
	struct http_wait *w;

	q->then = then;
	w = http_wait_begin(q->http, HTTP_WAIT_MS, cancel);
	if (!w)
		q->then = NULL;
	return w;
}

struct rf_request *rf_wait_end(struct http_wait *w)
{
	struct http_request *http = http_wait_end(w);

	return http ? http->state : NULL;
}

void rf_wait_resume(struct rf_request *q)
{
	http_wait_resume(q->http);
}

int rf_handle(struct rf_request *q)
{
	int (*then)(struct rf_request *) = q->then;
	int expired = q->http->expired, r;

	q->then = NULL;
	q->http->expired = 0;
	if (expired)
		r = rf_answer_error(q, expired, NULL);
	else
		r = then ? then(q) : dispatch(q);
	if (r == RF_DONE)
		rf_turn_give(q);
	return r;
}
