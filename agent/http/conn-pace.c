// SPDX-License-Identifier: Apache-2.0
// Until when each connection may take for what it does now. Headers have to be complete
// in time; a body and an answer have to make progress, however long they take: so many
// bytes in each interval. libmicrohttpd's threads report the phases, the accepting
// thread calls http_conns_tick.
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "core/base/address.h"
#include "core/base/util.h"
#include "http/conn-table.h"

#define LOST_MS 2000 /* until a connection that was not reported is checked */
#define FLOOD   64   /* connections */

/* The least progress, in bytes in so many intervals. */
static const struct {
	int64_t intervals;
	uint64_t bytes;
} paces[] = {
	[HTTP_PACE_CALL] = { 1, 1024 },
	[HTTP_PACE_TRANSFER] = { 4, 1 },
};

#define UNSET         UINT64_MAX /* the mark, until the first check: it costs a call */
#define RUN_INTERVALS 8          /* until an answer has to begin */

/* ---- what the kernel counts ---- */

struct counts {
	uint64_t received, acked;
	bool drained; /* the peer has all that was sent */
};

/* Of a Unix socket only what was not read yet is known. */
static struct counts local_counts(int fd)
{
	int unread = 0;

	(void)ioctl(fd, SIOCOUTQ, &unread);
	return (struct counts){ .acked = (uint64_t)INT32_MAX - (uint64_t)unread,
				.drained = unread == 0 };
}

static struct counts counts_of(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return local_counts(fd);
	return (struct counts){ .received = info.tcpi_bytes_received,
				.acked = info.tcpi_bytes_acked,
				.drained = info.tcpi_unacked == 0 &&
					   info.tcpi_notsent_bytes == 0 };
}

/* ---- phases ---- */

static int64_t interval(const struct http_conn *c)
{
	return http_conns.limits.interval_ms * paces[c->pace].intervals;
}

/* Until the phase has to end, or in BODY and SEND to make progress. */
static int64_t time_for(const struct http_conn *c)
{
	const struct http_limits *l = &http_conns.limits;

	switch (c->phase) {
	case HTTP_PHASE_HEADERS:
		return l->header_ms;
	case HTTP_PHASE_RUN:
		return l->interval_ms * RUN_INTERVALS;
	case HTTP_PHASE_IDLE:
		return l->idle_ms;
	case HTTP_PHASE_UPGRADED:
		return INT64_MAX / 2;
	default:
		return interval(c);
	}
}

static void enter(struct http_conn *c, enum http_phase phase)
{
	c->phase = phase;
	c->since = bmc_now();
	c->deadline = c->since + time_for(c);
}

void http_conn_headers(struct http_conn *c, bool body)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&http_conns.lock);
	c->pace = HTTP_PACE_CALL;
	c->mark = c->body_bytes;
	if (body)
		enter(c, HTTP_PHASE_BODY);
	else
		enter(c, HTTP_PHASE_RUN);
	(void)pthread_mutex_unlock(&http_conns.lock);
}

void http_conn_pace(struct http_conn *c, enum http_pace pace)
{
	if (!c || pace == c->pace)
		return;
	(void)pthread_mutex_lock(&http_conns.lock);
	c->pace = pace;
	if (c->phase == HTTP_PHASE_BODY)
		c->deadline = bmc_now() + interval(c);
	(void)pthread_mutex_unlock(&http_conns.lock);
}

void http_conn_took(struct http_conn *c, size_t bytes)
{
	if (c)
		atomic_fetch_add_explicit(&c->body_bytes, bytes, memory_order_relaxed);
}

void http_conn_complete(struct http_conn *c)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&http_conns.lock);
	enter(c, HTTP_PHASE_RUN);
	(void)pthread_mutex_unlock(&http_conns.lock);
}

void http_conn_answer(struct http_conn *c)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&http_conns.lock);
	int64_t since = c->phase == HTTP_PHASE_RUN ? c->since : bmc_now();
	enter(c, HTTP_PHASE_SEND);
	c->since = since;
	c->mark = UNSET;
	(void)pthread_mutex_unlock(&http_conns.lock);
}

void http_conn_upgraded(struct http_conn *c)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&http_conns.lock);
	enter(c, HTTP_PHASE_UPGRADED);
	(void)pthread_mutex_unlock(&http_conns.lock);
}

void http_conn_pause(struct http_conn *c, bool paused)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&http_conns.lock);
	c->paused = paused;
	if (!paused)
		c->deadline = bmc_now() + time_for(c);
	(void)pthread_mutex_unlock(&http_conns.lock);
}

static void trust(const struct in6_addr *peer)
{
	struct http_conn *c;

	TAILQ_FOREACH (c, &http_conns.list, link)
		c->trusted |= bmc_address_is_same(&c->peer, peer);
}

void http_conn_known(struct http_conn *c, bool known)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&http_conns.lock);
	c->known = known;
	if (known && !c->trusted && c->group < HTTP_APART)
		trust(&c->peer);
	if (known && c->group < HTTP_APART)
		http_trusted_add(&http_conns.trusted, &c->peer, bmc_now());
	(void)pthread_mutex_unlock(&http_conns.lock);
}

void http_conn_idle(struct http_conn *c)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&http_conns.lock);
	enter(c, HTTP_PHASE_IDLE);
	c->received = 0;
	(void)pthread_mutex_unlock(&http_conns.lock);
}

uint64_t http_conn_acknowledged(int fd)
{
	return counts_of(fd).acked;
}

/* ---- deadlines ---- */

static void check_body(struct http_conn *c, int64_t now)
{
	uint64_t taken = atomic_load_explicit(&c->body_bytes, memory_order_relaxed);

	if (taken - c->mark < paces[c->pace].bytes)
		return;
	c->mark = taken;
	c->deadline = now + interval(c);
}

/* What is less than the least progress is waiting for the server. */
static void check_answer(struct http_conn *c, int64_t now)
{
	struct counts n = counts_of(c->fd);

	if (c->mark != UNSET && !n.drained && n.acked - c->mark < paces[c->pace].bytes)
		return;
	c->mark = n.acked;
	c->deadline = now + interval(c);
}

/* An idle connection on which bytes come in is sending its next headers. */
static void check_idle(struct http_conn *c)
{
	struct counts n = counts_of(c->fd);

	if (n.received == c->received)
		return;
	if (!c->received) {
		c->received = n.received;
		return;
	}
	enter(c, HTTP_PHASE_HEADERS);
}

static void check(struct http_conn *c, int64_t now)
{
	if (c->ended || c->paused)
		return;
	if (c->phase == HTTP_PHASE_BODY)
		check_body(c, now);
	else if (c->phase == HTTP_PHASE_SEND)
		check_answer(c, now);
	else if (c->phase == HTTP_PHASE_IDLE)
		check_idle(c);
	if (now >= c->deadline)
		http_conn_end(c);
}

/* libmicrohttpd closes a connection it has no memory for without telling. A socket's
 * cookie is its own for ever, so another one under the same number differs. */
static bool is_lost(const struct http_conn *c, int64_t now)
{
	return !c->started && now - c->since > LOST_MS &&
	       http_cookie_of(c->fd) != c->cookie;
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

	(void)pthread_mutex_lock(&http_conns.lock);
	for (c = TAILQ_FIRST(&http_conns.list); c; c = next) {
		next = TAILQ_NEXT(c, link);
		if (is_lost(c, now)) {
			http_conn_drop(c);
			continue;
		}
		n++;
		check(c, now);
	}
	(void)pthread_mutex_unlock(&http_conns.lock);
	if (flood_is_over(n))
		(void)malloc_trim(0);
}
