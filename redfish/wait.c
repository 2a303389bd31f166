// SPDX-License-Identifier: Apache-2.0
// Requests that wait for somebody else's callback. A callback that comes too late, or
// after the server's end, finds that nobody waits any more. Any thread.
#include <pthread.h>
#include <sys/queue.h>
#include <time.h>

#include "core/base/util.h"
#include "redfish/request.h"

#define DEADLINE_MS 15000
#define DRAIN_MS    1000
#define DRAIN_STEP  5 /* ms */

struct rf_wait {
	LIST_ENTRY(rf_wait) link;
	struct rf_request *q; /* NULL: given up; the callback frees this */
	int64_t deadline;
	bool (*cancel)(struct rf_wait *w); /* or NULL */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, rf_wait) waits = LIST_HEAD_INITIALIZER(waits);
static bool closed;       /* the server ends: nobody may wait any more */
static size_t unanswered; /* requests that have waited, until they are freed */

void rf_wait_open(void)
{
	(void)pthread_mutex_lock(&lock);
	closed = false;
	(void)pthread_mutex_unlock(&lock);
}

struct rf_wait *rf_wait_begin(struct rf_request *q, int (*then)(struct rf_request *q),
			      bool (*cancel)(struct rf_wait *w))
{
	struct rf_wait *w = malloc(sizeof(*w));

	if (!w)
		return NULL;
	w->q = q;
	w->deadline = bmc_now() + DEADLINE_MS;
	w->cancel = cancel;
	(void)pthread_mutex_lock(&lock);
	if (closed) {
		(void)pthread_mutex_unlock(&lock);
		free(w);
		return NULL;
	}
	q->then = then;
	unanswered += !q->waited;
	q->waited = true;
	q->transport->suspend(q);
	LIST_INSERT_HEAD(&waits, w, link);
	(void)pthread_mutex_unlock(&lock);
	return w;
}

struct rf_request *rf_wait_end(struct rf_wait *w)
{
	(void)pthread_mutex_lock(&lock);
	struct rf_request *q = w->q;
	if (q)
		LIST_REMOVE(w, link);
	(void)pthread_mutex_unlock(&lock);
	free(w);
	return q;
}

void rf_wait_resume(struct rf_request *q)
{
	q->transport->resume(q);
}

static int gave_up(struct rf_request *q)
{
	return rf_answer_error(q, q->result.code, NULL);
}

/* A connection is not read while it is suspended, so a client that has closed it is
 * seen here only. */
static bool is_over(const struct rf_wait *w, int64_t now)
{
	const struct rf_transport *t = w->q->transport;

	return now >= w->deadline || (w->cancel && t->gone && t->gone(w->q));
}

static void give_up(struct rf_wait *w, int code)
{
	struct rf_request *q = w->q;

	LIST_REMOVE(w, link);
	w->q = NULL;
	q->result.code = code;
	q->then = gave_up;
	q->transport->resume(q);
}

void rf_wait_expire(bool all)
{
	int64_t now = bmc_now();
	struct rf_wait *w, *next;

	(void)pthread_mutex_lock(&lock);
	closed |= all;
	for (w = LIST_FIRST(&waits); w; w = next) {
		next = LIST_NEXT(w, link);
		if (all) {
			give_up(w, BMC_ECANCELED);
			continue;
		}
		if (!is_over(w, now))
			continue;
		give_up(w, BMC_ETIMEDOUT);
		/* with the lock held: a callback that comes now can't free it yet */
		if (w->cancel && w->cancel(w))
			free(w);
	}
	(void)pthread_mutex_unlock(&lock);
}

void rf_wait_answered(void)
{
	(void)pthread_mutex_lock(&lock);
	unanswered--;
	(void)pthread_mutex_unlock(&lock);
}

static bool all_answered(void)
{
	(void)pthread_mutex_lock(&lock);
	bool all = unanswered == 0;
	(void)pthread_mutex_unlock(&lock);
	return all;
}

/* Without it the server's end closes the connection of who asked for that end, and of
 * who is told that the service shuts down, before the answer is on its way. A client
 * that reads nothing delays it to the end of DRAIN_MS. */
void rf_wait_drain(void)
{
	const struct timespec step = { .tv_nsec = DRAIN_STEP * 1000000L };
	int64_t end = bmc_now() + DRAIN_MS;

	while (!all_answered() && bmc_now() < end)
		(void)nanosleep(&step, NULL);
}
