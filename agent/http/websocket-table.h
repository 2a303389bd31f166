// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <wslay/wslay.h>

#include "http/websocket.h"

/* For websocket*.c. */

struct http_outgoing {
	STAILQ_ENTRY(http_outgoing) link;
	bool text;
	size_t len;
	uint8_t bytes[];
};

struct http_websocket {
	LIST_ENTRY(http_websocket) link;
	_Atomic unsigned refs;
	_Atomic bool paused; /* nothing is read */
	const struct http_websocket_handler *handler;
	void *arg;
	struct MHD_UpgradeResponseHandle *urh;
	int fd;
	/* with the lock held */
	STAILQ_HEAD(, http_outgoing) outbox;
	size_t n_outbox; /* bytes */
	unsigned close;  /* the code; 0: not asked for */
	bool closing, full;
	size_t in_wslay; /* bytes queued there */
	/* its thread's */
	wslay_event_context_ptr ctx;
	uint8_t *extra; /* came with the upgrade, owned */
	size_t n_extra, extra_at;
	size_t left; /* to be read in this round */
	bool opened, ended;
	int64_t received_at, pinged, deadline; /* BMC_TIME */
};

struct http_websocket_table {
	pthread_mutex_t lock;
	LIST_HEAD(, http_websocket) list;
	size_t n;
	bool running, stopping;
	int wake; /* eventfd */
	pthread_t thread;
	struct bmc_live *live;
	int64_t interval_ms;
};

extern struct http_websocket_table http_websockets;

/** Has the WebSockets' thread look at all of them. Any thread. */
void http_websockets_wake(void);

/** A WebSocket whose connection was upgraded: its socket, what has come on it already
 * (copied), and libmicrohttpd's handle, for the end. False: out of memory, or the
 * server stops; the caller ends the connection and calls `closed`. Any thread. */
bool http_websocket_begin(const struct http_websocket_handler *handler, void *arg,
			  struct MHD_UpgradeResponseHandle *urh, int fd,
			  const void *extra, size_t n_extra);
