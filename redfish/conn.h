// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

/* Absolute deadlines of connections: libmicrohttpd's own timeout starts anew with every
 * byte, so somebody who sends one byte a second would hold a slot for ever. Any thread.
 */

struct rf_conn;

/* Milliseconds, and how many connections there may be. */
struct rf_limits {
	int64_t header_ms, body_ms, idle_ms, send_ms;
	unsigned connections, per_ip, threads;
};

void rf_conns_init(const struct rf_limits *limits);
/** A connection that was just accepted. NULL: out of memory; it is then closed early.
 */
struct rf_conn *rf_conn_new(int fd);
/** Accepts NULL. The descriptor is closed after this by its owner. */
void rf_conn_free(struct rf_conn *c);
/** The headers are in: a body is expected, or not. */
void rf_conn_headers(struct rf_conn *c, bool body);
/** The request is answered; `known`: by somebody who is let in. */
void rf_conn_idle(struct rf_conn *c, bool known);
/** The next bytes sent are a header that its body follows: they wait for that. */
void rf_conn_header_next(struct rf_conn *c);
/** Sends as sendmsg(2). Accepts what it holds back as sent. */
ssize_t rf_conn_send(struct rf_conn *c, const struct iovec *iov, int n);
/** Shuts down what is late; when slots are short, idle strangers. Twice a second. */
void rf_conns_tick(void);
