// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Which threads still run. A thread on which others depend beats at least every
 * BMC_LIVE_BEAT_MS, by itself or because it is asked to; the daemon counts the rounds
 * in which one did not. Rounds are counted, not time, so that a machine that slept or
 * was stopped finds all of its threads alive. */

#define BMC_LIVE_BEAT_MS 3000

struct bmc_live;

/** A thread to watch from the next round on. NULL: out of memory; it is not watched.
 *  Main thread. */
struct bmc_live *bmc_live_new(const char *name);
/** Accepts NULL, returns NULL. The thread has ended. Main thread. */
struct bmc_live *bmc_live_free(struct bmc_live *l);
/** Says that the thread runs. Accepts NULL. Any thread; never waits. */
void bmc_live_beat(struct bmc_live *l);

/** Ends a round, of more than BMC_LIVE_BEAT_MS. Returns the number of rounds in a row
 *  without a beat of the thread that has been silent longest, and its name (valid as
 *  long as it is watched) when that is not 0. Main thread. */
unsigned bmc_live_round(const char **ret_name);

/** Until when (BMC_TIME) the daemon counts as working, unless this is called again.
 *  Main thread. */
void bmc_live_until(int64_t until);
/** Whether that time is not over; it ends also when the main thread itself hangs. True
 *  before the first bmc_live_until(). Any thread. */
bool bmc_live_is(void);
