// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"

/* Aggregates: sets of boards that users make. ADD has the row in the action's params
 * and an id of digits; SET of `members` has in its params a row with the members to add
 * (num 1) or to take out (num 0); REMOVE. Main thread. */

/** Loads them and registers the handler. */
int bmc_aggregates_init(struct bmc_error *err);
/** Ends what has not been stored yet with BMC_ECANCELED. */
void bmc_aggregates_done(void);
