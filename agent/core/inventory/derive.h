// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/inventory/entries.h"

/* What the core computes of a row from what its sources say. Pure: the clock comes in.
 */

struct bmc_derive {
	const struct bmc_row *old; /* the row before, or NULL */
	uint16_t old_health; /* its own health before, for the hysteresis         */
	int64_t now, boot_ms;
	bool reported; /* a source has spoken of it                         */
	bool absent;   /* what holds it is not there                        */
	const struct bmc_sum *sum; /* of what it holds */
	int64_t next_eval; /* out: when time alone may change it; INT64_MAX: not */
};

/** Fills in the derived fields of a row of hardware; its health without what it holds.
 */
void bmc_derive(struct bmc_row *row, struct bmc_derive *d);

/** Whether the row's `present` says that nothing is there. */
bool bmc_row_gone(const struct bmc_row *row);

/** The board's part: derive-board.c. */
void bmc_derive_board(struct bmc_row *row, struct bmc_derive *d);
