// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* The main thread's event loop: file descriptors, timers, and work posted from other
 * threads. All functions are for the main thread but bmc_loop_post, bmc_loop_stop. */

struct bmc_timer;

int bmc_loop_init(void);
void bmc_loop_done(void);

/** Calls `ready(arg, events)` with epoll events while `fd` (borrowed) is watched. */
int bmc_loop_watch(int fd, uint32_t epoll_events, void (*ready)(void *arg, uint32_t events),
                   void *arg);
void bmc_loop_unwatch(int fd);

/** Calls `fire(arg)` once at `when` (BMC_TIME); owned by the caller until it fires or is
 *  cancelled. NULL when out of memory. */
struct bmc_timer *bmc_timer_new(int64_t when, void (*fire)(void *arg), void *arg);
/** Accepts NULL, returns NULL. Not for a timer that has fired. */
struct bmc_timer *bmc_timer_cancel(struct bmc_timer *t);

/** Runs `run(arg)` on the main thread, in the order of posting. Any thread. Returns
 *  BMC_ENOSPC when 65,536 calls wait already. */
int bmc_loop_post(void (*run)(void *arg), void *arg);

/** Handles events until bmc_loop_stop. */
void bmc_loop_run(void);
/** Handles what is ready now and waits at most `timeout_ms`: for tests and the shutdown. */
void bmc_loop_step(int timeout_ms);
/** Ends bmc_loop_run after the present pass. Any thread; async-signal-safe. */
void bmc_loop_stop(void);
