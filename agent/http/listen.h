// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <microhttpd.h>
#include <stdbool.h>

#include "bmc/error.h"

#define HTTP_WORKERS_MAX 16

/* Listening sockets, and to which of libmicrohttpd's threads a connection goes. Left to
 * themselves those threads race for what comes in: the one that wakes up first takes
 * all, and one processor serves every connection. */

/** Whether this is a numeric address, or "*". */
int http_listen_check(const char *address, struct bmc_error *err);
/** Listens on this numeric address ("*": all). The socket, or a negative error. */
int http_listen(const char *address, unsigned port, struct bmc_error *err);
/** The port of a socket, 0 when `fd` is none. */
unsigned http_listen_port(int fd);
/* A serving thread: a daemon of libmicrohttpd's. */
struct http_worker {
	struct MHD_Daemon *daemon;
	struct bmc_live *live;
	int64_t asked; /* BMC_TIME; accepting thread */
	bool tls;
};

/* Who serves a frontend's connections. */
struct http_workers {
	struct http_worker list[HTTP_WORKERS_MAX];
	unsigned n, next;
	bool tls;
};

/** Gives what waits at `fd` to the workers in turn; what the limits refuse (conn.h, and
 *  handshakes.h over TLS) is closed at once. False: there is no room for more now, ask
 *  again later. Accepting thread. */
bool http_accept(int fd, struct http_workers *w);
/** Asks each worker from time to time for a beat (core/base/liveness.h), by a
 * connection to itself, of the family AF_UNIX. Accepting thread. */
void http_ask_workers(struct http_workers *w);
