// SPDX-License-Identifier: Apache-2.0
// Connections: which are let in, and until when each may take for what it does now. The
// accepting thread calls http_conn_admit and http_conns_tick; libmicrohttpd's threads
// report what happens.
#include "http/conn.h"

#include <errno.h>
#include <linux/tcp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "core/base/address.h"
#include "core/base/util.h"
#include "http/peer.h"

#define SLOW_MS    2000 /* an answer to an unauthenticated client that takes longer */
#define LOST_MS    2000 /* until a connection that was not reported is checked */
#define ENDING_MAX 128
#define FLOOD      64 /* connections */

#define HELD_MAX  1024
#define PARTS_MAX 8 /* gnutls writes one record, of a few parts, at a time */

struct http_conn {
	TAILQ_ENTRY(http_conn) link; /* oldest first */
	int fd;
	bool tls, started, ended;
	bool busy;    /* the request is complete, its answer is not */
	bool idle;    /* answered, and nothing of a next request came */
	bool known;   /* its last request was an authenticated client's */
	bool trusted; /* its peer is */
	struct in6_addr peer;
	uint64_t cookie; /* of the socket */
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
	struct http_limits limits;
	TAILQ_HEAD(http_conn_list, http_conn) list;
	struct http_trusted trusted;
	unsigned ending[2]; /* when it was last counted, by `tls` */
} conns = { .lock = PTHREAD_MUTEX_INITIALIZER,
	    .list = TAILQ_HEAD_INITIALIZER(conns.list) };

void http_conns_init(const struct http_limits *limits)
{
	(void)pthread_mutex_lock(&conns.lock);
	conns.limits = *limits;
	(void)pthread_mutex_unlock(&conns.lock);
}

static void drop(struct http_conn *c)
{
	TAILQ_REMOVE(&conns.list, c, link);
	free(c);
}

/* One that libmicrohttpd has not begun with may be closed by it at any time: its
 * descriptor is not touched before that. */
static void end(struct http_conn *c)
{
	c->ended = true;
	if (c->started)
		(void)shutdown(c->fd, SHUT_RDWR);
}

/* ---- how many there are: counted when it is asked, so that no count can be wrong ----
 */

/* Which connection is ended first when slots are short; less than 0: none of these. */
static int rank(const struct http_conn *c, int64_t now)
{
	if (c->known)
		return c->idle ? 3 : -1;
	if (c->busy)
		return now - c->since > SLOW_MS ? 2 : -1;
	return c->trusted;
}

struct census {
	unsigned all, live, same; /* same: live ones of the peer */
	unsigned ending; /* but for those whose request is under way: it ends first */
	struct http_conn *last; /* the first to end, or NULL */
	int last_rank;
};

static void consider(struct census *n, struct http_conn *c, int64_t now)
{
	int r = rank(c, now);

	if (r < 0 || (n->last && (r > n->last_rank ||
				  (r == n->last_rank && c->since >= n->last->since))))
		return;
	n->last = c;
	n->last_rank = r;
}

static struct census count(bool tls, const struct in6_addr *peer, int64_t now)
{
	struct census n = { 0 };
	struct http_conn *c;

	TAILQ_FOREACH (c, &conns.list, link) {
		if (c->tls != tls)
			continue;
		n.live += !c->ended;
		n.all++;
		n.ending += c->ended && !c->busy;
		if (c->ended)
			continue;
		n.same += bmc_address_is_same(&c->peer, peer);
		consider(&n, c, now);
	}
	conns.ending[tls] = n.ending;
	return n;
}

/* Whether one more of this peer may come in; makes room for it above three quarters. An
 * eighth of the slots is for trusted peers. */
static bool has_room(const struct http_conn *c)
{
	const struct http_limits *l = &conns.limits;
	struct census n = count(c->tls, &c->peer, c->since);

	if (n.same >= l->per_ip || n.all >= 2 * l->connections)
		return false;
	if (n.last && n.live >= l->connections - l->connections / 4) {
		end(n.last);
		n.live--;
	}
	return n.live < l->connections - (c->trusted ? 0 : l->connections / 8);
}

/* What the kernel has just given us again, libmicrohttpd has closed without a word. */
static void drop_lost(int fd)
{
	struct http_conn *c, *next;

	for (c = TAILQ_FIRST(&conns.list); c; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->fd == fd && !c->started)
			drop(c);
	}
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	(void)getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

struct http_conn *http_conn_admit(int fd, bool tls, const struct sockaddr *from)
{
	struct http_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = fd;
	c->tls = tls;
	c->peer = bmc_address_client(from);
	c->cookie = cookie_of(fd);
	c->since = bmc_now();
	(void)pthread_mutex_lock(&conns.lock);
	drop_lost(fd);
	c->trusted = http_trusted_find(&conns.trusted, &c->peer, c->since);
	bool ok = has_room(c);
	c->deadline = c->since + conns.limits.header_ms;
	if (ok)
		TAILQ_INSERT_TAIL(&conns.list, c, link);
	(void)pthread_mutex_unlock(&conns.lock);
	if (ok)
		return c;
	free(c);
	return NULL;
}

bool http_conns_ending(bool tls)
{
	const struct in6_addr none = { 0 };

	(void)pthread_mutex_lock(&conns.lock);
	if (conns.ending[tls] >= ENDING_MAX)
		(void)count(tls, &none, 0);
	bool many = conns.ending[tls] >= ENDING_MAX;
	(void)pthread_mutex_unlock(&conns.lock);
	return many;
}

bool http_conns_shed(void)
{
	const struct in6_addr none = { 0 };
	int64_t now = bmc_now();

	(void)pthread_mutex_lock(&conns.lock);
	struct census n[] = { count(true, &none, now), count(false, &none, now) };
	struct census *more = n[0].live > n[1].live ? &n[0] : &n[1];
	bool ended = more->last && n[0].ending + n[1].ending == 0;
	if (ended)
		end(more->last);
	(void)pthread_mutex_unlock(&conns.lock);
	return ended;
}

struct http_conn *http_conn_started(int fd)
{
	struct http_conn *c;

	(void)pthread_mutex_lock(&conns.lock);
	/* it is one of the last */
	TAILQ_FOREACH_REVERSE (c, &conns.list, http_conn_list, link) {
		if (c->fd == fd && !c->started)
			break;
	}
	if (c) {
		c->started = true;
		if (c->ended)
			end(c);
	}
	(void)pthread_mutex_unlock(&conns.lock);
	return c;
}

void http_conn_free(struct http_conn *c)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&conns.lock);
	drop(c);
	(void)pthread_mutex_unlock(&conns.lock);
}

void http_conns_done(void)
{
	struct http_conn *c;

	(void)pthread_mutex_lock(&conns.lock);
	while ((c = TAILQ_FIRST(&conns.list)))
		drop(c);
	(void)pthread_mutex_unlock(&conns.lock);
}

unsigned http_conns_count(void)
{
	struct http_conn *c;
	unsigned n = 0;

	(void)pthread_mutex_lock(&conns.lock);
	TAILQ_FOREACH (c, &conns.list, link)
		n++;
	(void)pthread_mutex_unlock(&conns.lock);
	return n;
}

/* ---- what they do ---- */

static uint64_t received(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0
		       ? info.tcpi_bytes_received
		       : 0;
}

void http_conn_headers(struct http_conn *c, bool body)
{
	if (!c)
		return;
	int64_t now = bmc_now();
	(void)pthread_mutex_lock(&conns.lock);
	c->idle = false;
	c->busy = !body;
	c->since = now;
	c->deadline = now + (body ? conns.limits.body_ms : conns.limits.send_ms);
	(void)pthread_mutex_unlock(&conns.lock);
}

static void trust(const struct in6_addr *peer)
{
	struct http_conn *c;

	TAILQ_FOREACH (c, &conns.list, link)
		c->trusted |= bmc_address_is_same(&c->peer, peer);
}

void http_conn_known(struct http_conn *c, bool known)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&conns.lock);
	c->known = known;
	if (known && !c->trusted)
		trust(&c->peer);
	if (known)
		http_trusted_add(&conns.trusted, &c->peer, bmc_now());
	(void)pthread_mutex_unlock(&conns.lock);
}

void http_conn_idle(struct http_conn *c)
{
	if (!c)
		return;
	int64_t now = bmc_now();
	(void)pthread_mutex_lock(&conns.lock);
	c->idle = true;
	c->busy = false;
	c->since = now;
	c->deadline = now + conns.limits.idle_ms;
	c->received = 0;
	(void)pthread_mutex_unlock(&conns.lock);
}

void http_conn_header_next(struct http_conn *c)
{
	if (c)
		c->header_next = true;
}

/* Copies a header's record, to be sent with the next; false: it is too long for that.
 */
static bool hold(struct http_conn *c, const struct iovec *iov, int n)
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
static ssize_t after_held(struct http_conn *c, size_t sent)
{
	size_t held = c->n_held;

	c->n_held -= MIN(held, sent);
	memmove(c->held, c->held + held - c->n_held, c->n_held);
	if (sent > held)
		return (ssize_t)(sent - held);
	errno = EAGAIN;
	return -1;
}

ssize_t http_conn_send(struct http_conn *c, const struct iovec *iov, int n)
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
static void notice_bytes(struct http_conn *c, int64_t now)
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

/* libmicrohttpd closes a connection it has no memory for without telling. A socket's
 * cookie is its own for ever, so another one under the same number differs. */
static bool is_lost(const struct http_conn *c, int64_t now)
{
	return !c->started && now - c->since > LOST_MS && cookie_of(c->fd) != c->cookie;
}

/* What many connections took is given back when they are gone. */
static bool flood_is_over(unsigned n)
{
	static unsigned most;
	bool over = most >= FLOOD && n <= most / 8;

	most = over ? n : MAX(most, n);
	return over;
}

void http_conns_tick(void)
{
	int64_t now = bmc_now();
	struct http_conn *c, *next;
	unsigned n = 0;

	(void)pthread_mutex_lock(&conns.lock);
	for (c = TAILQ_FIRST(&conns.list); c; c = next) {
		next = TAILQ_NEXT(c, link);
		if (is_lost(c, now)) {
			drop(c);
			continue;
		}
		n++;
		notice_bytes(c, now);
		if (!c->ended && now >= c->deadline)
			end(c);
	}
	(void)pthread_mutex_unlock(&conns.lock);
	if (flood_is_over(n))
		(void)malloc_trim(0);
}
