// SPDX-License-Identifier: Apache-2.0
// Threads with a bounded queue, see pool.h: logins and changes of accounts run here.
#include "auth/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "bmc/error.h"

#define MAX_THREADS 8u
#define HURRY_NS    20000000

struct job {
	bmc_auth_pool_run *run;
	void *arg;
};

struct bmc_auth_pool {
	pthread_mutex_t mutex;
	pthread_cond_t work;
	pthread_t threads[MAX_THREADS];
	size_t n_threads;
	bool stopping;
	size_t size, first, n;
	struct job jobs[];
};

static void *work(void *arg)
{
	struct bmc_auth_pool *p = arg;

	(void)pthread_mutex_lock(&p->mutex);
	for (;;) {
		while (p->n == 0 && !p->stopping)
			(void)pthread_cond_wait(&p->work, &p->mutex);
		if (p->n == 0)
			break;
		struct job j = p->jobs[p->first];
		bool stopping = p->stopping;
		p->first = (p->first + 1) % p->size;
		p->n--;
		(void)pthread_mutex_unlock(&p->mutex);
		j.run(j.arg, stopping);
		(void)pthread_mutex_lock(&p->mutex);
	}
	(void)pthread_mutex_unlock(&p->mutex);
	return NULL;
}

struct bmc_auth_pool *bmc_auth_pool_new(size_t threads, size_t queue)
{
	struct bmc_auth_pool *p = calloc(1, sizeof(*p) + queue * sizeof(p->jobs[0]));

	if (!p)
		return NULL;
	p->size = queue;
	(void)pthread_mutex_init(&p->mutex, NULL);
	(void)pthread_cond_init(&p->work, NULL);
	while (p->n_threads < threads && p->n_threads < MAX_THREADS &&
	       pthread_create(&p->threads[p->n_threads], NULL, work, p) == 0)
		p->n_threads++;
	return p->n_threads > 0 ? p : bmc_auth_pool_free(p, NULL);
}

int bmc_auth_pool_submit(struct bmc_auth_pool *p, bmc_auth_pool_run *run, void *arg)
{
	int r = BMC_EAGAIN;

	(void)pthread_mutex_lock(&p->mutex);
	if (p->n < p->size && !p->stopping) {
		p->jobs[(p->first + p->n++) % p->size] = (struct job){ run, arg };
		(void)pthread_cond_signal(&p->work);
		r = BMC_OK;
	}
	(void)pthread_mutex_unlock(&p->mutex);
	return r;
}

static void join(pthread_t thread, void (*hurry)(void))
{
	struct timespec until;

	do {
		hurry();
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += HURRY_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
	} while (pthread_timedjoin_np(thread, NULL, &until) != 0);
}

struct bmc_auth_pool *bmc_auth_pool_free(struct bmc_auth_pool *p, void (*hurry)(void))
{
	if (!p)
		return NULL;
	(void)pthread_mutex_lock(&p->mutex);
	p->stopping = true;
	(void)pthread_cond_broadcast(&p->work);
	(void)pthread_mutex_unlock(&p->mutex);
	for (size_t i = 0; i < p->n_threads; i++)
		join(p->threads[i], hurry);
	(void)pthread_cond_destroy(&p->work);
	(void)pthread_mutex_destroy(&p->mutex);
	free(p);
	return NULL;
}
