// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "bmc/model.h"

/* The last readings, for plots: of each row's fields with BMC_HISTORY a ring of
 * samples, all taken at the same ticks from the newest snapshot, and a ring of the
 * means of groups of samples, which reaches further back. A counter's samples are what
 * it gained in a second. Kept in memory only. A ring begins with the first known value
 * and goes with its row.
 *
 * Memory: 4 bytes a sample or mean and BMC_HISTORY_SERIES bytes a reading, at most
 * BMC_HISTORY_BYTES in all; what does not fit has no ring. */

#define BMC_HISTORY_BYTES  (4u * 1024 * 1024)
#define BMC_HISTORY_SERIES 56u
#define BMC_HISTORY_MAX    2880 /* samples or means of a reading */

struct bmc_history_sizes {
	size_t samples;        /* 0: no history, at most BMC_HISTORY_MAX   */
	int64_t interval;      /* between two samples, ms                  */
	size_t means;          /* 0: none, at most BMC_HISTORY_MAX         */
	int64_t mean_interval; /* ms; rounded to a multiple of `interval`  */
};

/* The newest of a reading, the oldest first; BMC_UNKNOWN: not read. Bytes are rounded
 * down to 65,536. */
struct bmc_history_values {
	int64_t last;     /* end of the newest (BMC_TIME) */
	int64_t interval; /* between two, ms              */
	size_t n;
	int64_t values[BMC_HISTORY_MAX];
};

/** Begins to sample. Main thread, after the inventory's init. */
int bmc_history_init(const struct bmc_history_sizes *sizes, struct bmc_error *err);
void bmc_history_done(void);

/** Copies the samples of a field, or the means of the groups that have ended. Returns
 *  their number, 0 when there is no ring. Any thread; waits for a copy at most. */
size_t bmc_history_read(uint32_t handle, const struct bmc_field *f, bool means,
			struct bmc_history_values *ret);

/** The time (BMC_TIME) of the newest samples or means, and what is between two, ms;
 *  BMC_UNKNOWN: there are none yet. Any thread. */
int64_t bmc_history_newest(bool means, int64_t *ret_interval);

/** Bytes that the rings take. Any thread. */
size_t bmc_history_bytes(void);

/** Takes the samples of `now`; the timer does it. Main thread. */
void bmc_history_sample(int64_t now);
