// SPDX-License-Identifier: Apache-2.0
// When SSDP is spoken: by the manager's settings, and as interfaces come and go.
#include "discovery/discovery.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "bmc/model.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/snapshot/snapshot.h"
#include "discovery/dnssd.h"
#include "discovery/network.h"
#include "discovery/ssdp.h"

#define SETTLE_MS 500 /* an interface that comes up says so in several messages */

static struct {
	struct discovery_conf conf;
	int wake, links; /* an eventfd; rtnetlink */
	bool on;
	int64_t every_s;
	uint64_t seen; /* snapshot in which the manager last changed */
	struct bmc_timer *settling;
	char file[201]; /* of DNS-SD; "": none */
	bool published; /* by it               */
} discovery = { .wake = -1, .links = -1 };

/* ---- interfaces ---- */

static void when_settled(void *arg)
{
	(void)arg;
	discovery.settling = NULL;
	ssdp_network_changed();
}

static void on_links(void *arg, uint32_t events)
{
	char message[8192];

	(void)arg;
	(void)events;
	while (recv(discovery.links, message, sizeof(message), 0) > 0 ||
	       errno == ENOBUFS)
		;
	if (!discovery.settling)
		discovery.settling =
			bmc_timer_new(bmc_now() + SETTLE_MS, when_settled, NULL);
}

static void watch_links(void)
{
	const struct sockaddr_nl groups = { .nl_family = AF_NETLINK,
					    .nl_groups = RTMGRP_LINK |
							 RTMGRP_IPV4_IFADDR |
							 RTMGRP_IPV6_IFADDR };

	discovery.links = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
				 NETLINK_ROUTE);
	if (discovery.links >= 0 &&
	    bind(discovery.links, (const struct sockaddr *)&groups, sizeof(groups)) ==
		    0 &&
	    bmc_loop_watch(discovery.links, EPOLLIN, on_links, NULL) == 0)
		return;
	log_warning("discovery: what changes of the network is not seen: %s",
		    strerror(errno));
	if (discovery.links >= 0)
		(void)close(discovery.links);
	discovery.links = -1;
}

static void unwatch_links(void)
{
	discovery.settling = bmc_timer_cancel(discovery.settling);
	if (discovery.links < 0)
		return;
	bmc_loop_unwatch(discovery.links);
	(void)close(discovery.links);
	discovery.links = -1;
}

/* ---- DNS-SD ---- */

/* Of an address of this machine where the service is; 0: it is on the loopback only. */
static unsigned public_port(void)
{
	const struct sockaddr_storage any[] = { { .ss_family = AF_INET },
						{ .ss_family = AF_INET6 } };
	static struct ssdp_network net;
	unsigned port = 0;

	ssdp_network_read(&net);
	for (size_t i = 0; !port && i < net.n; i++)
		port = discovery.conf.port((const struct sockaddr *)&net.list[i].is);
	for (size_t i = 0; !port && i < ARRAY_SIZE(any); i++)
		port = discovery.conf.port((const struct sockaddr *)&any[i]);
	return port;
}

static void publish(const struct bmc_manager *m)
{
	char start[32] = "";
	time_t at = (time_t)(bmc_wall(m->start_time) / 1000);
	struct tm tm;
	const struct dnssd_service s = { .port = public_port(),
					 .path = discovery.conf.path,
					 .uuid = m->uuid,
					 .version = m->version,
					 .model = m->model,
					 .start = start };

	if (!discovery.file[0] || !s.port)
		return;
	if (gmtime_r(&at, &tm))
		(void)strftime(start, sizeof(start), "%Y-%m-%dT%H:%M:%SZ", &tm);
	discovery.published = dnssd_publish(discovery.file, &s);
	if (!discovery.published)
		log_err("discovery: %s: %s (the agent's user has to be allowed to "
			"write it, see discovery.dns_sd)",
			discovery.file, strerror(errno));
}

static void withdraw(void)
{
	if (discovery.published)
		(void)dnssd_publish(discovery.file, NULL);
	discovery.published = false;
}

/* ---- settings ---- */

static void turn(bool on, const char *uuid)
{
	if (on == discovery.on)
		return;
	discovery.on = on;
	discovery.every_s = 0;
	log_notice("discovery: SSDP is %s", on ? "on" : "off");
	if (on) {
		watch_links(); /* before the addresses are read */
		ssdp_on(&discovery.conf, uuid);
	} else {
		ssdp_off();
		unwatch_links();
	}
}

static void follow(void)
{
	struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	uint64_t changed = bmc_snapshot_changed(s, BMC_MANAGER);

	if (changed != discovery.seen && bmc_snapshot_rows(s, BMC_MANAGER, &rows)) {
		const struct bmc_manager *m = (const struct bmc_manager *)rows[0];

		if (!discovery.published)
			publish(m);
		discovery.seen = changed;
		turn(m->ssdp_enabled == 1, m->uuid);
		if (discovery.on && discovery.every_s != m->ssdp_notify) {
			discovery.every_s = m->ssdp_notify;
			ssdp_announce_every(m->ssdp_notify);
		}
	}
	(void)bmc_snapshot_unref(s);
}

static void on_wake(void *arg, uint32_t events)
{
	uint64_t n;

	(void)arg;
	(void)events;
	(void)!read(discovery.wake, &n, sizeof(n));
	follow();
}

/* ---- life ---- */

int discovery_start(const struct discovery_conf *conf, struct bmc_error *err)
{
	int r;

	discovery.conf = *conf;
	(void)bmc_copy(discovery.file, sizeof(discovery.file), conf->service_file);
	discovery.seen = 0;
	discovery.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (discovery.wake < 0)
		return bmc_fail(err, bmc_from_errno(errno), "discovery: %s",
				strerror(errno));
	r = bmc_snapshot_watch(discovery.wake);
	if (r == 0)
		r = bmc_loop_watch(discovery.wake, EPOLLIN, on_wake, NULL);
	if (r < 0)
		return bmc_fail(err, r, "discovery: settings can't be watched");
	follow();
	return BMC_OK;
}

void discovery_stop(void)
{
	if (discovery.wake < 0)
		return;
	turn(false, "");
	withdraw();
	bmc_snapshot_unwatch(discovery.wake);
	bmc_loop_unwatch(discovery.wake);
	(void)close(discovery.wake);
	discovery.wake = -1;
}
