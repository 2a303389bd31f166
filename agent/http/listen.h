// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <microhttpd.h>
#include <stdbool.h>

#include "bmc/conf.h"
#include "bmc/error.h"
#include "http/conn.h"

#define HTTP_WORKERS_MAX 16

/* Listening sockets, and to which of libmicrohttpd's threads a connection goes. Left to
 * themselves those threads race for what comes in: the one that wakes up first takes
 * all, and one processor serves every connection. */

/* https_port, http_port, 16 http.listeners, and apart */
#define HTTP_LISTENERS_MAX (18 + HTTP_PLACES)

struct http_listener {
	int fd;
	enum http_group group;
	char path[108]; /* of a Unix socket, else "" */
};

/** Opens what the section `http` says: https_port on `bind`, http_port on loopback, and
 * each of `listeners`. Returns how many, or a negative error with nothing open. Main
 * thread. */
int http_listeners_open(const struct bmc_conf *http,
			struct http_listener ret[HTTP_LISTENERS_MAX],
			struct bmc_error *err);
/** http_listen_apart's place, NULL: none. BMC_EINVAL: it is no address. */
int http_listeners_apart(enum http_place place, const char *address, unsigned port,
			 struct bmc_error *err);
/** Closes them and removes the files of Unix sockets. */
void http_listeners_close(struct http_listener *list, int n);
/** Whether http_listeners_open could use the section; opens nothing. `ret_tls`: whether
 * any of them is over TLS. */
int http_listeners_check(const struct bmc_conf *http, bool *ret_tls,
			 struct bmc_error *err);
/** The port of a TCP socket, else 0. */
unsigned http_listen_port(int fd);
/** Whether a TCP socket takes what comes to that address of ours. */
bool http_listens_at(int fd, const struct sockaddr *address);
/* A serving thread: a daemon of libmicrohttpd's. */
struct http_worker {
	struct MHD_Daemon *daemon;
	struct bmc_live *live;
	int64_t asked; /* BMC_TIME; accepting thread */
	enum http_group group;
};

/* Who serves a group's connections. */
struct http_workers {
	struct http_worker list[HTTP_WORKERS_MAX];
	unsigned n, next;
	enum http_group group;
};

/** Gives what waits at the listening socket `fd` to the workers in turn; what the
 * limits refuse (conn.h, and handshakes.h over TLS) is closed at once. False: there is
 * no room for more now, ask again later. Accepting thread. */
bool http_accept(int fd, struct http_workers *w);
/** Asks each worker from time to time for a beat (core/base/liveness.h), by a
 * connection to itself, of the family AF_UNIX. Accepting thread. */
void http_ask_workers(struct http_workers *w);
