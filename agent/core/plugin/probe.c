// SPDX-License-Identifier: Apache-2.0
/* When each instance probes each board: every `probe` milliseconds, boards that time
 * out ever more seldom (up to 5 minutes), and never so many of those at once that the
 * others would have to wait for a thread. Boards that have hung, in this run or before
 * a restart, are probed one at a time. Used by instance.c alone. */
#include "core/base/util.h"
#include "core/plugin/host.h"
#include "core/plugin/quarantine.h"

#define PROBES_MAX   64 /* at once                                     */
#define SUSPECTS_MAX 32 /* of them, boards whose last probe timed out  */
#define TICK_MIN_MS  20
#define FULL_MS      50
#define TICK_MAX_MS  1000
#define BACKOFF_MAX  300000
#define DEADLINE_MS  5000

static struct bmc_pool *pool;
static struct bmc_timer *timer;
static int64_t look;
static unsigned running, suspects;
static const struct bmc_lane *retried; /* the one board that is probed though it hung */

static void tick(void *arg);

/* Looks at all lanes again at `when`, or earlier if that was planned. */
static void look_at(int64_t when)
{
	when = MAX(when, bmc_now() + TICK_MIN_MS);
	if (timer && when >= look)
		return;
	timer = bmc_timer_cancel(timer);
	look = when;
	timer = bmc_timer_new(when, tick, NULL);
}

static int64_t rest_of(const struct bmc_lane *lane)
{
	return lane->hung ? bmc_suspect_rest(lane->hung) : 0;
}

static void probe_done(void *arg, int code, const struct bmc_error *err)
{
	struct bmc_lane *lane = arg;
	int64_t wait = lane->host->conf.probe_ms;

	running--;
	suspects -= lane->timeouts > 0;
	lane->probing = false;
	if (retried == lane)
		retried = NULL;
	if (code == BMC_ETIMEDOUT) {
		lane->timeouts = MIN(lane->timeouts + 1, 10u);
		wait = MIN(wait << lane->timeouts, BACKOFF_MAX);
		wait = MAX(wait, rest_of(lane));
		log_limited(LOG_WARNING, "instance %s: probe of %s: %s, next in %lld s",
			    lane->host->conf.name, lane->slot->id, err->what,
			    (long long)wait / 1000);
	} else if (code != BMC_ECANCELED) {
		lane->timeouts = 0;
	}
	lane->probe_off = code == BMC_ENOTSUP;
	lane->due = bmc_now() + wait;
	look_at(lane->due);
}

static bool lane_in_use(const struct bmc_lane *lane)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	bool busy = lane->holder || lane->quarantined;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return busy;
}

static bool probe_start(struct bmc_lane *lane, int64_t now)
{
	const struct bmc_instance_conf *conf = &lane->host->conf;
	int64_t deadline =
		conf->probe_deadline_ms > 0 ? conf->probe_deadline_ms : DEADLINE_MS;
	struct bmc_job *job = bmc_job_new(lane->host, lane->slot, NULL, now + deadline);

	if (!job)
		return false;
	job->done = probe_done;
	job->ctx = lane;
	if (bmc_job_start(job, pool) < 0)
		return false;
	running++;
	suspects += lane->timeouts > 0;
	if (lane->hung)
		retried = lane;
	lane->probing = true;
	return true;
}

/* Probes the lane if it is due; returns when to look at it again. */
static int64_t lane_visit(struct bmc_lane *lane, int64_t now)
{
	if (lane->probing || lane->probe_off)
		return INT64_MAX;
	if (lane->due > now)
		return lane->due;
	if (running >= PROBES_MAX || (lane->timeouts && suspects >= SUSPECTS_MAX))
		return now + FULL_MS;
	if (retried && lane->hung)
		return now + FULL_MS;
	if (!lane_in_use(lane) && probe_start(lane, now))
		return INT64_MAX;
	lane->due = now + lane->host->conf.probe_ms;
	return lane->due;
}

static int64_t host_visit(struct bmc_host *host, int64_t now)
{
	const struct bmc_platform *p = bmc_instances_platform();
	size_t first = p->first[BMC_BOARD], n = p->first[BMC_BOARD + 1] - first;
	size_t start = host->cursor;
	int64_t next = INT64_MAX;

	for (size_t k = 0; k < n; k++) {
		size_t i = (start + k) % n;
		struct bmc_lane *lane = bmc_host_lane(host, &p->slots[first + i], NULL);
		int64_t when = lane_visit(lane, now);

		if (lane->probing && when == INT64_MAX)
			host->cursor = (i + 1) % n;
		next = MIN(next, when);
	}
	return next;
}

static void tick(void *arg)
{
	int64_t now = bmc_now(), next = now + TICK_MAX_MS;

	(void)arg;
	timer = NULL;
	for (struct bmc_host *h = bmc_hosts; h; h = h->next) {
		if (h->plugin->probe && h->conf.probe_ms > 0 && !h->stopping)
			next = MIN(next, host_visit(h, now));
	}
	look_at(next);
}

void bmc_probes_add(struct bmc_host *host)
{
	const struct bmc_platform *p = bmc_instances_platform();
	size_t first = p->first[BMC_BOARD], n = p->first[BMC_BOARD + 1] - first;
	int64_t now = bmc_now(), spread = MIN(host->conf.probe_ms, TICK_MAX_MS);

	for (size_t i = 0; i < n; i++) {
		struct bmc_lane *lane = bmc_host_lane(host, &p->slots[first + i], NULL);

		lane->due = now + spread * (int64_t)i / (int64_t)n + rest_of(lane);
	}
}

int bmc_probes_init(void)
{
	pool = bmc_pool_new("bmc-probe");
	if (pool)
		look_at(bmc_now());
	return timer ? BMC_OK : BMC_ENOMEM;
}

void bmc_probes_done(void)
{
	timer = bmc_timer_cancel(timer);
	pool = bmc_pool_free(pool, 100);
	running = suspects = 0;
	retried = NULL;
}
