// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* The limits of connections. libmicrohttpd's own are not used: in 0.9.75 a worker that
 * meets one locks a mutex which it holds. And its timeout starts again with every byte,
 * so the deadlines here are absolute. Any thread. */

struct rf_conn;

/* Milliseconds, and how many connections there may be: of a frontend, of a peer. */
struct rf_limits {
	int64_t header_ms, body_ms, idle_ms, send_ms;
	unsigned connections, per_ip, threads;
};

void rf_conns_init(const struct rf_limits *limits);
/** Counts a connection that was just accepted, before libmicrohttpd gets it. Above
 * three quarters of a frontend's slots the oldest connection without a complete request
 * is ended for it, those of unauthenticated clients elsewhere first. An eighth of the
 * slots is for peers from which a client authenticated lately (peer.h). NULL: no slot
 * is left for this peer, or no memory; the caller closes it. Accepting thread. */
struct rf_conn *rf_conn_admit(int fd, bool tls, const struct sockaddr *from);
/** Whether so many connections have been ended here, but not closed by libmicrohttpd
 * yet, that new ones had better wait. */
bool rf_conns_ending(bool tls);
/** Ends one connection for its descriptor, as rf_conn_admit would; false: none can be,
 * or one is ending already. Accepting thread. */
bool rf_conns_shed(void);
/** libmicrohttpd begins with this one. NULL: not one of ours. */
struct rf_conn *rf_conn_started(int fd);
/** It is closed, or was never taken. Accepts NULL. The descriptor is closed after this
 * by its owner. */
void rf_conn_free(struct rf_conn *c);
/** Forgets those that libmicrohttpd never began with, once it has ended. Main thread.
 */
void rf_conns_done(void);
/** How many there are, of both frontends. */
unsigned rf_conns_count(void);
/** The headers are in: a body is expected, or not. Accepts NULL, as all below. */
void rf_conn_headers(struct rf_conn *c, bool body);
/** Whether the request is an authenticated client's; its peer is trusted then. */
void rf_conn_known(struct rf_conn *c, bool known);
/** The request is answered. */
void rf_conn_idle(struct rf_conn *c);
/** The next bytes sent are a header that its body follows: they wait for that. */
void rf_conn_header_next(struct rf_conn *c);
/** Sends as sendmsg(2). Accepts what it holds back as sent. */
ssize_t rf_conn_send(struct rf_conn *c, const struct iovec *iov, int n);
/** Ends what is late and forgets what was lost. Twice a second. */
void rf_conns_tick(void);
