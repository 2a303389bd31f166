// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* The one way to make a thread, and a condition to wait on. */

/** Starts a thread that the caller joins or detaches, with the system's stack and all
 * signals blocked (they are the main thread's). 0 or BMC_EAGAIN. */
int bmc_thread_new(pthread_t *ret, void *(*run)(void *), void *arg);

/** Starts a detached thread with a small stack (256 KiB) and all signals blocked. 0 or
 * BMC_EAGAIN. */
int bmc_thread_start(void *(*run)(void *), void *arg);

/** A condition whose waits are not disturbed by the wall clock. */
void bmc_cond_init(pthread_cond_t *c);

/** Waits until `until` (BMC_TIME) at most; false when that has passed. */
bool bmc_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, int64_t until);
