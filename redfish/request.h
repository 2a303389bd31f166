// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/actions/action.h"
#include "http/login.h"
#include "redfish/cache.h"
#include "redfish/messages.h"
#include "redfish/resource.h"

/* One request on its way: who asks, which resource, what goes out. The HTTP server's
 * handler (service.c, or a test) makes it of the HTTP request, calls http_login before
 * the body is read and rf_handle after, and sends what is in it then. Both may answer
 * RF_WAIT: the request is suspended, and goes on in rf_handle when it is resumed. */

enum rf_method {
	RF_GET,
	RF_HEAD,
	RF_POST,
	RF_PATCH_METHOD,
	RF_DELETE_METHOD,
	RF_OPTIONS,
	RF_PUT,
	RF_OTHER
};

enum { RF_DONE = HTTP_DONE, RF_WAIT = HTTP_WAIT };

struct rf_query {
	const char *name, *value;
};
#define RF_QUERIES_MAX 8

struct rf_request {
	struct http_request *http; /* borrowed */
	/* in */
	enum rf_method method;
	char uri[RF_URI_MAX];
	struct rf_query query[RF_QUERIES_MAX];
	size_t n_query;
	bool query_overflow;
	struct rf_options *options; /* of a GET with a query, owned */
	struct http_login login;    /* who */
	/* where */
	struct bmc_snapshot *snap; /* owned */
	const struct rf_resource *res;
	const struct rf_action *action;
	bool deep;                 /* the URI ended with ".Deep" */
	const struct bmc_row *row; /* of `snap` */
	/* waiting */
	int (*then)(struct rf_request *q); /* what to do after it */
	struct bmc_result result;
	json_t *parsed;            /* the body, owned */
	struct bmc_params *params; /* of what it changes, owned */
	void *data;                /* of what it waits for; owned, free()d */
	struct rf_turn *turn;      /* turn.c's */
	bool asked_for_turn;       /* the same */
	/* out */
	unsigned status;
	struct rf_body *body; /* owned reference */
	char *text;           /* or this, owned */
	size_t text_len;
	const char *content_type;
	char location[RF_URI_MAX], etag[40], allow[64];
	char token[64];
	unsigned retry_after;
	bool authenticate; /* send WWW-Authenticate */
	struct rf_messages messages;
};

/** A Redfish request for this HTTP request, whose state it becomes. NULL: out of
 * memory.
 */
struct rf_request *rf_request_new(struct http_request *http);
/** Accepts and returns NULL. Wipes what may be secret. */
struct rf_request *rf_request_free(struct rf_request *q);

/** Does it. Fills status, headers and body. */
int rf_handle(struct rf_request *q);

/* ---- for the parts that answer ---- */

/** Answers with this JSON (stolen). Returns RF_DONE. */
int rf_answer(struct rf_request *q, unsigned status, json_t *body);
/** Answers with this text (stolen) of another type (static). */
int rf_answer_text(struct rf_request *q, unsigned status, char *text, const char *type);
/** Answers with the messages gathered; their status unless `status` is given. */
int rf_answer_messages(struct rf_request *q, unsigned status);
/** Adds the message for a core error, of what the request is for; NULL: no room. */
struct rf_message *rf_add_error(struct rf_request *q, int code,
				const struct bmc_error *err);
/** The same, which names the request's URI or action where its message names something.
 */
void rf_add_refusal(struct rf_request *q, int code, const struct bmc_error *err);
/** The same, and answers. */
int rf_answer_error(struct rf_request *q, int code, const struct bmc_error *err);
/** Adds a message with one argument (or NULL) and answers. */
int rf_answer_message(struct rf_request *q, enum rf_message_id id, const char *arg);
/** A page of the body of q->res, from the cache or new; a reference, or NULL: no
 * memory. */
struct rf_body *rf_body_of(struct rf_request *q, size_t skip, size_t top);
#define RF_TOP_MAX         1000 /* members of a page */
#define RF_RETRY_TASK_S    1
#define RF_RETRY_PLANNED_S 60 /* at most, of a task that is planned for later */
/** Answers a GET with q->body (NULL: out of memory) after what its query makes of it:
 * 200, or 304 to a client that has it. */
int rf_answer_body(struct rf_request *q);
/** Answers with the resource as it is now, whole (200), as for a GET. */
int rf_answer_resource(struct rf_request *q);
/** 202 with the task `number`: its monitor as Location, Retry-After, its body. */
int rf_answer_task(struct rf_request *q, uint32_t number);
/** 201 with this row's resource, Location, and a message if there is one. */
int rf_answer_created(struct rf_request *q, const struct rf_resource *res,
		      const struct bmc_row *row);

/** Takes a new snapshot and finds the row again. */
void rf_refresh(struct rf_request *q);

/** Reserves and commits; `then` goes on when it is done (q->result). Returns RF_WAIT,
 * or RF_DONE with the error answered. */
int rf_submit(struct rf_request *q, const struct bmc_action *acts, size_t n,
	      int (*then)(struct rf_request *q));
/** Commits a transaction (stolen); as rf_submit. */
int rf_commit(struct rf_request *q, struct bmc_transaction *t,
	      int (*then)(struct rf_request *q));
/** The usual `then` of actions: 204, 202 with the task, or the error. */
int rf_then_task(struct rf_request *q);

/** http_wait_begin; `then` goes on with the request after the wait. */
struct http_wait *rf_wait_begin(struct rf_request *q, int (*then)(struct rf_request *q),
				bool (*cancel)(struct http_wait *w));
/** http_wait_end. */
struct rf_request *rf_wait_end(struct http_wait *w);
/** http_wait_resume. */
void rf_wait_resume(struct rf_request *q);

/** Parses the body as one JSON object into q->parsed; false: answered. */
bool rf_parse(struct rf_request *q);
/** Picks the parameters of an action (`action`: its name) or of a creation (NULL) out
 * of q->parsed; false: answered. */
bool rf_args(struct rf_request *q, const struct rf_param *params, const char *action,
	     const json_t *args[RF_PARAMS_MAX]);

/** The same out of any object; false: messages were added. */
bool rf_args_of(struct rf_request *q, const struct rf_param *params, const char *action,
		json_t *body, const json_t *args[RF_PARAMS_MAX]);

/** A value as a message shows it. */
void rf_format_value(const json_t *v, char ret[RF_ARG_MAX]);

int rf_patch(struct rf_request *q);
int rf_post(struct rf_request *q);
int rf_delete(struct rf_request *q);
/** Removes the request's row through the action API. */
int rf_remove_row(struct rf_request *q);
