// SPDX-License-Identifier: Apache-2.0
/* The pools of threads on which plugins' probes and verbs run (job.c), and how a thread
 * of this daemon is made. Knows nothing of plugins: deadlines and abandoning are
 * job.c's. */
#include "core/base/pool.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "bmc/error.h"
#include "core/base/util.h"

#define STACK_BYTES    ((size_t)256 * 1024)
#define CLOCK_SLICE_MS 2 /* of a wait, once a test has moved the clock */
#define IDLE_MS        30000

struct bmc_pool {
	char name[16];
	pthread_mutex_t lock;
	pthread_cond_t work, gone;
	struct bmc_work *first, **last;
	unsigned threads, idle, queued;
	bool ending, orphan; /* orphan: the last thread frees it */
};

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

int bmc_thread_start(void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t id;
	int code;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr,
					MAX(STACK_BYTES, (size_t)PTHREAD_STACK_MIN));
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&id, &attr, run, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return code == 0 ? BMC_OK : BMC_EAGAIN;
}

struct bmc_pool *bmc_pool_new(const char *name)
{
	struct bmc_pool *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	(void)bmc_copy(p->name, sizeof(p->name), name);
	(void)pthread_mutex_init(&p->lock, NULL);
	bmc_cond_init(&p->work);
	bmc_cond_init(&p->gone);
	p->last = &p->first;
	return p;
}

/* Waits for work; NULL when this thread is not needed any more. Called locked. */
static struct bmc_work *next_work(struct bmc_pool *p)
{
	int64_t until = bmc_now() + IDLE_MS;
	struct bmc_work *w;

	p->idle++;
	while (!p->first && !p->ending && bmc_cond_wait(&p->work, &p->lock, until))
		;
	p->idle--;
	w = p->first;
	if (!w)
		return NULL;
	p->first = w->next;
	if (!p->first)
		p->last = &p->first;
	p->queued--;
	return w;
}

static void free_memory(struct bmc_pool *p)
{
	(void)pthread_cond_destroy(&p->work);
	(void)pthread_cond_destroy(&p->gone);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

static void *serve(void *arg)
{
	struct bmc_pool *p = arg;
	struct bmc_work *w;
	bool last;

	(void)pthread_setname_np(pthread_self(), p->name);
	(void)pthread_mutex_lock(&p->lock);
	while ((w = next_work(p))) {
		(void)pthread_mutex_unlock(&p->lock);
		w->run(w);
		(void)pthread_mutex_lock(&p->lock);
	}
	p->threads--;
	last = p->orphan && p->threads == 0;
	(void)pthread_cond_broadcast(&p->gone);
	(void)pthread_mutex_unlock(&p->lock);
	if (last)
		free_memory(p);
	return NULL;
}

int bmc_pool_run(struct bmc_pool *p, struct bmc_work *w)
{
	int code = BMC_OK;

	(void)pthread_mutex_lock(&p->lock);
	if (p->queued + 1 > p->idle) {
		code = bmc_thread_start(serve, p);
		p->threads += code == BMC_OK;
	}
	if (code == BMC_OK) {
		w->next = NULL;
		*p->last = w;
		p->last = &w->next;
		p->queued++;
		(void)pthread_cond_signal(&p->work);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return code;
}

struct bmc_pool *bmc_pool_free(struct bmc_pool *p, int64_t wait_ms)
{
	int64_t until = bmc_now() + wait_ms;
	unsigned left;

	if (!p)
		return NULL;
	(void)pthread_mutex_lock(&p->lock);
	p->ending = true;
	(void)pthread_cond_broadcast(&p->work);
	while (p->threads && bmc_cond_wait(&p->gone, &p->lock, until))
		;
	left = p->threads;
	p->orphan = left > 0;
	(void)pthread_mutex_unlock(&p->lock);
	if (!left)
		free_memory(p);
	return NULL;
}
