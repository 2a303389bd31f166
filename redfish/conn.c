// SPDX-License-Identifier: Apache-2.0
// Connections and until when each may take for what it does now. The ticker of http.c
// calls rf_conns_tick; libmicrohttpd's threads report what happens.
#include "redfish/conn.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "core/util.h"

#define STRANGER_MS 2000 /* how long an idle stranger is kept when slots are short */

struct rf_conn {
	TAILQ_ENTRY(rf_conn) link; /* oldest first */
	int fd;
	bool idle, known, ended;
	bool header_next; /* its own serving thread's */
	int64_t deadline, since;
	uint64_t received; /* bytes at the first tick in which it was idle; 0: none yet
			    */
};

static struct {
	pthread_mutex_t lock;
	struct rf_limits limits;
	TAILQ_HEAD(, rf_conn) list;
	unsigned n;
} conns = { .lock = PTHREAD_MUTEX_INITIALIZER,
	    .list = TAILQ_HEAD_INITIALIZER(conns.list) };

void rf_conns_init(const struct rf_limits *limits)
{
	(void)pthread_mutex_lock(&conns.lock);
	conns.limits = *limits;
	(void)pthread_mutex_unlock(&conns.lock);
}

struct rf_conn *rf_conn_new(int fd)
{
	struct rf_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = fd;
	c->since = bmc_now();
	(void)pthread_mutex_lock(&conns.lock);
	c->deadline = c->since + conns.limits.header_ms;
	TAILQ_INSERT_TAIL(&conns.list, c, link);
	conns.n++;
	(void)pthread_mutex_unlock(&conns.lock);
	return c;
}

void rf_conn_free(struct rf_conn *c)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&conns.lock);
	TAILQ_REMOVE(&conns.list, c, link);
	conns.n--;
	(void)pthread_mutex_unlock(&conns.lock);
	free(c);
}

static uint64_t received(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0
		       ? info.tcpi_bytes_received
		       : 0;
}

void rf_conn_headers(struct rf_conn *c, bool body)
{
	if (!c)
		return;
	int64_t now = bmc_now();
	(void)pthread_mutex_lock(&conns.lock);
	c->idle = false;
	c->since = now;
	c->deadline = now + (body ? conns.limits.body_ms : conns.limits.send_ms);
	(void)pthread_mutex_unlock(&conns.lock);
}

void rf_conn_idle(struct rf_conn *c, bool known)
{
	if (!c)
		return;
	int64_t now = bmc_now();
	(void)pthread_mutex_lock(&conns.lock);
	c->idle = true;
	c->known = known;
	c->since = now;
	c->deadline = now + conns.limits.idle_ms;
	c->received = 0;
	(void)pthread_mutex_unlock(&conns.lock);
}

void rf_conn_header_next(struct rf_conn *c)
{
	if (c)
		c->header_next = true;
}

ssize_t rf_conn_send(struct rf_conn *c, const struct iovec *iov, int n)
{
	struct msghdr m = { .msg_iovlen = (size_t)n };
	int flags = MSG_NOSIGNAL | (c->header_next ? MSG_MORE : 0);

	memcpy(&m.msg_iov, &iov, sizeof(iov)); /* sendmsg only reads it */
	c->header_next = false;
	return sendmsg(c->fd, &m, flags);
}

/* An idle connection on which bytes come in is sending its next headers. */
static void notice_bytes(struct rf_conn *c, int64_t now)
{
	uint64_t bytes = c->idle ? received(c->fd) : 0;

	if (!c->idle || bytes == c->received)
		return;
	if (!c->received) {
		c->received = bytes;
		return;
	}
	c->idle = false;
	c->since = now;
	c->deadline = now + conns.limits.header_ms;
}

static bool sheds(const struct rf_conn *c, int64_t now)
{
	return conns.n > conns.limits.connections * 3 / 4 && c->idle && !c->known &&
	       now - c->since > STRANGER_MS;
}

void rf_conns_tick(void)
{
	int64_t now = bmc_now();
	struct rf_conn *c;

	(void)pthread_mutex_lock(&conns.lock);
	TAILQ_FOREACH (c, &conns.list, link) {
		notice_bytes(c, now);
		if (c->ended || (now < c->deadline && !sheds(c, now)))
			continue;
		c->ended = true;
		(void)shutdown(c->fd, SHUT_RDWR);
	}
	(void)pthread_mutex_unlock(&conns.lock);
}
