// SPDX-License-Identifier: Apache-2.0
// Stores a new session time-out, and waits for that: see sessions.h. Called by threads
// of a frontend, never by the main thread.
#include <pthread.h>
#include <stdlib.h>

#include "auth/sessions.h"
#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "core/ports/store.h"

#define STORE_MS 2000 /* for which it waits for the disk */

/* Waits for the database; shared with the main thread, the second of the two frees it.
 */
struct timeout_wait {
	pthread_mutex_t lock;
	pthread_cond_t came;
	int64_t seconds;
	bool answered, alone;
	int code;
};

static void let_go(struct timeout_wait *w)
{
	bool last = w->alone;

	w->alone = true;
	(void)pthread_mutex_unlock(&w->lock);
	if (!last)
		return;
	(void)pthread_cond_destroy(&w->came);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

/* In force when it is on the disk, also when the caller has given up. */
static void timeout_stored(void *arg, int code)
{
	struct timeout_wait *w = arg;

	if (code == BMC_OK)
		(void)bmc_session_timeout_apply(w->seconds);
	(void)pthread_mutex_lock(&w->lock);
	w->answered = true;
	w->code = code;
	(void)pthread_cond_signal(&w->came);
	let_go(w);
}

static int await_timeout(struct timeout_wait *w)
{
	int64_t until = bmc_now() + STORE_MS;
	int code = BMC_ETIMEDOUT;

	(void)pthread_mutex_lock(&w->lock);
	while (!w->answered && bmc_cond_wait(&w->came, &w->lock, until))
		;
	if (w->answered)
		code = w->code;
	let_go(w);
	return code;
}

static int store_timeout(int64_t seconds)
{
	struct bmc_record rec = { .type = BMC_REC_META,
				  .kind = BMC_SESSION,
				  .num = seconds };
	struct timeout_wait *w = calloc(1, sizeof(*w));
	int code;

	if (!w)
		return BMC_ENOMEM;
	(void)pthread_mutex_init(&w->lock, NULL);
	bmc_cond_init(&w->came);
	w->seconds = seconds;
	(void)bmc_copy(rec.field, sizeof(rec.field), BMC_SESSION_TIMEOUT_META);
	code = bmc_store->write_or_drop(&rec, 1, timeout_stored, w);
	if (code == BMC_OK)
		return await_timeout(w);
	w->alone = true;
	(void)pthread_mutex_lock(&w->lock);
	let_go(w);
	return code;
}

int bmc_set_session_timeout(int64_t seconds)
{
	int code;

	if (seconds < BMC_SESSION_TIMEOUT_MIN || seconds > BMC_SESSION_TIMEOUT_MAX)
		return BMC_ERANGE;
	if (!bmc_store)
		return bmc_session_timeout_apply(seconds) ? BMC_OK : BMC_ERANGE;
	code = store_timeout(seconds);
	if (code == BMC_OK || code == BMC_EAGAIN || code == BMC_ENOMEM ||
	    code == BMC_ETIMEDOUT)
		return code;
	log_notice("session timeout: not changed, it can't be stored: %s",
		   bmc_strerror(code));
	return BMC_ENOSPC;
}
