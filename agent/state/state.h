// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

#include "bmc/error.h"

/* What survives: tasks, the event log, sessions, settings and the jobs' journal in one
 * SQLite database, DIR/state.db. It fills in bmc_store (core/ports/store.h);
 * agent/main.c starts it before and ends it after all parts that store something. */

/** How many events are kept, and how large the database file may get (0: no bound). A
 * larger one shrinks while the agent runs. What does not fit makes room by the older
 * half of the events, else it is BMC_ENOSPC. Main thread, before bmc_state_init. */
void bmc_state_bounds(unsigned events, int64_t max_bytes);

/** Opens or makes the database in `dir` (made with mode 0700 when it is missing) and
 * starts the thread that alone touches it. A database that can't be read is set aside
 * as state.db.corrupt-TIMESTAMP and a new one is made; where none can be written the
 * agent runs without (bmc_store->durable() is false) and it is tried again. Main
 * thread. Errors: BMC_ENOMEM, BMC_EAGAIN (no thread). */
int bmc_state_init(const char *dir, struct bmc_error *err);

/** Writes what is queued, calls the callbacks that are due, and closes. Main thread. */
void bmc_state_done(void);

/** Writes what is queued, for at most 2 s, for a process that exits next because its
 * main thread hangs: nothing is stored after it. Any thread. */
void bmc_state_flush(void);
