// SPDX-License-Identifier: Apache-2.0
/* Which session a datagram belongs to, and how many there may be, see dtls.h. A client
 * that begins again from the same port keeps its old session until the new one is open:
 * a ClientHello can be replayed by others. Called by tls.c. */
#include "snmp/tls/dtls.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/address.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/tls/dtls-hello.h"
#include "snmp/tls/dtls-session.h"

#define SHAKING_MAX         16u /* handshakes at a time */
#define SHAKING_PER_ADDRESS 4u
#define OPEN_MAX            64u
#define OPEN_PER_CLIENT     8u /* of one certificate */
#define SERIES              64 /* datagrams of a socket taken in one turn */
#define DATAGRAM_MAX        65536

static struct {
	int sockets[SN_BIND_MAX];
	size_t n_sockets, n;
	struct sn_dtls_session *list[SHAKING_MAX + OPEN_MAX];
} sessions;

/* ---- the list ---- */

static bool is_from(const struct sn_dtls_session *s, const struct sn_dtls_path *path)
{
	const struct sockaddr_in *a = (const struct sockaddr_in *)&s->path.peer;
	const struct sockaddr_in *b = (const struct sockaddr_in *)&path->peer;

	if (s->path.fd != path->fd || a->sin_port != b->sin_port)
		return false;
	if (a->sin_family != AF_INET6)
		return a->sin_addr.s_addr == b->sin_addr.s_addr;
	return memcmp(&s->path.peer.sin6_addr, &path->peer.sin6_addr,
		      sizeof(path->peer.sin6_addr)) == 0 &&
	       s->path.peer.sin6_scope_id == path->peer.sin6_scope_id;
}

static struct sn_dtls_session *find(const struct sn_dtls_path *path, bool open)
{
	for (size_t i = 0; i < sessions.n; i++) {
		if (sessions.list[i]->open == open && is_from(sessions.list[i], path))
			return sessions.list[i];
	}
	return NULL;
}

static void end(struct sn_dtls_session *s)
{
	size_t i = 0;

	while (i < sessions.n && sessions.list[i] != s)
		i++;
	if (i == sessions.n)
		return;
	sessions.list[i] = sessions.list[--sessions.n];
	(void)sn_dtls_session_free(s);
}

/* ---- limits ---- */

static bool may_shake(const struct sn_dtls_path *path)
{
	struct in6_addr is = bmc_address_client((const struct sockaddr *)&path->peer);
	unsigned all = 0, same = 0;

	for (size_t i = 0; i < sessions.n; i++) {
		const struct sn_dtls_session *s = sessions.list[i];
		struct in6_addr other =
			bmc_address_client((const struct sockaddr *)&s->path.peer);
		all += !s->open;
		same += !s->open && bmc_address_is_same(&is, &other);
	}
	if (all < SHAKING_MAX && same < SHAKING_PER_ADDRESS)
		return true;
	log_limited(LOG_INFO, "snmp: a handshake over DTLS is refused: too many are "
			      "under way");
	return false;
}

static bool is_same_client(const struct sn_dtls_session *a,
			   const struct sn_dtls_session *b)
{
	return memcmp(a->print, b->print, sizeof(a->print)) == 0;
}

/* Ends the session that was used least recently, of those of `of`'s client or of all,
 * when they are more than `max`. */
static void hold_to(size_t max, const struct sn_dtls_session *of, bool any)
{
	struct sn_dtls_session *oldest = NULL;
	size_t count = 0;

	for (size_t i = 0; i < sessions.n; i++) {
		struct sn_dtls_session *s = sessions.list[i];
		if (!s->open || !(any || is_same_client(s, of)))
			continue;
		count++;
		if (s != of && (!oldest || s->used < oldest->used))
			oldest = s;
	}
	if (count > max)
		end(oldest);
}

/* A client that has shown its certificate takes the place of sessions that are no
 * longer used; one that has not does not. */
static void make_room_for(struct sn_dtls_session *s)
{
	for (size_t i = sessions.n; i-- > 0;) {
		struct sn_dtls_session *other = sessions.list[i];
		if (other != s && is_from(other, &s->path))
			end(other);
	}
	hold_to(OPEN_PER_CLIENT, s, false);
	hold_to(OPEN_MAX, s, true);
}

/* ---- datagrams ---- */

static ssize_t push(gnutls_transport_ptr_t p, const void *data, size_t len)
{
	sn_dtls_send(p, data, len);
	return (ssize_t)len;
}

static void give(struct sn_dtls_session *s, const uint8_t *data, size_t len,
		 const struct sn_dtls_terms *t)
{
	bool was_open = s->open;

	if (!sn_dtls_session_take(s, data, len, t->link, t->room))
		end(s);
	else if (s->open && !was_open)
		make_room_for(s);
}

static bool began_with(const struct sn_dtls_session *s, const uint8_t *random)
{
	return s && memcmp(s->random, random, sizeof(s->random)) == 0;
}

static void begin(struct sn_dtls_path *path, const uint8_t *data, size_t len,
		  const struct sn_dtls_terms *t)
{
	struct sn_dtls_session *shaking = find(path, false);
	const uint8_t *random = sn_dtls_hello_random(data, len);
	gnutls_dtls_prestate_st prestate;
	struct sn_dtls_begin b = { path, random, &prestate, t->credentials, t->old };

	if (began_with(find(path, true), random))
		return; /* sent twice, or by others */
	if (began_with(shaking, random)) {
		give(shaking, data, len, t);
		return;
	}
	if (!t->credentials ||
	    !sn_dtls_hello_verify(data, len, &path->peer, &prestate, push, path))
		return;
	if (shaking)
		end(shaking);
	struct sn_dtls_session *s = may_shake(path) ? sn_dtls_session_new(&b) : NULL;
	if (!s)
		return;
	sessions.list[sessions.n++] = s;
	give(s, data, len, t);
}

static void take(struct sn_dtls_path *path, const uint8_t *data, size_t len,
		 const struct sn_dtls_terms *t)
{
	struct sn_dtls_session *s;

	if (sn_dtls_hello_random(data, len)) {
		begin(path, data, len, t);
		return;
	}
	if ((s = find(path, true)))
		give(s, data, len, t);
	if ((s = find(path, false)))
		give(s, data, len, t);
}

static void take_all(int fd, const struct sn_dtls_terms *t)
{
	static uint8_t data[DATAGRAM_MAX];
	struct sn_dtls_path path;

	for (int i = 0; i < SERIES; i++) {
		ssize_t n = sn_dtls_receive(fd, data, sizeof(data), &path);
		if (n < 0)
			return;
		take(&path, data, (size_t)n, t);
	}
}

/* ---- for the front ---- */

size_t sn_dtls_fds(struct pollfd *fds)
{
	for (size_t i = 0; i < sessions.n_sockets; i++)
		fds[i] = (struct pollfd){ .fd = sessions.sockets[i], .events = POLLIN };
	return sessions.n_sockets;
}

int sn_dtls_due(void)
{
	int64_t now = bmc_now(), first = INT32_MAX;

	for (size_t i = 0; i < sessions.n; i++)
		first = MIN(first, sn_dtls_session_due(sessions.list[i], now));
	return sessions.n ? (int)first : -1;
}

void sn_dtls_serve(const struct sn_dtls_terms *t)
{
	int64_t now = bmc_now();

	for (size_t i = 0; i < sessions.n_sockets; i++)
		take_all(sessions.sockets[i], t);
	for (size_t i = sessions.n; i-- > 0;) {
		if (!sn_dtls_session_tick(sessions.list[i], now))
			end(sessions.list[i]);
	}
}

bool sn_dtls_answer(uint64_t id, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < sessions.n; i++) {
		if (sessions.list[i]->id != id)
			continue;
		sn_dtls_session_answer(sessions.list[i], data, len);
		return true;
	}
	return false;
}

void sn_dtls_end(void)
{
	while (sessions.n)
		end(sessions.list[sessions.n - 1]);
}

int sn_dtls_listen(const struct addrinfo *at, const char *spec, struct bmc_error *err)
{
	if (sessions.n_sockets == 0 && sn_dtls_hello_init() < 0)
		return bmc_fail(err, BMC_ENOMEM, "snmp.tls: out of memory");
	int fd = sn_dtls_socket(at);
	if (fd < 0)
		return bmc_fail(err, bmc_from_errno(errno),
				"snmp.tls: %s can't be bound: %s", spec,
				strerror(errno));
	sessions.sockets[sessions.n_sockets++] = fd;
	return 0;
}

void sn_dtls_close(void)
{
	while (sessions.n_sockets)
		(void)close(sessions.sockets[--sessions.n_sockets]);
	sn_dtls_hello_done();
}
