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

static struct {
	struct bmc_pool *pool;
	struct bmc_timer *timer;
	int64_t next_eval;
	unsigned running, suspects;
	const struct bmc_exec_slot
		*retried; /* the one board that is probed though it hung */
} probes;

static void tick(void *arg);

/* Evaluates all execution slots at `when`, or earlier if that was planned. */
static void schedule(int64_t when)
{
	when = MAX(when, bmc_now() + TICK_MIN_MS);
	if (probes.timer && when >= probes.next_eval)
		return;
	probes.timer = bmc_timer_cancel(probes.timer);
	probes.next_eval = when;
	probes.timer = bmc_timer_new(when, tick, NULL);
}

static int64_t rest_of(const struct bmc_exec_slot *exec_slot)
{
	return exec_slot->hung ? bmc_suspect_rest(exec_slot->hung) : 0;
}

int64_t bmc_probe_pause(int64_t probe_ms, unsigned timeouts)
{
	return MAX(MIN(probe_ms << MIN(timeouts, 10u), BACKOFF_MAX), probe_ms);
}

static void probe_done(void *arg, int code, const struct bmc_error *err)
{
	struct bmc_exec_slot *exec_slot = arg;
	int64_t wait = exec_slot->host->conf.probe_ms;

	probes.running--;
	probes.suspects -= exec_slot->timeouts > 0;
	exec_slot->probing = false;
	if (probes.retried == exec_slot)
		probes.retried = NULL;
	if (code == BMC_ETIMEDOUT) {
		exec_slot->timeouts = MIN(exec_slot->timeouts + 1, 10u);
		wait = bmc_probe_pause(wait, exec_slot->timeouts);
		wait = MAX(wait, rest_of(exec_slot));
		log_limited(LOG_WARNING, "instance %s: probe of %s: %s, next in %lld s",
			    exec_slot->host->conf.name, exec_slot->slot->id, err->what,
			    (long long)wait / 1000);
	} else if (code != BMC_ECANCELED) {
		exec_slot->timeouts = 0;
	}
	exec_slot->probe_off = code == BMC_ENOTSUP;
	exec_slot->due = bmc_now() + wait;
	schedule(exec_slot->due);
}

static bool exec_slot_in_use(const struct bmc_exec_slot *exec_slot)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	bool busy = exec_slot->holder || exec_slot->quarantined;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return busy;
}

static bool probe_start(struct bmc_exec_slot *exec_slot, int64_t now)
{
	const struct bmc_instance_conf *conf = &exec_slot->host->conf;
	int64_t deadline =
		conf->probe_deadline_ms > 0 ? conf->probe_deadline_ms : DEADLINE_MS;
	struct bmc_call *call =
		bmc_call_new(exec_slot->host, exec_slot->slot, NULL, now + deadline);

	if (!call)
		return false;
	call->done = probe_done;
	call->ctx = exec_slot;
	if (bmc_call_start(call, probes.pool) < 0)
		return false;
	probes.running++;
	probes.suspects += exec_slot->timeouts > 0;
	if (exec_slot->hung)
		probes.retried = exec_slot;
	exec_slot->probing = true;
	return true;
}

/* Probes the exec_slot if it is due; returns when to do so again. */
static int64_t exec_slot_visit(struct bmc_exec_slot *exec_slot, int64_t now)
{
	if (exec_slot->probing || exec_slot->probe_off)
		return INT64_MAX;
	if (exec_slot->due > now)
		return exec_slot->due;
	if (probes.running >= PROBES_MAX ||
	    (exec_slot->timeouts && probes.suspects >= SUSPECTS_MAX))
		return now + FULL_MS;
	if (probes.retried && exec_slot->hung)
		return now + FULL_MS;
	if (!exec_slot_in_use(exec_slot) && probe_start(exec_slot, now))
		return INT64_MAX;
	exec_slot->due = now + exec_slot->host->conf.probe_ms;
	return exec_slot->due;
}

static int64_t host_visit(struct bmc_host *host, int64_t now)
{
	const struct bmc_platform *p = bmc_instances_platform();
	size_t first = p->first[BMC_BOARD], n = p->first[BMC_BOARD + 1] - first;
	size_t start = host->cursor;
	int64_t next = INT64_MAX;

	for (size_t k = 0; k < n; k++) {
		size_t i = (start + k) % n;
		struct bmc_exec_slot *exec_slot =
			bmc_host_exec_slot(host, &p->slots[first + i], NULL);
		int64_t when = exec_slot_visit(exec_slot, now);

		if (exec_slot->probing && when == INT64_MAX)
			host->cursor = (i + 1) % n;
		next = MIN(next, when);
	}
	return next;
}

static void tick(void *arg)
{
	int64_t now = bmc_now(), next = now + TICK_MAX_MS;

	(void)arg;
	probes.timer = NULL;
	for (struct bmc_host *h = bmc_hosts; h; h = h->next) {
		if (h->plugin->probe && h->conf.probe_ms > 0 && !h->stopping &&
		    !h->hung)
			next = MIN(next, host_visit(h, now));
	}
	schedule(next);
}

void bmc_probes_add(struct bmc_host *host)
{
	const struct bmc_platform *p = bmc_instances_platform();
	size_t first = p->first[BMC_BOARD], n = p->first[BMC_BOARD + 1] - first;
	int64_t now = bmc_now(), spread = MIN(host->conf.probe_ms, TICK_MAX_MS);

	for (size_t i = 0; i < n; i++) {
		struct bmc_exec_slot *exec_slot =
			bmc_host_exec_slot(host, &p->slots[first + i], NULL);

		exec_slot->due =
			now + spread * (int64_t)i / (int64_t)n + rest_of(exec_slot);
	}
}

int bmc_probes_init(void)
{
	probes.pool = bmc_pool_new("bmc-probe");
	if (probes.pool)
		schedule(bmc_now());
	return probes.timer ? BMC_OK : BMC_ENOMEM;
}

void bmc_probes_done(void)
{
	probes.timer = bmc_timer_cancel(probes.timer);
	probes.pool = bmc_pool_free(probes.pool, 100);
	probes.running = probes.suspects = 0;
	probes.retried = NULL;
}
