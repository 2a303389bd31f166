// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "bmc/model.h"

/* The last readings, for plots: of each row's fields with BMC_HISTORY a ring of
 * samples, all taken at the same ticks from the newest snapshot. Kept in memory only. A
 * ring begins with the first known value and goes with its row.
 *
 * Memory: 4 bytes a sample and BMC_HISTORY_SERIES bytes a ring, at most
 * BMC_HISTORY_BYTES in all; what does not fit has no ring. */

#define BMC_HISTORY_BYTES  (4u * 1024 * 1024)
#define BMC_HISTORY_SERIES 32u

/** Begins to sample. `samples` 0: no history. Main thread, after the inventory's init.
 */
int bmc_history_init(size_t samples, int64_t interval_ms, struct bmc_error *err);
void bmc_history_done(void);

/** Copies the newest samples of a field, at most `max`, the oldest first; a sample that
 *  was not read is BMC_UNKNOWN. `*ret_last` is the time of the newest (BMC_TIME),
 * the others are `*ret_interval` ms apart. Returns their number, 0 when there is no
 * ring. Any thread; waits for a copy at most. */
size_t bmc_history_read(uint32_t handle, const struct bmc_field *f, int64_t *ret_values,
			size_t max, int64_t *ret_last, int64_t *ret_interval);

/** Bytes that the rings take. Any thread. */
size_t bmc_history_bytes(void);

/** Takes the samples of `now`; the timer does it. Main thread. */
void bmc_history_sample(int64_t now);
