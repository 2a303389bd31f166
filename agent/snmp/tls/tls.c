// SPDX-License-Identifier: Apache-2.0
/* The front: its listeners, its thread and the connections over TCP, see tls.h; what
 * comes by UDP is dtls.c's. Called by the engine. */
#include "snmp/tls/tls.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/address.h"
#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "snmp/bind.h"
#include "snmp/tls/clients.h"
#include "snmp/tls/conn.h"
#include "snmp/tls/dtls.h"
#include "snmp/tls/link.h"

#define CONNS_MAX         16u
#define CONNS_PER_ADDRESS 8u
#define SERIES            64 /* messages and connections taken in one turn */
#define WAIT_MS           1000

static struct {
	bool opened, running, old, datagrams;
	_Atomic bool stop;
	int wake, link;
	size_t room; /* octets of a datagram with an answer */
	int listeners[SN_BIND_MAX];
	size_t n_listeners, n_conns;
	struct sn_tls_conn *conns[CONNS_MAX];
	char certificate[512], key[512];
	char made[512]; /* both, where a user has replaced them; else "" */
	gnutls_certificate_credentials_t credentials;
	pthread_t thread;
} front = { .wake = -1, .link = -1 };

static const struct bmc_conf *section(const struct bmc_conf *snmp)
{
	return bmc_conf_find(snmp, "tls");
}

bool sn_tls_wanted(const struct bmc_conf *snmp)
{
	return section(snmp) && bmc_conf_num(section(snmp), "port", 0) != 0;
}

/* ---- connections ---- */

/* The agent's own pair is made by the web server at its first start, after this one, so
 * it is read when it is first wanted. */
static bool have_credentials(void)
{
	struct bmc_error err = { 0 };
	bool made = *front.made && access(front.made, R_OK) == 0;

	if (front.credentials)
		return true;
	if (sn_tls_credentials(made ? front.made : front.certificate,
			       made ? front.made : front.key, &front.credentials,
			       &err) == 0)
		return true;
	log_limited(LOG_ERR, "%s", err.what);
	return false;
}

static bool admitted(const struct sockaddr_in6 *peer)
{
	struct in6_addr is = bmc_address_client((const struct sockaddr *)peer);
	unsigned same = 0;

	for (size_t i = 0; i < front.n_conns; i++) {
		struct in6_addr other = bmc_address_client(
			(const struct sockaddr *)&front.conns[i]->peer);
		same += bmc_address_is_same(&is, &other);
	}
	return front.n_conns < CONNS_MAX && same < CONNS_PER_ADDRESS;
}

static void take(int listener)
{
	for (int i = 0; i < SERIES; i++) {
		struct sockaddr_in6 peer = { 0 };
		socklen_t len = sizeof(peer);
		int fd = accept4(listener, (struct sockaddr *)&peer, &len,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		if (!admitted(&peer) || !have_credentials()) {
			(void)close(fd);
			log_limited(LOG_INFO, "snmp: a connection over TLS is refused: "
					      "no slot is left for its address");
			continue;
		}
		struct sn_tls_conn *c =
			sn_tls_conn_new(fd, &peer, front.credentials, front.old);
		if (c)
			front.conns[front.n_conns++] = c;
	}
}

static void end(size_t i)
{
	(void)sn_tls_conn_free(front.conns[i]);
	front.conns[i] = front.conns[--front.n_conns];
}

/* ---- answers ---- */

static void take_answers(void)
{
	static uint8_t data[SN_TLS_MESSAGE_MAX + 1];
	struct sn_tls_head head;

	for (int i = 0; i < SERIES; i++) {
		struct iovec parts[] = { { &head, sizeof(head) },
					 { data, sizeof(data) } };
		struct msghdr m = { .msg_iov = parts, .msg_iovlen = ARRAY_SIZE(parts) };
		ssize_t n = recvmsg(front.link, &m, MSG_DONTWAIT);
		if (n <= (ssize_t)sizeof(head))
			return;
		if (sn_dtls_answer(head.conn, data, (size_t)n - sizeof(head)))
			continue;
		for (size_t k = 0; k < front.n_conns; k++) {
			if (front.conns[k]->id == head.conn)
				sn_tls_conn_answer(front.conns[k], data,
						   (size_t)n - sizeof(head));
		}
	}
}

/* ---- the thread ---- */

struct waiting {
	struct pollfd fds[2 + 2 * SN_BIND_MAX + CONNS_MAX];
	nfds_t n;
};

static void wait_for(struct waiting *w, int fd, int events)
{
	w->fds[w->n++] = (struct pollfd){ .fd = fd, .events = (short)events };
}

/* Milliseconds; -1: until something comes. */
static int time_to_wait(bool pending)
{
	int due = sn_dtls_due();

	if (pending)
		return 0;
	if (front.n_conns == 0)
		return due;
	return due < 0 ? WAIT_MS : MIN(due, WAIT_MS);
}

static void wait_for_work(struct waiting *w)
{
	bool blocked = false, pending = false;

	w->n = 0;
	for (size_t i = 0; i < front.n_conns; i++) {
		blocked |= front.conns[i]->blocked;
		pending |= sn_tls_conn_pending(front.conns[i]);
	}
	wait_for(w, front.wake, POLLIN);
	wait_for(w, front.link, blocked ? POLLIN | POLLOUT : POLLIN);
	for (size_t i = 0; i < front.n_listeners; i++)
		wait_for(w, front.listeners[i], POLLIN);
	for (size_t i = 0; i < front.n_conns; i++)
		wait_for(w, front.conns[i]->fd, sn_tls_conn_events(front.conns[i]));
	w->n += sn_dtls_fds(w->fds + w->n);
	(void)poll(w->fds, w->n, time_to_wait(pending));
}

static void serve_datagrams(void)
{
	if (!front.datagrams)
		return;
	(void)have_credentials();
	sn_dtls_serve(&(struct sn_dtls_terms){ .credentials = front.credentials,
					       .old = front.old,
					       .link = front.link,
					       .room = front.room });
}

static void pass(void)
{
	static struct waiting w;
	int64_t now;

	wait_for_work(&w);
	take_answers();
	now = bmc_now();
	for (size_t i = front.n_conns; i-- > 0;) {
		if (front.conns[i]->until <= now ||
		    !sn_tls_conn_serve(front.conns[i], front.link))
			end(i);
	}
	for (size_t i = 0; i < front.n_listeners; i++) {
		if (w.fds[2 + i].revents)
			take(front.listeners[i]);
	}
	serve_datagrams();
}

static void *run(void *arg)
{
	(void)arg;
	while (!front.stop)
		pass();
	while (front.n_conns)
		end(front.n_conns - 1);
	sn_dtls_end();
	return NULL;
}

int sn_tls_start(struct bmc_error *err)
{
	if (!front.opened)
		return 0;
	front.stop = false;
	int r = bmc_thread_new(&front.thread, run, NULL);
	if (r < 0)
		return bmc_fail(err, r, "snmp.tls: no thread");
	pthread_setname_np(front.thread, "snmp-tls");
	front.running = true;
	return 0;
}

void sn_tls_stop(void)
{
	if (!front.running)
		return;
	front.stop = true;
	(void)eventfd_write(front.wake, 1);
	(void)pthread_join(front.thread, NULL);
	front.running = false;
}

/* ---- open and close ---- */

static int listen_at(const struct addrinfo *a, const char *spec, struct bmc_error *err)
{
	const int on = 1;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0) {
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (a->ai_family == AF_INET6)
			(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
					 sizeof(on));
	}
	if (fd >= 0 && bind(fd, a->ai_addr, a->ai_addrlen) == 0 &&
	    listen(fd, CONNS_MAX) == 0) {
		front.listeners[front.n_listeners++] = fd;
		return 0;
	}
	int r = bmc_fail(err, bmc_from_errno(errno), "snmp.tls: %s can't be bound: %s",
			 spec, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return r;
}

/* A spec is as net-snmp takes it: "udp6:[::1]:10161", see bind.h. */
static int open_one(const struct sn_bind *b, struct bmc_error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	char host[sizeof(b->spec)];
	struct addrinfo *a = NULL;

	(void)bmc_copy(host, sizeof(host), strchr(b->spec, ':') + 1);
	char *port = strrchr(host, ':'), *name = host;
	*port++ = '\0';
	if (*name == '[') {
		name[strlen(name) - 1] = '\0';
		name++;
	}
	if (getaddrinfo(name, port, &hints, &a) != 0)
		return bmc_fail(err, BMC_EINVAL, "snmp.tls: %s is no address", name);
	int r = listen_at(a, b->spec, err);
	if (r == 0 && front.datagrams)
		r = sn_dtls_listen(a, b->spec, err);
	freeaddrinfo(a);
	return b->optional ? 0 : r;
}

int sn_tls_check(const struct bmc_conf *snmp, struct bmc_error *err)
{
	const struct bmc_conf *tls = section(snmp);
	struct sn_bind to[SN_BIND_MAX];
	int n;

	if (!sn_tls_wanted(snmp))
		return 0;
	if (!*bmc_conf_text(tls, "key", "") != !*bmc_conf_text(tls, "certificate", ""))
		return bmc_conf_fail(tls, err, BMC_EINVAL,
				     "key and certificate belong together");
	n = sn_bind_read(tls, to, err);
	return n < 0 ? n : 0;
}

static int open_link(const struct bmc_conf *snmp, struct bmc_error *err)
{
	front.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (front.wake < 0)
		return bmc_fail(err, bmc_from_errno(errno), "eventfd: %s",
				strerror(errno));
	return sn_tls_link_open((size_t)bmc_conf_num(snmp, "max_message", 0),
				&front.link, err);
}

static int find_pair(const struct bmc_conf *tls, const char *state_dir,
		     struct bmc_error *err)
{
	const char *key = bmc_conf_text(tls, "key", "");

	front.made[0] = '\0';
	if (*key) {
		(void)bmc_copy(front.key, sizeof(front.key), key);
		(void)bmc_copy(front.certificate, sizeof(front.certificate),
			       bmc_conf_text(tls, "certificate", ""));
		return sn_tls_credentials(front.certificate, front.key,
					  &front.credentials, err);
	}
	(void)snprintf(front.key, sizeof(front.key), "%s/https.key", state_dir);
	(void)snprintf(front.certificate, sizeof(front.certificate), "%s/https.crt",
		       state_dir);
	(void)snprintf(front.made, sizeof(front.made), "%s/https.pem", state_dir);
	return 0;
}

int sn_tls_open(const struct bmc_conf *snmp, const char *state_dir,
		struct bmc_error *err)
{
	struct sn_bind to[SN_BIND_MAX];
	int r, n;

	if (!sn_tls_wanted(snmp))
		return 0;
	front.datagrams = bmc_conf_num(section(snmp), "dtls", 0) != 0;
	front.room = (size_t)bmc_conf_num(snmp, "max_message", 0);
	n = sn_bind_read(section(snmp), to, err);
	r = n < 0 ? n : find_pair(section(snmp), state_dir, err);
	for (int i = 0; i < n && r == 0; i++)
		r = open_one(&to[i], err);
	if (r == 0)
		r = open_link(snmp, err);
	front.old = bmc_conf_num(section(snmp), "min_version", 0) != 0;
	front.opened = r == 0;
	return r;
}

void sn_tls_close(void)
{
	sn_tls_link_close();
	while (front.n_listeners)
		(void)close(front.listeners[--front.n_listeners]);
	sn_dtls_close();
	if (front.link >= 0)
		(void)close(front.link);
	if (front.wake >= 0)
		(void)close(front.wake);
	if (front.credentials)
		gnutls_certificate_free_credentials(front.credentials);
	front.credentials = NULL;
	front.link = front.wake = -1;
	front.opened = false;
}
