// SPDX-License-Identifier: Apache-2.0
// Connections: which are let in, and which end for others. The accepting thread calls
// http_conn_admit; libmicrohttpd's threads report what happens.
#include "http/conn-table.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "core/base/address.h"
#include "core/base/util.h"
#include "http/linger.h"

#define SLOW_MS    2000 /* an answer to an unauthenticated client that takes longer */
#define ENDING_MAX 128

struct http_conn_table http_conns = { .lock = PTHREAD_MUTEX_INITIALIZER,
				      .list = TAILQ_HEAD_INITIALIZER(http_conns.list) };

void http_conns_init(const struct http_limits *limits)
{
	(void)pthread_mutex_lock(&http_conns.lock);
	http_conns.limits = *limits;
	(void)pthread_mutex_unlock(&http_conns.lock);
}

void http_conn_drop(struct http_conn *c)
{
	TAILQ_REMOVE(&http_conns.list, c, link);
	free(c);
}

void http_conn_end(struct http_conn *c)
{
	c->ended = true;
	if (c->started)
		(void)shutdown(c->fd, SHUT_RDWR);
}

/* ---- how many there are ---- */

/* Counted when it is asked, so that no count can be wrong. */
static bool is_busy(const struct http_conn *c)
{
	return c->phase == HTTP_PHASE_RUN || c->phase == HTTP_PHASE_SEND;
}

/* Which connection is ended first when slots are short; less than 0: none of these. */
static int rank(const struct http_conn *c, int64_t now)
{
	if (c->known)
		return c->phase == HTTP_PHASE_IDLE ? 3 : -1;
	if (is_busy(c))
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

static struct census count(enum http_group group, const struct in6_addr *peer,
			   int64_t now)
{
	struct census n = { 0 };
	struct http_conn *c;

	TAILQ_FOREACH (c, &http_conns.list, link) {
		if (c->group != group)
			continue;
		n.live += !c->ended;
		n.all++;
		n.ending += c->ended && !is_busy(c);
		if (c->ended)
			continue;
		n.same += bmc_address_is_same(&c->peer, peer);
		consider(&n, c, now);
	}
	http_conns.ending[group] = n.ending;
	return n;
}

/* Whether one more of this peer may come in; makes room for it above three quarters. An
 * eighth of the slots is for trusted peers. */
static bool has_room(const struct http_conn *c)
{
	const struct http_limits *l = &http_conns.limits;
	struct census n = count(c->group, &c->peer, c->since);

	if (n.same >= l->per_ip || n.all >= 2 * l->connections)
		return false;
	if (n.last && n.live >= l->connections - l->connections / 4) {
		http_conn_end(n.last);
		n.live--;
	}
	return n.live < l->connections - (c->trusted ? 0 : l->connections / 8);
}

/* What the kernel has just given us again, libmicrohttpd has closed without a word. */
static void drop_lost(int fd)
{
	struct http_conn *c, *next;

	for (c = TAILQ_FIRST(&http_conns.list); c; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->fd == fd && !c->started)
			http_conn_drop(c);
	}
}

uint64_t http_cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) == 0)
		return cookie;
	/* before Linux 4.12: the inode's number, one socket's as long as it lives */
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) ? st.st_ino : 0;
}

static struct in6_addr client_of(int fd, const struct sockaddr *from)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (from->sa_family == AF_UNIX &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0)
		return bmc_address_local(who.uid);
	return bmc_address_client(from);
}

struct http_conn *http_conn_admit(int fd, enum http_group group,
				  const struct sockaddr *from)
{
	struct http_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = fd;
	c->group = group;
	c->peer = client_of(fd, from);
	c->cookie = http_cookie_of(fd);
	c->since = bmc_now();
	(void)pthread_mutex_lock(&http_conns.lock);
	drop_lost(fd);
	c->trusted = http_trusted_find(&http_conns.trusted, &c->peer, c->since);
	bool ok = has_room(c);
	c->deadline = c->since + http_conns.limits.header_ms;
	if (ok)
		TAILQ_INSERT_TAIL(&http_conns.list, c, link);
	(void)pthread_mutex_unlock(&http_conns.lock);
	if (ok)
		return c;
	free(c);
	return NULL;
}

bool http_conns_ending(enum http_group group)
{
	const struct in6_addr none = { 0 };

	(void)pthread_mutex_lock(&http_conns.lock);
	if (http_conns.ending[group] >= ENDING_MAX)
		(void)count(group, &none, 0);
	bool many = http_conns.ending[group] >= ENDING_MAX;
	(void)pthread_mutex_unlock(&http_conns.lock);
	return many;
}

bool http_conns_shed(void)
{
	const struct in6_addr none = { 0 };
	int64_t now = bmc_now();

	(void)pthread_mutex_lock(&http_conns.lock);
	struct census most = { 0 };
	unsigned ending = 0;
	for (enum http_group g = 0; g < HTTP_GROUPS; g++) {
		struct census n = count(g, &none, now);
		ending += n.ending;
		if (n.live >= most.live)
			most = n;
	}
	bool ended = most.last && ending == 0;
	if (ended)
		http_conn_end(most.last);
	(void)pthread_mutex_unlock(&http_conns.lock);
	return ended;
}

struct http_conn *http_conn_started(int fd)
{
	struct http_conn *c;

	(void)pthread_mutex_lock(&http_conns.lock);
	/* it is one of the last */
	TAILQ_FOREACH_REVERSE (c, &http_conns.list, http_conn_list, link) {
		if (c->fd == fd && !c->started)
			break;
	}
	if (c) {
		c->started = true;
		if (c->ended)
			http_conn_end(c);
	}
	(void)pthread_mutex_unlock(&http_conns.lock);
	return c;
}

bool http_conn_certified(struct http_conn *c, gnutls_session_t session,
			 char ret[BMC_ID_MAX], uint32_t *ret_row)
{
	struct http_certified none = { 0 }, *certified = c ? &c->certified : &none;
	bool ok = http_trust_verify(session, certified);

	(void)bmc_copy(ret, BMC_ID_MAX, certified->name);
	*ret_row = certified->row;
	return ok;
}

void http_conn_linger(struct http_conn *c)
{
	if (c)
		c->linger = true;
}

void http_conn_free(struct http_conn *c)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&http_conns.lock);
	int fd = c->linger && !c->ended ? c->fd : -1;
	http_conn_drop(c);
	(void)pthread_mutex_unlock(&http_conns.lock);
	if (fd >= 0)
		http_linger_add(fd);
}

void http_conns_done(void)
{
	struct http_conn *c;

	(void)pthread_mutex_lock(&http_conns.lock);
	while ((c = TAILQ_FIRST(&http_conns.list)))
		http_conn_drop(c);
	(void)pthread_mutex_unlock(&http_conns.lock);
}

unsigned http_conns_count(void)
{
	struct http_conn *c;
	unsigned n = 0;

	(void)pthread_mutex_lock(&http_conns.lock);
	TAILQ_FOREACH (c, &http_conns.list, link)
		n++;
	(void)pthread_mutex_unlock(&http_conns.lock);
	return n;
}
