// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "http/request.h"

/* WebSockets (RFC 6455), framed by wslay. One thread serves all of them: a handler's
 * callbacks run there and may not block. */

struct http_websocket;

struct http_websocket_handler {
	const char *protocol; /* chosen of those that a client offers; NULL: none */
	size_t max_message;   /* bytes of one that is received; a longer one: close 1009
			       */
	size_t max_queue;     /* bytes that wait to be sent */
	/** The first call. */
	void (*opened)(struct http_websocket *w, void *arg);
	/** A whole message, borrowed; text is valid UTF-8, without a NUL at its end. */
	void (*message)(struct http_websocket *w, void *arg, bool text,
			const void *bytes, size_t len);
	/** What waits to be sent has become less than half of max_queue, after
	 * http_websocket_send said BMC_EAGAIN. NULL: not interested. */
	void (*writable)(struct http_websocket *w, void *arg);
	/** The last call: frees `arg`. Nothing is sent after it. */
	void (*closed)(struct http_websocket *w, void *arg);
};

/** Answers an upgrade request: 101, and `opened` follows; 400, 403 (from a page of
 * another origin) or 426, and `closed` is called at once with `w` NULL. The handler is
 * static. On a serving thread; `begin` has to authenticate the client. */
void http_answer_websocket(struct http_request *q,
			   const struct http_websocket_handler *handler, void *arg);

/** Keeps a WebSocket for other threads than its own, also behind `closed`. In a
 * callback. */
struct http_websocket *http_websocket_ref(struct http_websocket *w);
/** Accepts and returns NULL. Any thread. */
struct http_websocket *http_websocket_unref(struct http_websocket *w);
/** Queues a message, or none of it and an error: BMC_EAGAIN, max_queue is reached;
 * BMC_ECANCELED, it is closing. Any thread. */
int http_websocket_send(struct http_websocket *w, bool text, const void *bytes,
			size_t len);
/** Reads no further messages, or does so again: what has been read already, 4 KiB at
 * most, still comes. Any thread. */
void http_websocket_pause(struct http_websocket *w, bool paused);
/** Closes it behind what is queued, with a status code of RFC 6455. Any thread. */
void http_websocket_close(struct http_websocket *w, unsigned code);

/** For server.c. Main thread. `interval_ms`: a client that sends nothing is pinged
 * after it, and ended after four of them. */
int http_websockets_start(int64_t interval_ms, struct bmc_error *err);
/** Closes all with 1001 and waits for them, for a second at most; accepts none. */
void http_websockets_stop(void);
