// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/model.h"

/* The alarms of a board: which reading is watched, and which fields of its row hold the
 * red line, whether the alarm is raised and since when its reading asks for a change.
 */
struct bmc_alarm {
	size_t red, raised, since; /* offsets in struct bmc_board */
	const char *unit;          /* of reading and red line, as messages write it */
	int64_t (*reading)(const struct bmc_board *b); /* or BMC_UNKNOWN */
};

#define BMC_N_ALARMS 4u
extern const struct bmc_alarm bmc_alarms[BMC_N_ALARMS];

/** The alarm whose state is the member at `offset`; NULL: none. */
const struct bmc_alarm *bmc_alarm_at(size_t offset);

/** A member of a board by its offset. */
int64_t *bmc_board_member(struct bmc_board *b, size_t offset);
int64_t bmc_board_value(const struct bmc_board *b, size_t offset);
