// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <sys/types.h>

#include "cli/client.h"

/* A WebSocket to the agent (RFC 6455), over the same way as requests: its Unix socket,
 * or HTTPS whose certificate is checked. For one thread. */

struct cli_websocket;

/* What comes; in cli_websocket_step(). */
struct cli_websocket_handler {
	void (*message)(void *arg, bool text, const void *bytes, size_t len);
	void *arg;
};

/** Opens one at `path`; the link has logged in. 0, or an enum cli_exit and `err`. The
 * handler is copied. */
int cli_websocket_open(struct cli_link *l, const char *path,
		       const struct cli_websocket_handler *handler,
		       struct cli_websocket **ret, struct cli_error *err);
/** Closes it; NULL is fine. */
void cli_websocket_free(struct cli_websocket *w);
/** Queues a message (copied); false: out of memory, or it is closing. */
bool cli_websocket_send(struct cli_websocket *w, bool text, const void *bytes,
			size_t len);
/** Bytes that wait to be sent. */
size_t cli_websocket_queued(const struct cli_websocket *w);
/** For poll(): the descriptor, and what to wait for. */
int cli_websocket_fd(const struct cli_websocket *w, short *ret_events);
/** Sends and receives what can be without waiting; false: it has ended. */
bool cli_websocket_step(struct cli_websocket *w);
