// SPDX-License-Identifier: Apache-2.0
// Requests that wait for a callback of another thread. A callback that comes too late,
// or after the server's end, finds that its request does not wait any more. Any thread.
#include "http/wait.h"

#include <pthread.h>
#include <sys/queue.h>
#include <time.h>

#include "bmc/error.h"
#include "core/base/util.h"

#define DRAIN_MS   1000
#define DRAIN_STEP 5 /* ms */

struct http_wait {
	LIST_ENTRY(http_wait) link;
	struct http_request *q; /* NULL: expired; the callback frees this */
	int64_t deadline;
	bool (*cancel)(struct http_wait *w); /* or NULL */
};

static struct {
	pthread_mutex_t lock;
	LIST_HEAD(, http_wait) list;
	bool closed;       /* the server ends: no wait may begin */
	size_t unanswered; /* requests that have waited, until they are over */
} waits = { .lock = PTHREAD_MUTEX_INITIALIZER };

void http_wait_open(void)
{
	(void)pthread_mutex_lock(&waits.lock);
	waits.closed = false;
	(void)pthread_mutex_unlock(&waits.lock);
}

struct http_wait *http_wait_begin(struct http_request *q, int64_t ms,
				  bool (*cancel)(struct http_wait *w))
{
	struct http_wait *w = malloc(sizeof(*w));

	if (!w)
		return NULL;
	w->q = q;
	w->deadline = ms == HTTP_WAIT_FOREVER ? INT64_MAX : bmc_now() + ms;
	w->cancel = cancel;
	(void)pthread_mutex_lock(&waits.lock);
	if (waits.closed) {
		(void)pthread_mutex_unlock(&waits.lock);
		free(w);
		return NULL;
	}
	waits.unanswered += !q->waited;
	q->waited = true;
	q->transport->suspend(q);
	LIST_INSERT_HEAD(&waits.list, w, link);
	(void)pthread_mutex_unlock(&waits.lock);
	return w;
}

struct http_request *http_wait_end(struct http_wait *w)
{
	(void)pthread_mutex_lock(&waits.lock);
	struct http_request *q = w->q;
	if (q)
		LIST_REMOVE(w, link);
	(void)pthread_mutex_unlock(&waits.lock);
	free(w);
	return q;
}

void http_wait_resume(struct http_request *q)
{
	q->transport->resume(q);
}

/* A connection is not read while it is suspended, so a client that has closed it is
 * seen here only. */
static bool is_over(const struct http_wait *w, int64_t now)
{
	const struct http_transport *t = w->q->transport;

	return now >= w->deadline || (w->cancel && t->gone && t->gone(w->q));
}

static void expire(struct http_wait *w, int code)
{
	struct http_request *q = w->q;

	LIST_REMOVE(w, link);
	w->q = NULL;
	q->expired = code;
	q->transport->resume(q);
}

void http_wait_expire(bool all)
{
	int64_t now = bmc_now();
	struct http_wait *w, *next;

	(void)pthread_mutex_lock(&waits.lock);
	waits.closed |= all;
	for (w = LIST_FIRST(&waits.list); w; w = next) {
		next = LIST_NEXT(w, link);
		if (all) {
			expire(w, BMC_ECANCELED);
			continue;
		}
		if (!is_over(w, now))
			continue;
		expire(w, BMC_ETIMEDOUT);
		/* with the lock held: a callback that comes now can't free it yet */
		if (w->cancel && w->cancel(w))
			free(w);
	}
	(void)pthread_mutex_unlock(&waits.lock);
}

void http_request_done(struct http_request *q)
{
	if (q->waited) {
		(void)pthread_mutex_lock(&waits.lock);
		waits.unanswered--;
		(void)pthread_mutex_unlock(&waits.lock);
	}
	if (q->body)
		bmc_wipe(q->body, q->body_len);
	free(q->body);
	q->body = NULL;
	http_answer(q, 0, NULL);
}

static bool all_answered(void)
{
	(void)pthread_mutex_lock(&waits.lock);
	bool all = waits.unanswered == 0;
	(void)pthread_mutex_unlock(&waits.lock);
	return all;
}

/* Without it the server's end closes the connection of the client that asked for that
 * end, and of those that get the answer that the service shuts down, before the answer
 * is on its way. A client that reads nothing delays it to the end of DRAIN_MS. */
void http_wait_drain(void)
{
	const struct timespec step = { .tv_nsec = DRAIN_STEP * 1000000L };
	int64_t end = bmc_now() + DRAIN_MS;

	while (!all_answered() && bmc_now() < end)
		(void)nanosleep(&step, NULL);
}
