// SPDX-License-Identifier: Apache-2.0
// Searches are read, wait for the time that their answer is to come at, and are
// answered; the service is announced.
#include "discovery/ssdp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "core/base/loop.h"
#include "core/base/util.h"
#include "discovery/limit.h"
#include "discovery/message.h"
#include "discovery/socket.h"

#define WAITING_MAX   128
#define DATAGRAMS_MAX 64  /* that one pass of the loop reads */
#define UNICAST_MS    200 /* UPnP: within a second           */
#define SPREAD_PER_S  900 /* ms of each second of MX: the answer has a way to go */
#define HOLD_INTERVALS                                                \
	3 /* an announcement that gets lost shall not end the service \
	   */
#define HTTPS 443

static const int families[2] = { AF_INET, AF_INET6 };

/* A search that is still to be answered. */
struct waiting {
	int64_t when; /* BMC_TIME */
	struct sockaddr_storage peer;
	unsigned interface;
	size_t len; /* of the search */
};

static struct {
	struct discovery_conf conf;
	struct ssdp_service service;
	int fds[2]; /* by family; -1: closed */
	struct ssdp_network net;
	struct ssdp_limit limit;
	struct waiting waiting[WAITING_MAX];
	size_t n;
	struct bmc_timer *answer, *announce;
	int64_t every_s; /* announcements; 0: none */
} ssdp = { .fds = { -1, -1 } };

static int fd_for(int family)
{
	return ssdp.fds[family == AF_INET6];
}

/* ---- the service, seen from one of our addresses ---- */

static bool describe(const struct ssdp_address *at)
{
	const struct sockaddr *address = (const struct sockaddr *)&at->is;
	unsigned port = ssdp.conf.port(address);
	bool six = address->sa_family == AF_INET6;
	char text[INET6_ADDRSTRLEN] = "", colon[12] = "";
	int n;

	(void)inet_ntop(
		address->sa_family,
		six ? (const void *)&((const struct sockaddr_in6 *)&at->is)->sin6_addr
		    : (const void *)&((const struct sockaddr_in *)&at->is)->sin_addr,
		text, sizeof(text));
	if (port != HTTPS)
		(void)snprintf(colon, sizeof(colon), ":%u", port);
	n = snprintf(ssdp.service.url, sizeof(ssdp.service.url), "https://%s%s%s%s%s",
		     six ? "[" : "", text, six ? "]" : "", colon, ssdp.conf.path);
	return port && n < SSDP_URL_MAX;
}

/* ---- answers ---- */

static void send_answer(const struct waiting *w)
{
	const struct ssdp_address *at =
		ssdp_network_on_link(&ssdp.net, w->interface, &w->peer);
	char text[SSDP_MESSAGE_MAX];
	size_t len;

	if (!at || !describe(at))
		return;
	len = ssdp_answer_write(&ssdp.service, SSDP_FACTOR * w->len, text);
	if (len)
		ssdp_socket_send(fd_for(w->peer.ss_family), at, &w->peer, text, len);
}

static void plan(void);

static void send_due(void *arg)
{
	int64_t now = bmc_now();

	(void)arg;
	ssdp.answer = NULL;
	for (size_t i = 0; i < ssdp.n;) {
		if (ssdp.waiting[i].when > now) {
			i++;
			continue;
		}
		send_answer(&ssdp.waiting[i]);
		ssdp.waiting[i] = ssdp.waiting[--ssdp.n];
	}
	plan();
}

static void plan(void)
{
	int64_t first = INT64_MAX;

	ssdp.answer = bmc_timer_cancel(ssdp.answer);
	for (size_t i = 0; i < ssdp.n; i++)
		first = MIN(first, ssdp.waiting[i].when);
	if (ssdp.n)
		ssdp.answer = bmc_timer_new(first, send_due, NULL);
}

/* ---- searches ---- */

static in_port_t port_of(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET ? ((const struct sockaddr_in *)a)->sin_port
				       : ((const struct sockaddr_in6 *)a)->sin6_port;
}

/* A client sends a search several times, as datagrams get lost: one answer is enough.
 */
static bool is_waiting(const struct sockaddr_storage *peer)
{
	for (size_t i = 0; i < ssdp.n; i++) {
		if (ssdp_address_equal(&ssdp.waiting[i].peer, peer) &&
		    port_of(&ssdp.waiting[i].peer) == port_of(peer))
			return true;
	}
	return false;
}

/* At random, so that the answers of all the machines of a network do not come at once.
 */
static int64_t delay(const struct ssdp_datagram *d, const struct ssdp_search *s)
{
	unsigned most = d->multicast ? s->mx * SPREAD_PER_S : UNICAST_MS, n;

	bmc_random(&n, sizeof(n));
	return n % most;
}

static void take(const struct ssdp_datagram *d)
{
	struct ssdp_search s;
	const struct ssdp_address *at;

	if (!ssdp_search_read(d->data, d->len, ssdp.conf.minor, &s) || !s.redfish ||
	    (d->multicast && !s.mx) || !port_of(&d->from))
		return;
	at = ssdp_network_on_link(&ssdp.net, d->interface, &d->from);
	if (!at || !describe(at) || ssdp.n == WAITING_MAX || is_waiting(&d->from) ||
	    !ssdp_limit_take(&ssdp.limit, &d->from, bmc_now()))
		return;
	ssdp.waiting[ssdp.n++] = (struct waiting){ .when = bmc_now() + delay(d, &s),
						   .peer = d->from,
						   .interface = d->interface,
						   .len = d->len };
}

static void on_datagram(void *arg, uint32_t events)
{
	struct ssdp_datagram d;
	int fd = *(const int *)arg;
	size_t before = ssdp.n;

	(void)events;
	for (unsigned i = 0; i < DATAGRAMS_MAX && ssdp_socket_receive(fd, &d); i++)
		take(&d);
	if (ssdp.n != before)
		plan();
}

/* ---- announcements ---- */

static bool is_first_of_interface(size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (ssdp.net.list[i].interface == ssdp.net.list[at].interface &&
		    ssdp.net.list[i].is.ss_family == ssdp.net.list[at].is.ss_family)
			return false;
	}
	return true;
}

/* `hold` seconds; 0: the service goes. */
static void notify(unsigned hold)
{
	char text[SSDP_MESSAGE_MAX];

	for (size_t i = 0; i < ssdp.net.n; i++) {
		const struct ssdp_address *at = &ssdp.net.list[i];
		int family = at->is.ss_family;
		size_t len;

		if (!is_first_of_interface(i) || fd_for(family) < 0)
			continue;
		/* IPv6: the address that a client of the link can write in a URL */
		at = ssdp_network_on_link(&ssdp.net, at->interface, &at->is);
		if (!at || !describe(at))
			continue;
		len = ssdp_notify_write(&ssdp.service, ssdp_group_name(family), hold,
					text);
		ssdp_socket_send(fd_for(family), at, NULL, text, len);
	}
}

static void on_announce(void *arg)
{
	(void)arg;
	notify((unsigned)(ssdp.every_s * HOLD_INTERVALS));
	ssdp.announce =
		bmc_timer_new(bmc_now() + ssdp.every_s * 1000, on_announce, NULL);
}

void ssdp_announce_every(int64_t every_s)
{
	ssdp.announce = bmc_timer_cancel(ssdp.announce);
	if (ssdp.every_s && !every_s)
		notify(0);
	ssdp.every_s = every_s;
	if (every_s)
		on_announce(NULL);
}

/* ---- on and off ---- */

void ssdp_network_changed(void)
{
	ssdp_network_read(&ssdp.net);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (ssdp.fds[i] >= 0)
			ssdp_socket_join(ssdp.fds[i], families[i], &ssdp.net);
	}
	if (ssdp.every_s)
		ssdp_announce_every(ssdp.every_s);
}

void ssdp_on(const struct discovery_conf *conf, const char *uuid)
{
	ssdp.conf = *conf;
	ssdp.service.minor = conf->minor;
	(void)bmc_copy(ssdp.service.uuid, sizeof(ssdp.service.uuid), uuid);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		ssdp.fds[i] = ssdp_socket_new(families[i], SSDP_PORT);
		if (ssdp.fds[i] >= 0 && bmc_loop_watch(ssdp.fds[i], EPOLLIN,
						       on_datagram, &ssdp.fds[i]) < 0) {
			(void)close(ssdp.fds[i]);
			ssdp.fds[i] = -1;
		}
	}
	ssdp_network_changed();
}

void ssdp_off(void)
{
	ssdp_announce_every(0);
	ssdp.answer = bmc_timer_cancel(ssdp.answer);
	ssdp.n = 0;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (ssdp.fds[i] < 0)
			continue;
		bmc_loop_unwatch(ssdp.fds[i]);
		(void)close(ssdp.fds[i]);
		ssdp.fds[i] = -1;
	}
}
