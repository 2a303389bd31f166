// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "bmc/model.h"

/* Which rows an action holds: one claim a board, so two actions never mix on one. A
 * setting that hardware carries out claims only its field (`what`: the field's offset;
 * 0: the row). Any thread. */

/** Claims for the ticket `owner`. BMC_EBUSY: held by another; BMC_EEXIST: this ticket
 * holds it for the same operation; BMC_EINVAL: this ticket holds it for another one. */
int bmc_claim(uint32_t handle, size_t what, uint64_t owner, enum bmc_action_op op,
	      enum bmc_action_op *ret_held);
void bmc_unclaim(uint32_t handle, size_t what);
void bmc_claims_done(void);
