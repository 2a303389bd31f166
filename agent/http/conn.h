// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "http/http.h"
#include "http/request.h"

/* The limits of connections. libmicrohttpd's own are not used: in 0.9.75 a worker that
 * meets one locks a mutex which it holds. And its timeout starts again with every byte:
 * here headers have an absolute deadline, bodies and answers a least progress. Any
 * thread. */

struct http_conn;

/* What a connection counts to: each group has its own slots and serving threads. */
enum http_group {
	HTTP_PLAIN,
	HTTP_TLS,
	HTTP_APART, /* of the first enum http_place; see http_listen_apart() */
	HTTP_GROUPS = HTTP_APART + HTTP_PLACES
};

/* Milliseconds, and how many connections there may be: of a group, of a peer. In
 * each interval_ms a body, or an answer, has to make progress (enum http_pace). */
struct http_limits {
	int64_t header_ms, interval_ms, idle_ms;
	unsigned connections, per_ip, threads;
};

void http_conns_init(const struct http_limits *limits);
/** Counts a connection that was just accepted, before libmicrohttpd gets it. Above
 * three quarters of a group's slots the oldest connection without a complete request
 * is ended for it, those of unauthenticated clients elsewhere first. An eighth of the
 * slots is for peers from which a client authenticated lately (peer.h). NULL: no slot
 * is left for this peer, or no memory; the caller closes it. Accepting thread. */
struct http_conn *http_conn_admit(int fd, enum http_group group,
				  const struct sockaddr *from);
/** Whether so many connections have been ended here, but not closed by libmicrohttpd
 * yet, that new ones had better wait. */
bool http_conns_ending(enum http_group group);
/** Ends one connection for its descriptor, as http_conn_admit would; false: none can
 * be, or one is ending already. Accepting thread. */
bool http_conns_shed(void);
/** libmicrohttpd begins with this one. NULL: not one of ours. */
struct http_conn *http_conn_started(int fd);
/** It is closed, or was never taken. Accepts NULL. The descriptor is closed after this
 * by its owner. */
void http_conn_free(struct http_conn *c);
/** Forgets those that libmicrohttpd never began with, once it has ended. Main thread.
 */
void http_conns_done(void);
/** How many there are, of all groups. */
unsigned http_conns_count(void);
/** The headers are in: a body is expected, or not. Accepts NULL, as all below. */
void http_conn_headers(struct http_conn *c, bool body);
/** The least progress of this request's body and answer, instead of HTTP_PACE_CALL. */
void http_conn_pace(struct http_conn *c, enum http_pace pace);
/** So many bytes of the body were taken. */
void http_conn_took(struct http_conn *c, size_t bytes);
/** The body is complete. */
void http_conn_complete(struct http_conn *c);
/** The answer begins. */
void http_conn_answer(struct http_conn *c);
/** The request's body has not come whole, and the connection ends with the answer: what
 * still comes is dropped for a while (linger.h). */
void http_conn_linger(struct http_conn *c);
/** The connection is upgraded: what uses it now has its own deadlines. */
void http_conn_upgraded(struct http_conn *c);
/** The request is suspended, or goes on: no deadline counts meanwhile. */
void http_conn_pause(struct http_conn *c, bool paused);
/** Whether the request is an authenticated client's; its peer is trusted then. */
void http_conn_known(struct http_conn *c, bool known);
/** The request is answered. */
void http_conn_idle(struct http_conn *c);
/** Verifies the certificate of a TLS client; `ret`: the name in it, or "", `*ret_row`:
 * the stored certificate that this rests on, or 0. False: the connection has to end. */
bool http_conn_certified(struct http_conn *c, gnutls_session_t session,
			 char ret[BMC_ID_MAX], uint32_t *ret_row);
/** The next bytes sent are a header that its body follows: they wait for that. */
void http_conn_header_next(struct http_conn *c);
/** Bytes that the socket's peer has acknowledged. */
uint64_t http_conn_acknowledged(int fd);
/** Sends as sendmsg(2). Accepts what it holds back as sent. */
ssize_t http_conn_send(struct http_conn *c, const struct iovec *iov, int n);
/** Ends what is late and forgets what was lost. Twice a second. */
void http_conns_tick(void);
