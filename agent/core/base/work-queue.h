// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* A bounded queue that a few threads of a pool serve, for calls that wait for the
 * helper: what comes when all of them are busy waits in order. */

#define BMC_WORK_QUEUE_THREADS 8 /* the most that one queue has */

struct bmc_work_queue;

/** `run` is called on a thread of the pool; at the end, once `stopping`, with true: it
 * must not wait then, only give its answer. Owns nothing of `arg`. */
typedef void bmc_work_queue_run(void *arg, bool stopping);

/** A queue for `size` calls, served by at most `threads` threads at a time (1 to
 * BMC_WORK_QUEUE_THREADS), which are started when there is work; `name` (up to 15
 * bytes) is what ps shows. NULL: no memory. */
struct bmc_work_queue *bmc_work_queue_new(const char *name, size_t threads,
					  size_t size);
/** BMC_EAGAIN when the queue is full, is being freed, or the system gives no thread.
 * Any thread. */
int bmc_work_queue_submit(struct bmc_work_queue *q, bmc_work_queue_run *run, void *arg);
/** Runs what waits with `stopping`; calls `hurry` at least once and then every 20 ms
 * until the threads have ended. Accepts and returns NULL. */
struct bmc_work_queue *bmc_work_queue_free(struct bmc_work_queue *q,
					   void (*hurry)(void));
