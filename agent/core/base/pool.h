// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/thread.h"

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
