// SPDX-License-Identifier: Apache-2.0
/* The pools of threads on which plugins' probes and verbs run (plugin/call.c), and
 * those of a work queue. Knows nothing of plugins: deadlines and abandoning are
 * call.c's. */
#include "core/base/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "bmc/error.h"
#include "core/base/thread.h"
#include "core/base/util.h"

#define IDLE_MS 30000

struct bmc_pool {
	char name[16];
	pthread_mutex_t lock;
	pthread_cond_t work, gone;
	struct bmc_work *first, **last;
	unsigned threads, idle, queued;
	bool ending, orphan; /* orphan: the last thread frees it */
};

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
