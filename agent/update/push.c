// SPDX-License-Identifier: Apache-2.0
/* Images that clients send. The client's thread fills a ring, the push's own thread
 * empties it into the store: a slow disk holds up nobody but this client. */
#include "update/push.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pool.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "update/store.h"

#define STOP_MS 5000

enum wish { GO_ON, COMMIT, ABORT };

struct bmc_push {
	struct bmc_work work;
	struct upd_incoming *in; /* the thread's */
	pthread_mutex_t lock;
	pthread_cond_t more;
	/* guarded by the lock */
	enum wish wish;
	bool waits; /* the client: it was told BMC_EAGAIN */
	size_t at, len;
	struct bmc_error failed; /* code 0: not */
	struct bmc_push_request request;
	bmc_push_done *done;
	void *arg;
	unsigned char ring[UPD_PUSH_BUFFER];
};

static struct bmc_pool *pool;
static _Atomic unsigned pushes;
static _Atomic bool stopping;

static void push_free(struct bmc_push *p)
{
	(void)upd_incoming_abort(p->in);
	(void)pthread_cond_destroy(&p->more);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
	pushes--;
}

/* ---- the thread ---- */

/* The bytes at the ring's begin, at most to its end. Under the lock. */
static size_t run_of(const struct bmc_push *p)
{
	return MIN(p->len, sizeof(p->ring) - p->at);
}

/* Under the lock, which `ready` may not take: it does not call the push. */
static void tell_ready(struct bmc_push *p)
{
	if (!p->waits)
		return;
	p->waits = false;
	p->request.ready(p->request.arg);
}

static void write_run(struct bmc_push *p)
{
	size_t n = run_of(p);
	struct bmc_error err = { 0 };

	pthread_mutex_unlock(&p->lock);
	int r = upd_incoming_append(p->in, p->ring + p->at, n, &err);

	pthread_mutex_lock(&p->lock);
	p->at = (p->at + n) % sizeof(p->ring);
	p->len -= n;
	if (r != BMC_OK)
		p->failed = err;
	if (p->wish != ABORT)
		tell_ready(p);
}

/* What the client wants in the end; GO_ON: the process ends before it says. */
static enum wish take_all(struct bmc_push *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->wish != ABORT && !stopping) {
		if (p->len > 0 && p->failed.code == BMC_OK)
			write_run(p);
		else if (p->wish == COMMIT)
			break;
		else
			(void)bmc_cond_wait(&p->more, &p->lock, bmc_now() + 1000);
	}
	enum wish wish = p->wish;

	pthread_mutex_unlock(&p->lock);
	return wish;
}

static void push_run(struct bmc_work *work)
{
	struct bmc_push *p =
		(struct bmc_push *)((char *)work - offsetof(struct bmc_push, work));
	struct bmc_error err = { 0 };
	struct upd_stored *s = NULL;
	struct bmc_stored_image row;

	enum wish wish = take_all(p);
	if (wish == ABORT)
		push_free(p);
	if (wish != COMMIT)
		return; /* at the end of the process its client may still hold it */
	err = p->failed;
	int r = stopping ? bmc_fail(&err, BMC_ECANCELED, "the agent stops") : err.code;

	if (r == BMC_OK) {
		r = upd_incoming_commit(p->in, &s, &err);
		p->in = NULL;
	}
	if (r == BMC_OK) {
		upd_stored_hold(s, bmc_now() + BMC_PUSH_HELD_MS);
		upd_stored_row(s, &row);
		(void)upd_stored_unref(s);
	}
	p->in = upd_incoming_abort(p->in); /* of one that failed */
	p->done(p->arg, r, r == BMC_OK ? row.row.id : NULL, r == BMC_OK ? NULL : &err);
	push_free(p);
}

/* ---- the client's thread ---- */

int upd_push_begin(const struct bmc_push_request *request, struct bmc_push **ret,
		   struct bmc_error *err)
{
	struct bmc_push *p = NULL;

	if (atomic_fetch_add(&pushes, 1) >= UPD_PUSHES_MAX || stopping) {
		pushes--;
		return bmc_fail(err, BMC_EBUSY,
				"%u images are being sent already: try again later",
				UPD_PUSHES_MAX);
	}
	p = calloc(1, sizeof(*p));
	if (!p) {
		pushes--;
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image");
	}
	(void)pthread_mutex_init(&p->lock, NULL);
	bmc_cond_init(&p->more);
	p->request = *request;
	p->request.name = NULL;
	p->work.run = push_run;
	int r = upd_incoming_new(request->name, request->size, &p->in, err);

	if (r == BMC_OK && bmc_pool_run(pool, &p->work) != BMC_OK)
		r = bmc_fail(err, BMC_EAGAIN,
			     "the system gives no thread: try again later");
	if (r != BMC_OK) {
		push_free(p);
		return r;
	}
	*ret = p;
	return BMC_OK;
}

static size_t fill(struct bmc_push *p, const unsigned char *buf, size_t len)
{
	size_t n = MIN(len, sizeof(p->ring) - p->len),
	       at = (p->at + p->len) % sizeof(p->ring),
	       first = MIN(n, sizeof(p->ring) - at);

	memcpy(p->ring + at, buf, first);
	memcpy(p->ring, buf + first, n - first);
	p->len += n;
	return n;
}

ssize_t upd_push_write(struct bmc_push *p, const void *buf, size_t len,
		       struct bmc_error *err)
{
	ssize_t r;

	pthread_mutex_lock(&p->lock);
	if (p->failed.code != BMC_OK || stopping) {
		if (err)
			*err = p->failed;
		r = stopping ? bmc_fail(err, BMC_ECANCELED, "the agent stops")
			     : p->failed.code;
	} else if (p->len == sizeof(p->ring)) {
		p->waits = true;
		r = BMC_EAGAIN;
	} else {
		r = (ssize_t)fill(p, buf, len);
		pthread_cond_signal(&p->more);
	}
	pthread_mutex_unlock(&p->lock);
	return r;
}

void upd_push_end(struct bmc_push *p, bmc_push_done *done, void *arg)
{
	pthread_mutex_lock(&p->lock);
	p->done = done;
	p->arg = arg;
	p->wish = COMMIT;
	p->waits = false;
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
}

void upd_push_abort(struct bmc_push *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->wish = ABORT;
	p->waits = false;
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
}

/* ---- life ---- */

int upd_push_init(struct bmc_error *err)
{
	stopping = false;
	pool = bmc_pool_new("pushes");
	return pool ? BMC_OK : bmc_fail(err, BMC_ENOMEM, "no memory for updates");
}

void upd_push_done(void)
{
	stopping = true;
	pool = bmc_pool_free(pool, STOP_MS);
}
