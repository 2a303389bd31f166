// SPDX-License-Identifier: Apache-2.0
// Threads with a bounded queue, see work-queue.h.
#include "core/base/work-queue.h"

#include <stdlib.h>

#include "bmc/error.h"
#include "core/base/pool.h"
#include "core/base/util.h"

#define HURRY_MS 20
#define END_MS   60000 /* for threads that have nothing left to do */

struct item {
	bmc_work_queue_run *run;
	void *arg;
};

struct server {
	struct bmc_work work; /* first */
	struct bmc_work_queue *queue;
	bool busy;
};

struct bmc_work_queue {
	pthread_mutex_t mutex;
	pthread_cond_t ended; /* a server did */
	struct bmc_pool *pool;
	struct server servers[BMC_WORK_QUEUE_THREADS];
	size_t n_servers, running;
	bool stopping;
	size_t size, first, n;
	struct item items[];
};

static void serve(struct bmc_work *work)
{
	struct server *s = (struct server *)(void *)work;
	struct bmc_work_queue *q = s->queue;

	(void)pthread_mutex_lock(&q->mutex);
	while (q->n > 0) {
		struct item it = q->items[q->first];
		bool stopping = q->stopping;
		q->first = (q->first + 1) % q->size;
		q->n--;
		(void)pthread_mutex_unlock(&q->mutex);
		it.run(it.arg, stopping);
		(void)pthread_mutex_lock(&q->mutex);
	}
	s->busy = false;
	q->running--;
	(void)pthread_cond_broadcast(&q->ended);
	(void)pthread_mutex_unlock(&q->mutex);
}

struct bmc_work_queue *bmc_work_queue_new(const char *name, size_t threads, size_t size)
{
	struct bmc_work_queue *q = calloc(1, sizeof(*q) + size * sizeof(q->items[0]));
	struct bmc_pool *pool = bmc_pool_new(name);

	if (!q || !pool) {
		free(q);
		(void)bmc_pool_free(pool, 0);
		return NULL;
	}
	q->pool = pool;
	q->size = size;
	q->n_servers = MIN(threads, (size_t)BMC_WORK_QUEUE_THREADS);
	(void)pthread_mutex_init(&q->mutex, NULL);
	bmc_cond_init(&q->ended);
	return q;
}

/* One more server, unless all are busy already. 0 when there is one at least. Locked.
 */
static int start_server(struct bmc_work_queue *q)
{
	struct server *s = q->servers;
	int r;

	if (q->running == q->n_servers)
		return BMC_OK;
	while (s->busy)
		s++;
	s->work.run = serve;
	s->queue = q;
	r = bmc_pool_run(q->pool, &s->work);
	s->busy = r == BMC_OK;
	q->running += s->busy;
	return q->running ? BMC_OK : r;
}

int bmc_work_queue_submit(struct bmc_work_queue *q, bmc_work_queue_run *run, void *arg)
{
	int r = BMC_EAGAIN;

	(void)pthread_mutex_lock(&q->mutex);
	if (q->n < q->size && !q->stopping)
		r = start_server(q);
	if (r == BMC_OK)
		q->items[(q->first + q->n++) % q->size] = (struct item){ run, arg };
	(void)pthread_mutex_unlock(&q->mutex);
	return r;
}

struct bmc_work_queue *bmc_work_queue_free(struct bmc_work_queue *q,
					   void (*hurry)(void))
{
	if (!q)
		return NULL;
	(void)pthread_mutex_lock(&q->mutex);
	q->stopping = true;
	(void)pthread_mutex_unlock(&q->mutex);
	hurry();
	(void)pthread_mutex_lock(&q->mutex);
	while (q->running) {
		if (bmc_cond_wait(&q->ended, &q->mutex, bmc_now() + HURRY_MS))
			continue;
		(void)pthread_mutex_unlock(&q->mutex);
		hurry();
		(void)pthread_mutex_lock(&q->mutex);
	}
	(void)pthread_mutex_unlock(&q->mutex);
	/* the servers have given up the mutex when their threads have ended */
	(void)bmc_pool_free(q->pool, END_MS);
	(void)pthread_cond_destroy(&q->ended);
	(void)pthread_mutex_destroy(&q->mutex);
	free(q);
	return NULL;
}
