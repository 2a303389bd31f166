// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* A few threads for calls that wait for the helper. */

struct bmc_auth_pool;

/** `run` is called on one of the pool's threads; at the end, once `stopping`, with
 * true: it must not wait then, only give its answer. Owns nothing of it. */
typedef void bmc_auth_pool_run(void *arg, bool stopping);

/** NULL when it can't start. */
struct bmc_auth_pool *bmc_auth_pool_new(size_t threads, size_t queue);
/** BMC_EAGAIN when the queue is full. Any thread. */
int bmc_auth_pool_submit(struct bmc_auth_pool *p, bmc_auth_pool_run *run, void *arg);
/** Answers what waits, calls `hurry` until the threads have ended. Accepts and returns
 * NULL. */
struct bmc_auth_pool *bmc_auth_pool_free(struct bmc_auth_pool *p, void (*hurry)(void));
