// SPDX-License-Identifier: Apache-2.0
/* A thread for each bus. A read of sysfs waits for the chip: a 1-wire thermometer takes
 * 750 ms, an I2C bus that is stuck seconds, a broken driver for ever. The thread that
 * polls never waits for that. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "hwmon.h"

#define END_MS 100 /* for a thread to end before it is left behind */

struct hwmon_lane {
	char name[32];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool busy, stop, ended, orphan;
	int64_t since;
	struct hwmon_reading *readings; /* the thread's while busy */
	size_t n;
};

static void destroy(struct hwmon_lane *l)
{
	(void)pthread_cond_destroy(&l->cond);
	(void)pthread_mutex_destroy(&l->lock);
	free(l->readings);
	free(l);
}

static void read_all(struct hwmon_lane *l)
{
	(void)pthread_mutex_unlock(&l->lock);
	for (size_t i = 0; i < l->n; i++)
		hwmon_read(&l->readings[i]);
	(void)pthread_mutex_lock(&l->lock);
	l->busy = false;
	(void)pthread_cond_broadcast(&l->cond);
}

static void *run(void *arg)
{
	struct hwmon_lane *l = arg;
	bool orphan;

	(void)pthread_setname_np(pthread_self(), "bmc-hwmon");
	(void)pthread_mutex_lock(&l->lock);
	while (!l->stop) {
		if (l->busy)
			read_all(l);
		else
			(void)pthread_cond_wait(&l->cond, &l->lock);
	}
	l->ended = true;
	orphan = l->orphan;
	(void)pthread_cond_broadcast(&l->cond);
	(void)pthread_mutex_unlock(&l->lock);
	if (orphan)
		destroy(l);
	return NULL;
}

static int start(struct hwmon_lane *l)
{
	sigset_t all, old;
	int r;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&l->thread, NULL, run, l);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r;
}

struct hwmon_lane *hwmon_lane_new(const char *name)
{
	struct hwmon_lane *l = calloc(1, sizeof(*l));
	pthread_condattr_t attr;

	if (!l)
		return NULL;
	(void)snprintf(l->name, sizeof(l->name), "%s", name);
	(void)pthread_mutex_init(&l->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&l->cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (start(l) == 0)
		return l;
	destroy(l);
	return NULL;
}

static struct timespec in_ms(int64_t ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* Until `*flag` is `want`. Locked. */
static bool wait_for(struct hwmon_lane *l, const bool *flag, bool want, int64_t ms)
{
	const struct timespec until = in_ms(ms);

	while (*flag != want && pthread_cond_timedwait(&l->cond, &l->lock, &until) == 0)
		;
	return *flag == want;
}

struct hwmon_lane *hwmon_lane_free(struct hwmon_lane *l)
{
	if (!l)
		return NULL;
	(void)pthread_mutex_lock(&l->lock);
	l->stop = true;
	(void)pthread_cond_broadcast(&l->cond);
	if (!wait_for(l, &l->ended, true, END_MS)) {
		l->orphan = true;
		(void)pthread_detach(l->thread);
		(void)pthread_mutex_unlock(&l->lock);
		return NULL;
	}
	(void)pthread_mutex_unlock(&l->lock);
	(void)pthread_join(l->thread, NULL);
	destroy(l);
	return NULL;
}

const char *hwmon_lane_name(const struct hwmon_lane *l)
{
	return l->name;
}

void hwmon_lane_assign(struct hwmon_lane *l, struct hwmon_reading *readings, size_t n)
{
	free(l->readings);
	l->readings = readings;
	l->n = n;
}

void hwmon_lane_begin(struct hwmon_lane *l, int64_t now)
{
	(void)pthread_mutex_lock(&l->lock);
	if (!l->busy && l->n) {
		l->busy = true;
		l->since = now;
		(void)pthread_cond_broadcast(&l->cond);
	}
	(void)pthread_mutex_unlock(&l->lock);
}

bool hwmon_lane_wait(struct hwmon_lane *l, int64_t ms)
{
	bool done;

	(void)pthread_mutex_lock(&l->lock);
	done = wait_for(l, &l->busy, false, ms);
	(void)pthread_mutex_unlock(&l->lock);
	return done;
}

const struct hwmon_reading *hwmon_lane_readings(const struct hwmon_lane *l)
{
	return l->readings;
}

int64_t hwmon_lane_since(const struct hwmon_lane *l)
{
	return l->since;
}
