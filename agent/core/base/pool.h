// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Threads for calls that may hang. A pool has no queue to wait in: what is handed to it
 * starts at once, on an idle thread or a new one, so one hung call never delays
 * another. Who hands it out bounds how many (one a board). Idle threads end after 30 s.
 */

struct bmc_pool;

/** One call; embedded in the caller's own struct. */
struct bmc_work {
	struct bmc_work *next;
	/** Worker thread; the pool does not touch the work after it has called. */
	void (*run)(struct bmc_work *);
};

/** A pool without threads yet; `name` (up to 15 bytes) is what ps shows. NULL: no
 * memory. */
struct bmc_pool *bmc_pool_new(const char *name);

/** Starts `w` on a thread of its own. BMC_EAGAIN when the system gives no thread: then
 * `w` is still the caller's. Any thread. */
int bmc_pool_run(struct bmc_pool *p, struct bmc_work *w);

/** Ends the idle threads and waits up to `wait_ms` for the busy ones; when some are
 * still busy, the last of them frees the pool. Accepts and returns NULL. */
struct bmc_pool *bmc_pool_free(struct bmc_pool *p, int64_t wait_ms);

/** Starts a detached thread with a small stack and all signals blocked (they are the
 * main thread's). 0 or BMC_EAGAIN. */
int bmc_thread_start(void *(*run)(void *), void *arg);

/** A condition whose waits are not disturbed by the wall clock. */
void bmc_cond_init(pthread_cond_t *c);

/** Waits until `until` (BMC_TIME) at most; false when that has passed. */
bool bmc_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, int64_t until);
