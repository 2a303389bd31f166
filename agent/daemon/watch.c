// SPDX-License-Identifier: Apache-2.0
// Watches the threads while the daemon runs, and the clock while it ends. Called by
// main() and by the signals' part.
#include "daemon/watch.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/liveness.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "daemon/notify.h"

#define WATCHDOG_MS 10000 /* a third of the unit's WatchdogSec */
#define ROUNDS      6     /* of silence, until the daemon ends */

static struct bmc_timer *timer;

static int64_t hang_timeout(const struct bmc_daemon *d)
{
	return bmc_conf_num(d->config->root, "hang_timeout", 0);
}

/* ---- while it runs ---- */

static void restart(struct bmc_daemon *d, const char *name)
{
	log_err("thread %s has not run for %" PRId64 " s: clusterbmcd restarts", name,
		hang_timeout(d) / 1000);
	d->restart = true;
	bmc_loop_stop();
}

static int64_t period(const struct bmc_daemon *d)
{
	int64_t part = hang_timeout(d) / ROUNDS;

	return MIN(part, WATCHDOG_MS);
}

/* The rounds of silence after which nothing can be expected any more. */
static unsigned limit(const struct bmc_daemon *d)
{
	return (unsigned)(hang_timeout(d) / period(d));
}

/* One truth for all watchdogs: the service manager's, and those that plugins feed. It
 * ends by itself when the main thread does not renew it. */
static void alive(const struct bmc_daemon *d)
{
	bmc_notify("WATCHDOG=1");
	bmc_live_until(bmc_now() + hang_timeout(d) / 2);
}

static void on_round(void *arg)
{
	struct bmc_daemon *d = arg;
	const char *name = NULL;
	unsigned missed = bmc_live_round(&name);

	timer = bmc_timer_new(bmc_now() + period(d), on_round, d);
	if (missed < limit(d) / 2)
		alive(d);
	else if (missed == limit(d) / 2)
		log_err("thread %s does not run", name);
	if (missed >= limit(d))
		restart(d, name);
}

void bmc_watch_start(struct bmc_daemon *d)
{
	bmc_live_until(bmc_now() + hang_timeout(d) / 2);
	timer = bmc_timer_new(bmc_now() + period(d), on_round, d);
}

void bmc_watch_stop(void)
{
	timer = bmc_timer_cancel(timer);
}

/* ---- while it ends ---- */

static struct {
	int status;
	void (*flush)(void);
	_Atomic(const char *) part;
} stop;

static void *on_deadline(void *arg)
{
	const struct timespec t = { .tv_sec = BMC_STOP_MS / 1000 };

	(void)arg;
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
	log_err("%s does not end: clusterbmcd ends without it",
		atomic_load(&stop.part));
	stop.flush();
	_exit(stop.status ? stop.status : EXIT_FAILURE);
}

void bmc_stop_begin(int status, void (*flush)(void))
{
	pthread_t thread;

	stop.status = status;
	stop.flush = flush;
	bmc_stop_part("the main loop");
	/* if that thread can't be had, or hangs itself: ends the process */
	(void)alarm(BMC_STOP_MS / 1000 + 4);
	if (bmc_thread_new(&thread, on_deadline, NULL) == 0)
		(void)pthread_detach(thread);
}

void bmc_stop_part(const char *name)
{
	atomic_store(&stop.part, name);
}
