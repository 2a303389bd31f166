// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* The main thread's event loop: file descriptors, timers, and work posted from other
 * threads. All functions are for the main thread but bmc_loop_post, bmc_loop_send,
 * bmc_loop_stop and bmc_loop_is_stopping. */

struct bmc_timer;

int bmc_loop_init(void);
void bmc_loop_done(void);

/** Calls `ready(arg, events)` with epoll events while `fd` (borrowed) is watched. */
int bmc_loop_watch(int fd, uint32_t epoll_events,
		   void (*ready)(void *arg, uint32_t events), void *arg);
void bmc_loop_unwatch(int fd);

/** Calls `fire(arg)` once at `when` (BMC_TIME); owned by the caller until it fires or
 * is cancelled. NULL when out of memory. */
struct bmc_timer *bmc_timer_new(int64_t when, void (*fire)(void *arg), void *arg);
/** Accepts NULL, returns NULL. Not for a timer that has fired. */
struct bmc_timer *bmc_timer_cancel(struct bmc_timer *t);

/** Runs `run(arg)` on the main thread, in the order of posting. Any thread. Returns
 *  BMC_ENOSPC when 65,536 calls wait already. */
int bmc_loop_post(void (*run)(void *arg), void *arg);

/* A call of the main thread that is part of the structure of an operation, so that its
 * answer needs no memory and is not refused when the queue is full. Zero is a message
 * that was never sent; the members are the loop's. */
struct bmc_message {
	struct bmc_message *next;
	void (*run)(void *arg);
	void *arg;
	bool queued, allocated;
};

/** Runs `run(arg)` on the main thread, in the order of sending and posting. Never
 * fails. `m` is borrowed until `run` is called, which may free it or send it again.
 * Sending a message that waits already changes nothing. What waits at bmc_loop_done, or
 * is sent after it, is not run. Any thread. */
void bmc_loop_send(struct bmc_message *m, void (*run)(void *arg), void *arg);

/** Handles events until bmc_loop_stop. */
void bmc_loop_run(void);
/** Handles what is ready now and waits at most `timeout_ms`: for tests and the
 * shutdown. */
void bmc_loop_step(int timeout_ms);
/** Ends bmc_loop_run after the present pass. Any thread; async-signal-safe. */
void bmc_loop_stop(void);
/** Whether it was asked to stop: what is begun now finds no instances. Any thread. */
bool bmc_loop_is_stopping(void);
