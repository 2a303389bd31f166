// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bmc/model.h"

/* A request on its way through a handler. The server reads and checks its headers,
 * finds the handler by the path (http.h), collects the body within its limits and sends
 * the response. A request belongs to one serving thread; while it is suspended no
 * callback of its handler runs. */

struct http_login;
struct http_request;
struct http_response;
struct http_wait;

enum {
	HTTP_DONE,
	HTTP_WAIT /* the request was suspended: the callback is called again after it */
};

/* What a request needs of the connection that it came on. */
struct http_transport {
	/** A header's value, borrowed, or NULL. */
	const char *(*header)(const struct http_request *q, const char *name);
	/** Calls `each` for the query's arguments, decoded, in their order, until it
	 * returns false. `value` is NULL without "=". */
	void (*arguments)(const struct http_request *q,
			  bool (*each)(void *arg, const char *name, const char *value),
			  void *arg);
	void (*suspend)(struct http_request *q);
	/** Any thread; `q` is not touched after it. */
	void (*resume)(struct http_request *q);
	/** Whether the client of a suspended request has closed its connection, or its
	 * sending side; any thread. NULL: never. */
	bool (*gone)(const struct http_request *q);
	/** How many bytes the peer has acknowledged on the connection so far; any
	 * thread, until the handler's `end`. */
	uint64_t (*acknowledged)(const struct http_request *q);
	/** Ends the connection; any thread, until the handler's `end`. */
	void (*cut)(const struct http_request *q);
};

/* The least progress that a body, and an answer that is being read, has to make; a
 * connection that makes less is ended. In units of the config's request_timeout. */
enum http_pace {
	HTTP_PACE_CALL,    /* 1 KiB in one: what is short */
	HTTP_PACE_TRANSFER /* a byte in four: images, over bad lines too */
};

/* The process at the other end of a Unix socket, as the kernel says when it connects.
 */
struct http_peer {
	bool known; /* it is a Unix socket */
	uid_t uid;
	gid_t gid;
};

struct http_request {
	const struct http_transport *transport;
	void *handle; /* the transport's */
	const struct http_handler *handler;
	void *state; /* the handler's */
	/* what came in; borrowed until the handler's `end` */
	const char *method, *path; /* the path decoded, without the query */
	char client[48];           /* numeric address, or "local:UID": see peer */
	struct http_peer peer;
	bool secure;                  /* over TLS */
	char certificate[BMC_ID_MAX]; /* the account named by the client's certificate,
				       * which is verified; "": none */
	uint32_t certificate_row;     /* the stored one that this rests on; 0: none */
	uint64_t length;   /* of the body: announced, or HTTP_LENGTH_UNKNOWN */
	uint64_t received; /* of it, so far */
	char *body;        /* owned; complete in `run`; not with `data` */
	size_t body_len;
	/* the handler says, in `begin` */
	enum http_pace pace;
	uint64_t max_body;  /* instead of the config's; 0: that */
	bool authenticated; /* allows longer bodies, and protects the connection */
	/* waiting */
	struct http_login *login; /* the handler's, while a password is checked */
	int expired; /* why the wait ended without its callback: BMC_ETIMEDOUT,
		      * BMC_ECANCELED; the handler clears it */
	bool waited;
	/* the answer: http_answer() */
	unsigned status;
	struct http_response *response;
	bool shared;
	bool close;    /* the connection ends with the answer */
	bool complete; /* in `end`: all of the answer was sent */
};

#define HTTP_LENGTH_UNKNOWN UINT64_MAX /* a chunked body */

/* Responsibilities: `begin`, `run` and `refuse` give an answer (http_answer) before
 * they return HTTP_DONE; `begin` need not, and when it does the body is not read. None
 * of them may block. On a serving thread. */
struct http_handler {
	/** The headers are in and checked: makes q->state, authenticates. */
	int (*begin)(struct http_request *q);
	/** Bytes of the body, as they come; at most 32 KiB at a time. Back-pressure: it
	 * takes as many as it can (*ret_taken), suspends the request and returns
	 * HTTP_WAIT; the rest comes again after that. When it answers, the rest of the
	 * body is dropped and `run` is not called. NULL: the body is collected. */
	int (*data)(struct http_request *q, const void *bytes, size_t len,
		    size_t *ret_taken);
	/** The body is in. */
	int (*run)(struct http_request *q);
	/** The server refuses the request, maybe before `begin`: answers `status` with
	 * a body in the handler's format. `header`: the one that is invalid, or NULL.
	 * NULL: plain text. The connection ends with the answer. */
	void (*refuse)(struct http_request *q, unsigned status, const char *header);
	/** The request is over, answered or not: frees q->state. Also when `begin` was
	 * never called. NULL: nothing to free. */
	void (*end)(struct http_request *q);
};

/** A header's value, borrowed, or NULL. */
static inline const char *http_header(const struct http_request *q, const char *name)
{
	return q->transport->header(q, name);
}

/* ---- responses ---- */

enum http_bytes { HTTP_STOLEN, HTTP_COPIED, HTTP_STATIC };

/** A response of these bytes, with the headers that every response has; `secure`: to be
 * sent over TLS. STOLEN bytes are from malloc(), and freed also on failure. NULL: out
 * of memory. */
struct http_response *http_response_new(const void *bytes, size_t len,
					enum http_bytes how, bool secure);
/** Accepts and returns NULL. */
struct http_response *http_response_free(struct http_response *r);
/** Adds a header; none when `value` is NULL or empty. Before the response is answered
 * with. */
void http_response_add(struct http_response *r, const char *name, const char *value);
/** Answers with this response (stolen; NULL, out of memory, ends the connection). */
void http_answer(struct http_request *q, unsigned status, struct http_response *r);
/** The same with a response that is used again and again: borrowed until the handler's
 * `end`, of the request's `secure`. False: this request needs one of its own. */
bool http_answer_shared(struct http_request *q, unsigned status,
			struct http_response *r);

/* ---- suspending ---- */

#define HTTP_WAIT_MS      15000
#define HTTP_WAIT_FOREVER 0

/** Suspends the request: the callback that was running must return HTTP_WAIT, and it is
 * called again after http_wait_resume(). Give the wait to what will end it; it ends by
 * itself after `ms` (HTTP_WAIT_FOREVER: never), with q->expired. With `cancel` it also
 * ends when the client has gone; in both cases `cancel` is called, and returns true
 * when the callback will not come. It must not wait nor end a wait. NULL: out of
 * memory, or the server stops. */
struct http_wait *http_wait_begin(struct http_request *q, int64_t ms,
				  bool (*cancel)(struct http_wait *w));
/** Back in a callback: the request, or NULL when it does not wait any more. Any
 * thread. */
struct http_request *http_wait_end(struct http_wait *w);
/** Goes on with the request on its own thread. */
void http_wait_resume(struct http_request *q);
/** Frees what the transport collected; the transport calls it after `end`. */
void http_request_done(struct http_request *q);
