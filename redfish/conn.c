// SPDX-License-Identifier: Apache-2.0
// Connections and until when each may take for what it does now. The ticker of http.c
// calls rf_conns_tick; libmicrohttpd's threads report what happens.
#include "redfish/conn.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "core/util.h"

#define STRANGER_MS 2000 /* how long an idle stranger is kept when slots are short */

#define HELD_MAX  1024
#define PARTS_MAX 8 /* gnutls writes one record, of a few parts, at a time */

struct rf_conn {
	TAILQ_ENTRY(rf_conn) link; /* oldest first */
	int fd;
	bool idle, known, ended;
	int64_t deadline, since;
	uint64_t received; /* bytes at the first tick in which it was idle; 0: none yet
			    */
	/* its own serving thread's */
	bool header_next;
	size_t n_held;
	uint8_t held[HELD_MAX]; /* a header that waits for its body */
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

/* Copies a header's record, to be sent with the next; false: it is too long for that.
 */
static bool hold(struct rf_conn *c, const struct iovec *iov, int n)
{
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		if (iov[i].iov_len > sizeof(c->held) - len)
			return false;
		memcpy(c->held + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	c->n_held = len;
	return true;
}

/* What was held went first. None of the rest may be reported before all of it went. */
static ssize_t after_held(struct rf_conn *c, size_t sent)
{
	size_t held = c->n_held;

	c->n_held -= MIN(held, sent);
	memmove(c->held, c->held + held - c->n_held, c->n_held);
	if (sent > held)
		return (ssize_t)(sent - held);
	errno = EAGAIN;
	return -1;
}

ssize_t rf_conn_send(struct rf_conn *c, const struct iovec *iov, int n)
{
	struct iovec all[PARTS_MAX] = { { c->held, c->n_held } };
	struct msghdr m = { .msg_iov = all, .msg_iovlen = 1 };
	bool header = c->header_next;

	c->header_next = false;
	if (header && !c->n_held && hold(c, iov, n))
		return (ssize_t)c->n_held;
	for (int i = 0; i < n && m.msg_iovlen < PARTS_MAX; i++)
		all[m.msg_iovlen++] = iov[i];
	ssize_t sent = sendmsg(c->fd, &m, MSG_NOSIGNAL);
	return sent > 0 ? after_held(c, (size_t)sent) : sent;
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
