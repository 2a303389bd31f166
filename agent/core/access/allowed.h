// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "bmc/model.h"

/* What frontends offer: part of the action API, without its state. */

/** Which operations this row can do on this platform, as a mask of 1 << enum
 * bmc_action_op: what a frontend offers as allowable values. Read from the row alone
 * (its derived field `allowed`); of a blade or chassis, what any of its boards can do.
 * Any thread. */
uint32_t bmc_action_allowed(const struct bmc_row *row);

/** The privileges of which an operation on a kind needs any one, as a mask (for a
 * frontend's own early answer). BMC_PRIV_CONFIGURE_SELF counts for one's own rows only.
 */
uint32_t bmc_action_privilege(enum bmc_action_op op, enum bmc_kind kind);
/** Whether `op` is one that a recipe carries out on boards. */
bool bmc_op_is_recipe(enum bmc_action_op op);
