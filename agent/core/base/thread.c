// SPDX-License-Identifier: Apache-2.0
// How a thread and a condition of this daemon are made, see thread.h.
#include "core/base/thread.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <time.h>

#include "bmc/error.h"
#include "core/base/util.h"

#define STACK_BYTES    ((size_t)256 * 1024)
#define CLOCK_SLICE_MS 2 /* of a wait, once a test has moved the clock */

void bmc_cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(c, &attr);
	(void)pthread_condattr_destroy(&attr);
}

bool bmc_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, int64_t until)
{
	int64_t left = until - bmc_now();
	struct timespec ts;

	if (left <= 0)
		return false;
	if (bmc_clock_skipped()) /* it may be moved again meanwhile */
		left = MIN(left, (int64_t)CLOCK_SLICE_MS);
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	left += ts.tv_nsec / 1000000;
	ts.tv_sec += left / 1000;
	ts.tv_nsec = (left % 1000) * 1000000 + ts.tv_nsec % 1000000;
	return pthread_cond_timedwait(c, m, &ts) != ETIMEDOUT || bmc_now() < until;
}

/* Signals are the main thread's. */
static int start(pthread_t *ret, const pthread_attr_t *attr, void *(*run)(void *),
		 void *arg)
{
	sigset_t all, before;
	int e;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	e = pthread_create(ret, attr, run, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return e == 0 ? BMC_OK : BMC_EAGAIN;
}

int bmc_thread_new(pthread_t *ret, void *(*run)(void *), void *arg)
{
	return start(ret, NULL, run, arg);
}

int bmc_thread_start(void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	pthread_t id;
	int code;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr,
					MAX(STACK_BYTES, (size_t)PTHREAD_STACK_MIN));
	code = start(&id, &attr, run, arg);
	(void)pthread_attr_destroy(&attr);
	return code;
}
