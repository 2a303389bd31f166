// SPDX-License-Identifier: Apache-2.0
// One scan: searches are sent, each host that answers is asked for its service root,
// and so is what Avahi knows and what the command line names.
#include "scan/scan.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "discovery/message.h"
#include "discovery/network.h"
#include "discovery/socket.h"
#include "scan/ask.h"
#include "scan/browse.h"
#include "scan/list.h"
#include "scan/root.h"

#define SEARCHES      3 /* datagrams get lost */
#define DATAGRAMS_MAX 256
#define RECEIVE_BYTES \
	(1 << 20)        /* the answers of a whole network come within a second */
#define PER_ADDRESS 4    /* ports of an address that answers name               */
#define SPARE_MS    8000 /* beyond what the questions need, if all go well      */

static const int families[2] = { AF_INET, AF_INET6 };

struct scan {
	const struct scan_options *o;
	struct ssdp_network net;
	int fds[2]; /* by family; -1: none */
	unsigned searches;
	int64_t begun;
	struct scan_browser *browser;
	struct scan_asker *asker;
	struct scan_endpoint *known;
	size_t n;
	struct scan_list list;
	bool ended;
};

/* ---- endpoints ---- */

static struct scan_endpoint *find(struct scan *s, const struct scan_endpoint *e)
{
	for (size_t i = 0; i < s->n; i++) {
		if (ssdp_address_equal(&s->known[i].address, &e->address) &&
		    scan_address_port(&s->known[i].address) ==
			    scan_address_port(&e->address))
			return &s->known[i];
	}
	return NULL;
}

static unsigned ports_of(const struct scan *s, const struct sockaddr_storage *a)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += ssdp_address_equal(&s->known[i].address, a);
	return n;
}

static bool ask(struct scan *s, struct scan_endpoint *e)
{
	bool ok = scan_asker_add(s->asker, e);

	e->state = ok ? SCAN_ASKED : SCAN_FAILED;
	return ok;
}

static void add(struct scan *s, const struct scan_endpoint *e, bool later)
{
	if (s->n == SCAN_ENDPOINTS_MAX || find(s, e))
		return;
	s->known[s->n] = *e;
	if (!later)
		(void)ask(s, &s->known[s->n]);
	s->n++;
}

/* An agent answers searches over IPv4 and over IPv6: it is asked over IPv4. */
static void on_found(void *arg, const struct scan_endpoint *e)
{
	struct scan *s = arg;

	if (ports_of(s, &e->address) < PER_ADDRESS)
		add(s, e, e->uuid[0] && e->address.ss_family == AF_INET6);
}

static void on_root(void *arg, const struct scan_endpoint *e,
		    const struct scan_root *root)
{
	struct scan *s = arg;
	struct scan_endpoint *known = find(s, e);

	if (known)
		known->state = root ? SCAN_DONE : SCAN_FAILED;
	if (root && (root->ours || s->o->all))
		(void)scan_list_add(&s->list, e, root);
	scan_list_sort(&s->list);
}

static bool is_asked(const struct scan *s, const char *uuid)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->known[i].state == SCAN_ASKED &&
		    strcmp(s->known[i].uuid, uuid) == 0)
			return true;
	}
	return false;
}

/* What waited: an address more of an agent that has answered, or to be asked now.
 * False: some still waits. */
static bool ask_later_ones(struct scan *s)
{
	bool all = true;

	for (size_t i = 0; i < s->n; i++) {
		struct scan_endpoint *e = &s->known[i];
		const struct scan_device *d;

		if (e->state != SCAN_LATER)
			continue;
		if (is_asked(s, e->uuid)) {
			all = false;
			continue;
		}
		d = scan_list_find(&s->list, e->uuid);
		e->state = SCAN_DONE;
		if (!d)
			all = !ask(s, e) && all;
		else if (!d->ipv6[0])
			(void)scan_list_add(&s->list, e, &d->root);
	}
	return all;
}

/* ---- searches ---- */

struct link {
	const struct scan *s;
	unsigned interface;
};

static bool is_near(void *arg, const struct sockaddr_storage *address)
{
	const struct link *l = arg;

	return ssdp_network_on_link(&l->s->net, l->interface, address) != NULL;
}

static void take(struct scan *s, const struct ssdp_datagram *d)
{
	struct link link = { s, d->interface };
	struct ssdp_answer a;
	struct scan_endpoint e;

	if (!ssdp_answer_read(d->data, d->len, &a) ||
	    (s->o->self && strcasecmp(a.uuid, s->o->self) == 0) ||
	    !is_near(&link, &d->from) ||
	    !scan_url_read(a.url, &d->from, is_near, &link, &e))
		return;
	e.interface = d->interface;
	(void)bmc_copy(e.uuid, sizeof(e.uuid), a.uuid);
	on_found(s, &e);
}

static void receive(struct scan *s)
{
	struct ssdp_datagram d;

	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		for (unsigned i = 0; s->fds[f] >= 0 && i < DATAGRAMS_MAX &&
				     ssdp_socket_receive(s->fds[f], &d);
		     i++)
			take(s, &d);
	}
}

static void search(struct scan *s)
{
	/* the answers come before the end, also those to the last search */
	unsigned mx = (unsigned)MAX(1, s->o->wait_ms / 2000);
	char text[SSDP_MESSAGE_MAX];

	for (size_t i = 0; i < s->net.n; i++) {
		const struct ssdp_address *at = &s->net.list[i];
		size_t f = at->is.ss_family == AF_INET6;
		size_t len = ssdp_search_write(ssdp_group_name(at->is.ss_family),
					       MIN(mx, SSDP_MX_MAX), text);
		if (s->fds[f] >= 0)
			ssdp_socket_send(s->fds[f], at, NULL, text, len);
	}
	s->searches++;
}

static int64_t next_search(const struct scan *s)
{
	return s->begun + s->searches * s->o->wait_ms / 4;
}

static void choose_interface(struct scan *s)
{
	unsigned index = s->o->interface ? if_nametoindex(s->o->interface) : 0;
	size_t n = 0;

	for (size_t i = 0; index && i < s->net.n; i++) {
		if (s->net.list[i].interface == index)
			s->net.list[n++] = s->net.list[i];
	}
	if (index)
		s->net.n = n;
}

static void open_sockets(struct scan *s)
{
	int size = RECEIVE_BYTES;

	ssdp_network_read(&s->net);
	choose_interface(s);
	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		s->fds[f] = ssdp_socket_new(families[f], 0);
		if (s->fds[f] >= 0)
			(void)setsockopt(s->fds[f], SOL_SOCKET, SO_RCVBUF, &size,
					 sizeof(size));
	}
}

/* ---- life ---- */

struct scan *scan_new(const struct scan_options *o)
{
	struct scan *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->o = o;
	s->fds[0] = s->fds[1] = -1;
	s->begun = bmc_now();
	s->known = calloc(SCAN_ENDPOINTS_MAX, sizeof(*s->known));
	s->asker = scan_asker_new(o->timeout_ms, o->at_once, on_root, s);
	if (!s->known || !s->asker) {
		scan_free(s);
		return NULL;
	}
	for (size_t i = 0; i < o->n; i++)
		add(s, &o->endpoints[i], false);
	if (o->multicast)
		open_sockets(s);
	if (o->dns_sd)
		s->browser = scan_browser_new();
	return s;
}

void scan_free(struct scan *s)
{
	if (!s)
		return;
	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		if (s->fds[f] >= 0)
			(void)close(s->fds[f]);
	}
	scan_browser_free(s->browser);
	scan_asker_free(s->asker);
	scan_list_free(&s->list);
	free(s->known);
	free(s);
}

const struct scan_list *scan_found(const struct scan *s)
{
	return &s->list;
}

/* Of the addresses of a name one is enough: another has answered, or is shown. */
static bool has_another(const struct scan *s, size_t i)
{
	for (size_t k = 0; s->known[i].name && k < s->n; k++) {
		if (s->known[k].name == s->known[i].name &&
		    (s->known[k].state == SCAN_DONE || k < i))
			return true;
	}
	return false;
}

/* What answers searches without giving its service root is there, too. */
static void show_failed(struct scan *s, sa_family_t family)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct scan_endpoint *e = &s->known[i];
		if (e->state == SCAN_FAILED && !e->guess && !has_another(s, i) &&
		    e->address.ss_family == family &&
		    !scan_list_find(&s->list, e->uuid))
			(void)scan_list_add(&s->list, e, NULL);
	}
}

static void end(struct scan *s)
{
	s->ended = true;
	show_failed(s, AF_INET);
	show_failed(s, AF_INET6);
	scan_list_sort(&s->list);
}

static bool may_end(struct scan *s, int64_t now)
{
	int64_t each = s->o->timeout_ms;
	int64_t all = (int64_t)(s->o->n / s->o->at_once + 2) * each;
	bool listens = s->o->multicast || scan_browser_fd(s->browser) >= 0;
	int64_t listened = s->begun + (listens ? s->o->wait_ms : 0);

	if (now < listened)
		return false;
	return (ask_later_ones(s) && !scan_asker_busy(s->asker)) ||
	       now >= listened + all + SPARE_MS;
}

static unsigned waits_for(const struct scan *s, int fd, struct curl_waitfd fds[4])
{
	const int all[4] = { s->fds[0], s->fds[1], scan_browser_fd(s->browser), fd };
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i] >= 0)
			fds[n++] = (struct curl_waitfd){ .fd = all[i],
							 .events = CURL_WAIT_POLLIN };
	}
	return n;
}

bool scan_step(struct scan *s, int fd, int most_ms)
{
	struct curl_waitfd fds[4];
	int64_t now = bmc_now(), until = s->begun + s->o->wait_ms;
	bool more = s->o->multicast && s->searches < SEARCHES;

	if (s->ended)
		return false;
	if (more && now >= next_search(s))
		search(s);
	if (more && s->searches < SEARCHES)
		until = next_search(s);
	if (until > now)
		most_ms = (int)MIN(most_ms, until - now);
	scan_asker_step(s->asker, fds, waits_for(s, fd, fds), most_ms);
	receive(s);
	scan_browser_read(s->browser, on_found, s);
	if (may_end(s, bmc_now()))
		end(s);
	return !s->ended;
}
