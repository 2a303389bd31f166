// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/action.h"
#include "core/ports/store.h"

struct bmc_snapshot;

/* Task rows: what clients see of accepted actions, during and after. */

/** The first of `n` new numbers. Any thread. */
uint32_t bmc_task_numbers(uint32_t n);
/** Takes `n` numbers from `first` on; false: one is taken already, or `first` is more
 * than BMC_TASKS_AHEAD above the next one. Any thread. */
bool bmc_task_numbers_take(uint32_t first, uint32_t n);
#define BMC_TASKS_AHEAD 1024u
/** The next number that is free now. Any thread. */
uint32_t bmc_task_number_next(void);
/** Numbers up to here are taken: what the journal holds. */
void bmc_task_number_used(uint32_t number);

/** Fills a new task's row. Any thread. */
void bmc_task_init(struct bmc_task *t, enum bmc_action_op op, const char *target_id,
		   const struct bmc_actor *who);
void bmc_task_set_number(struct bmc_task *t, uint32_t number);
/** Adds to its history what it does from now on. */
void bmc_task_note(struct bmc_task *t, const char *words);
bool bmc_task_ended(const struct bmc_task *t);

/** Puts the row into the next snapshot. Main thread. */
void bmc_task_show(struct bmc_task *t);
/** The record that keeps it; the row is borrowed. `parent`: number of its parent or 0.
 */
struct bmc_record bmc_task_record(const struct bmc_task *t, uint32_t parent);

/** Shows on a board's or blade's row what the last action on it is doing. Main thread.
 */
void bmc_task_show_on(enum bmc_kind kind, const char *id, const struct bmc_task *t);

/** A transaction's tasks (`n` numbers from `first` on) have ended at `at`: the oldest
 * beyond those that are kept go, and each after its time. Main thread. */
void bmc_tasks_ended(uint32_t first, uint32_t n, int64_t at);

/** Removes an ended task, with its parts; the row is borrowed. BMC_ENOMEM. Main thread.
 */
int bmc_task_remove(const struct bmc_row *task);

/** How long an ended task stays at least, unless there are twice as many as are kept
 * */
#define BMC_TASKS_AGE_MS 300000

/** Ended tasks are removed after so many milliseconds; 0: never. Before the init. */
void bmc_tasks_keep_for(int64_t ms);
int64_t bmc_tasks_keep_ms(void);

/** Tasks for later claim nothing and may wait for years: a transaction that would begin
 * later is refused when so many wait already, their parents included. */
#define BMC_TASKS_WAITING_MAX 1024u
/** How many of this snapshot's tasks wait for their time. Any thread. */
size_t bmc_tasks_waiting(const struct bmc_snapshot *s);

int bmc_tasks_init(unsigned keep);
void bmc_tasks_done(void);
