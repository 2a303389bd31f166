// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/actions/action.h"
#include "redfish/cache.h"
#include "redfish/messages.h"
#include "redfish/resource.h"

/* One request on its way: what came in, who asks, which resource, what goes out. The
 * transport (http.c, or a test) makes it, calls rf_auth before the body is read and
 * rf_handle after, and sends what is in it then. Both may answer RF_WAIT: the request
 * is suspended, and goes on in rf_handle when the transport is told to resume it. */

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

enum { RF_DONE, RF_WAIT };

struct rf_query {
	const char *name, *value;
};
#define RF_QUERIES_MAX 8

struct rf_wait;

/* What a request needs of whoever brought it. */
struct rf_transport {
	const char *(*header)(const struct rf_request *q,
			      const char *name); /* or NULL */
	void (*suspend)(struct rf_request *q);
	void (*resume)(
		struct rf_request *q); /* any thread; `q` is not touched after it */
	/* Whether the client of a suspended request has closed its connection; any
	 * thread. NULL: never. */
	bool (*gone)(const struct rf_request *q);
};

struct rf_request {
	const struct rf_transport *transport;
	void *wire;
	/* in */
	enum rf_method method;
	char uri[RF_URI_MAX];
	char client[48];
	struct rf_query query[RF_QUERIES_MAX];
	size_t n_query;
	bool query_overflow;
	char *in; /* owned */
	size_t in_len;
	/* who */
	bool known;
	int auth_code; /* why not */
	struct bmc_actor actor;
	char session[BMC_ID_MAX];
	/* where */
	struct bmc_snapshot *snap; /* owned */
	const struct rf_resource *res;
	const struct rf_action *action;
	const struct bmc_row *row; /* of `snap` */
	/* waiting */
	int (*then)(struct rf_request *q); /* what to do after it */
	struct bmc_result result;
	bool waited;    /* it counts for rf_wait_drain */
	json_t *parsed; /* the body, owned */
	/* out */
	unsigned status;
	struct rf_body *body; /* owned reference */
	char *text;           /* or this, owned */
	size_t text_len;
	const char *content_type;
	const char *policy; /* Content-Security-Policy of a page, static */
	char location[RF_URI_MAX], etag[40], allow[64];
	char token[64];
	unsigned retry_after;
	bool authenticate; /* send WWW-Authenticate */
	struct rf_messages messages;
};

/** A request of `method` for the decoded path `url`. NULL: out of memory. */
struct rf_request *rf_request_new(const struct rf_transport *t, void *wire,
				  const char *method, const char *url);
/** Accepts and returns NULL. Wipes what may be secret. */
struct rf_request *rf_request_free(struct rf_request *q);

/** Finds out who asks. RF_WAIT while PAM is asked; `q->known` after it. */
int rf_auth(struct rf_request *q);
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
/** The same, and answers. */
int rf_answer_error(struct rf_request *q, int code, const struct bmc_error *err);
/** Adds a message with one argument (or NULL) and answers. */
int rf_answer_message(struct rf_request *q, enum rf_message_id id, const char *arg);
/** A page of the body of q->res, from the cache or new; a reference, or NULL: no
 * memory. */
struct rf_body *rf_body_of(struct rf_request *q, size_t skip, size_t top);
#define RF_TOP_MAX      1000 /* members of a page */
#define RF_RETRY_TASK_S 1
/** Answers with the resource as it is now, whole (200), as for a GET. */
int rf_answer_resource(struct rf_request *q);
/** 202 with the task `number`: Location, Retry-After and the task's body. */
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
/** Commits a ticket (stolen); as rf_submit. */
int rf_commit(struct rf_request *q, struct bmc_transaction *t,
	      int (*then)(struct rf_request *q));
/** The usual `then` of actions: 204, 202 with the task, or the error. */
int rf_then_task(struct rf_request *q);

/** Suspends. Give the wait to the callback; it ends by itself after 15 s. With
 * `cancel` it also ends when the client has gone; in both cases `cancel` is called, and
 * returns true when the callback will not come. It must not wait nor end a wait. NULL:
 * out of memory. */
struct rf_wait *rf_wait_begin(struct rf_request *q, int (*then)(struct rf_request *q),
			      bool (*cancel)(struct rf_wait *w));
/** Back in a callback: the request, or NULL when nobody waits any more. Any thread. */
struct rf_request *rf_wait_end(struct rf_wait *w);
/** Goes on with the request on its own thread. */
void rf_wait_resume(struct rf_request *q);
/** Waits may begin, until rf_wait_expire(true). */
void rf_wait_open(void);
/** Ends waits that are too old (`all`: each of them), answering `code`. Any thread. */
void rf_wait_expire(bool all);
/** A request that has waited was answered, or its client is gone. Any thread. */
void rf_wait_answered(void);
/** Lets requests that have waited be answered before the server ends, for at most 1 s.
 */
void rf_wait_drain(void);

/** Parses the body as one JSON object into q->parsed; false: answered. */
bool rf_parse(struct rf_request *q);
/** Picks the parameters of an action (`action`: its name) or of a creation (NULL) out
 * of q->parsed; false: answered. */
bool rf_args(struct rf_request *q, const struct rf_param *params, const char *action,
	     const json_t *args[RF_PARAMS_MAX]);

/** A value as a message shows it. */
void rf_spell(const json_t *v, char ret[RF_ARG_MAX]);

int rf_patch(struct rf_request *q);
int rf_post(struct rf_request *q);
int rf_delete(struct rf_request *q);
