// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

#include "exposition.h"

/* What one answer of an exporter says of its board, and what two of them say together.
 * Values that are no number, negative or beyond all reason count as not read. */

#define NE_CHIPS_MAX  16
#define NE_MOUNTS_MAX 2

struct ne_answer {
	double idle, total; /* seconds of all processors since the board's start */
	int64_t cpus;
	double mem_total, mem_available; /* bytes; negative: not there, as below */
	double fs_size[NE_MOUNTS_MAX], fs_free[NE_MOUNTS_MAX];
	double boot, time; /* seconds since 1970, by the board's clock */
	double mhz;
	double soc, gpu; /* degrees Celsius, NaN: not there */
	unsigned soc_rank;
	struct {
		char name[64];
		unsigned rank;
	} chips[NE_CHIPS_MAX]; /* hwmon chips that measure the system on a chip */
	size_t n_chips, samples;
	char kernel[48], hostname[BMC_NAME_MAX], machine[16], os[48], cpu_model[48];
};

/** What is kept of a board from one scrape to the next. All zero: nothing yet. */
struct ne_board {
	double idle, total;
	int64_t cpus;      /* 0: no sums of processor time to compare with */
	int64_t boot_time; /* as it was put; BMC_UNKNOWN or 0: not yet */
};

void ne_answer_init(struct ne_answer *a);
/** Takes one sample; `arg` is the struct ne_answer: an expo's `each`. */
void ne_answer_take(void *arg, const struct expo_sample *s);

#define NE_VALUES_MAX 16
/** The values of the board's row, all of them, unknown ones too, and their number.
 *  `now` is in milliseconds of CLOCK_BOOTTIME. Texts are borrowed from `a`. */
size_t ne_values(const struct ne_answer *a, struct ne_board *b, int64_t now,
		 struct bmc_value ret[NE_VALUES_MAX]);
