// SPDX-License-Identifier: Apache-2.0
// The store's callbacks for a request that sends an image: they resume it, or are kept
// until it waits. Called by update-push.c and the store.
#include "redfish/push-link.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/base/util.h"

struct rf_push_link {
	_Atomic unsigned refs;
	pthread_mutex_t lock;
	struct http_wait *wait; /* NULL: the request does not wait */
	bool ready;             /* called back before it did */
	int code;
	char id[BMC_ID_MAX]; /* of the image */
	struct bmc_error err;
};

struct rf_push_link *rf_push_link_new(void)
{
	struct rf_push_link *l = calloc(1, sizeof(*l));

	if (!l || pthread_mutex_init(&l->lock, NULL) != 0) {
		free(l);
		return NULL;
	}
	l->refs = 1;
	return l;
}

void rf_push_link_ref(struct rf_push_link *l)
{
	(void)atomic_fetch_add(&l->refs, 1);
}

void rf_push_link_unref(struct rf_push_link *l)
{
	if (!l || atomic_fetch_sub(&l->refs, 1) != 1)
		return;
	(void)pthread_mutex_destroy(&l->lock);
	free(l);
}

static void go_on(struct http_wait *w)
{
	struct http_request *http = http_wait_end(w);

	if (http)
		http_wait_resume(http);
}

void rf_push_link_ready(void *link)
{
	struct rf_push_link *l = link;
	struct http_wait *w;

	(void)pthread_mutex_lock(&l->lock);
	w = l->wait;
	l->wait = NULL;
	l->ready = !w;
	(void)pthread_mutex_unlock(&l->lock);
	if (w)
		go_on(w);
}

void rf_push_link_stored(void *link, int code, const char *id,
			 const struct bmc_error *err)
{
	struct rf_push_link *l = link;

	(void)pthread_mutex_lock(&l->lock);
	l->code = code;
	if (code == 0 && !bmc_copy(l->id, sizeof(l->id), id))
		l->code = BMC_ERANGE;
	if (code < 0 && err)
		l->err = *err;
	(void)pthread_mutex_unlock(&l->lock);
	rf_push_link_ready(l);
	rf_push_link_unref(l);
}

bool rf_push_link_wait(struct http_request *q, struct rf_push_link *l, int64_t ms)
{
	struct http_wait *w = http_wait_begin(q, ms, NULL);
	bool now;

	if (!w)
		return false;
	(void)pthread_mutex_lock(&l->lock);
	now = l->ready;
	l->ready = false;
	l->wait = now ? NULL : w;
	(void)pthread_mutex_unlock(&l->lock);
	if (now)
		go_on(w);
	return true;
}

void rf_push_link_forget(struct rf_push_link *l)
{
	struct http_wait *w;

	(void)pthread_mutex_lock(&l->lock);
	w = l->wait;
	l->wait = NULL;
	(void)pthread_mutex_unlock(&l->lock);
	if (w)
		(void)http_wait_end(w);
}

int rf_push_link_result(struct rf_push_link *l, char ret_id[BMC_ID_MAX],
			struct bmc_error *err)
{
	int code;

	(void)pthread_mutex_lock(&l->lock);
	code = l->code;
	*err = l->err;
	(void)bmc_copy(ret_id, BMC_ID_MAX, l->id);
	(void)pthread_mutex_unlock(&l->lock);
	return code;
}
