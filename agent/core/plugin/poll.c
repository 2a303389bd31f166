// SPDX-License-Identifier: Apache-2.0
/* The thread that polls an instance, and the watch over it: a poll() that outlives its
 * deadline and the grace quarantines its instance until it comes back. Used by
 * instance.c. */
#include <unistd.h>

#include "core/base/util.h"
#include "core/events/event.h"
#include "core/plugin/host.h"
#include "core/plugin/quarantine.h"

#define WATCH_MS     1000
#define WATCH_MIN_MS 20

static struct {
	struct bmc_timer *timer;
} watch;

/* ---- the thread ---- */

void bmc_host_wake(struct bmc_host *host)
{
	uint64_t one = 1;

	host->poll_wake = true;
	if (host->serve_wake >= 0 && write(host->serve_wake, &one, sizeof(one)) < 0)
		log_limited(LOG_WARNING, "instance %s: not woken", host->conf.name);
	(void)pthread_cond_broadcast(&host->poll_cond);
}

/* Logs when polling begins to fail and when it works again. */
static void poll_note(struct bmc_host *host, int code, const struct bmc_error *err)
{
	if (code < 0 && code != host->poll_code)
		bmc_host_ops.log(host, LOG_WARNING, "poll: %s",
				 err->what[0] ? err->what : bmc_strerror(code));
	else if (code >= 0 && host->poll_code < 0)
		bmc_host_ops.log(host, LOG_NOTICE, "poll: works again");
	host->poll_code = MIN(code, 0);
}

static void *poll_main(void *arg)
{
	struct bmc_host *host = arg;

	(void)pthread_setname_np(pthread_self(), "bmc-poll");
	(void)pthread_mutex_lock(&bmc_host_lock);
	while (!host->stopping) {
		struct bmc_error err = { 0 };
		int64_t next = bmc_now() + host->conf.poll_ms;

		host->poll_wake = false;
		host->poll_since = bmc_now();
		(void)pthread_mutex_unlock(&bmc_host_lock);
		poll_note(host, host->plugin->poll(host->self, &err), &err);
		(void)pthread_mutex_lock(&bmc_host_lock);
		host->poll_since = BMC_UNKNOWN;
		host->polled = true;
		while (!host->stopping && !host->poll_wake &&
		       bmc_cond_wait(&host->poll_cond, &bmc_host_lock, next))
			;
	}
	host->poll_alive = false; /* the last touch: the main thread may free it now */
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return NULL;
}

/* ---- the watch ---- */

static int64_t overdue_at(const struct bmc_host *host)
{
	return host->poll_since + host->conf.poll_deadline_ms + BMC_GRACE_MS;
}

/* Its values are unknown from now on; what the hung thread puts is dropped. */
static void quarantine(struct bmc_host *host)
{
	log_err("instance %s: poll has not come back within %lld ms: quarantined, its "
		"values are unknown until it does",
		host->conf.name, (long long)host->conf.poll_deadline_ms + BMC_GRACE_MS);
	bmc_source_mute(host->source, true);
	bmc_event_raise("InstanceQuarantined", 0, host->conf.name, NULL, NULL);
	if (bmc_abandoned() >= BMC_ABANDONED_MAX)
		bmc_quarantine_restart();
}

static void release(struct bmc_host *host)
{
	log_notice("instance %s: poll has come back", host->conf.name);
	bmc_source_mute(host->source, false);
	bmc_event_raise("InstanceRecovered", 0, host->conf.name, NULL, NULL);
	(void)pthread_mutex_lock(&bmc_host_lock);
	bmc_host_wake(host); /* what it put while it was quarantined is lost */
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

/* Returns when to visit it again. */
static int64_t host_visit(struct bmc_host *host, int64_t now)
{
	bool was = host->hung, busy;
	int64_t next = now + WATCH_MS;

	(void)pthread_mutex_lock(&bmc_host_lock);
	busy = host->poll_since != BMC_UNKNOWN;
	host->hung = busy && now >= overdue_at(host);
	if (busy && !host->hung)
		next = MIN(next, overdue_at(host));
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (host->hung && !was)
		quarantine(host);
	else if (was && !host->hung)
		release(host);
	return next;
}

static void watch_tick(void *arg)
{
	int64_t now = bmc_now(), next = now + WATCH_MS;

	(void)arg;
	for (struct bmc_host *h = bmc_hosts; h; h = h->next) {
		if (!h->stopping)
			next = MIN(next, host_visit(h, now));
	}
	watch.timer = bmc_timer_new(MAX(next, now + WATCH_MIN_MS), watch_tick, NULL);
}

unsigned bmc_hosts_hung(void)
{
	unsigned n = 0;

	(void)pthread_mutex_lock(&bmc_host_lock);
	for (const struct bmc_host *h = bmc_hosts; h; h = h->next)
		n += h->hung;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return n;
}

int bmc_poll_start(struct bmc_host *host)
{
	int code;

	host->poll_alive = true;
	code = bmc_thread_start(poll_main, host);
	if (code < 0)
		host->poll_alive = false;
	return code;
}

int bmc_polls_init(void)
{
	watch.timer = bmc_timer_new(bmc_now() + WATCH_MS, watch_tick, NULL);
	return watch.timer ? BMC_OK : BMC_ENOMEM;
}

void bmc_polls_done(void)
{
	watch.timer = bmc_timer_cancel(watch.timer);
}
