// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/inventory/entries.h"

/* What the core computes of a row from what its sources say. Pure: the clock comes in.
 */

struct bmc_derive {
	const struct bmc_row *old;     /* the row before, or NULL */
	const struct bmc_board *board; /* that holds it, or NULL */
	uint16_t old_health; /* its own health before, for the hysteresis         */
	int64_t now, boot_ms;
	bool reported; /* a source has spoken of it                         */
	bool absent;   /* what holds it is not there                        */
	const struct bmc_sum *sum; /* of what it holds */
	uint16_t parts; /* out: health of what has conditions of its own: alarms, groups
			 */
	int64_t next_eval; /* out: when time alone may change it; INT64_MAX: not */
};

/** Fills in the derived fields of a row of hardware; its health without what it holds.
 */
void bmc_derive(struct bmc_row *row, struct bmc_derive *d);

/** Whether the row's `present` says that nothing is there. */
bool bmc_row_gone(const struct bmc_row *row);

/** A limit that was passed is held until the reading is 1 % back from it. `side`: 1 of
 * an upper limit, -1 of a lower one. */
int64_t bmc_with_hysteresis(int64_t limit, int side, bool passed);
bool bmc_beyond(int64_t value, int64_t limit, int side);

/** The board's alarms: derive-alarms.c. After bmc_derive_board(). */
void bmc_derive_alarms(struct bmc_board *b, struct bmc_derive *d);

/** The board's part: derive-board.c. */
void bmc_derive_board(struct bmc_row *row, struct bmc_derive *d);
