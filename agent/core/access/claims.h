// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "bmc/error.h"
#include "bmc/model.h"

/* Which rows an action holds: one claim a board, so two actions never mix on one. A
 * setting that hardware carries out claims only its field (`what`: the field's offset;
 * 0: the row). Any thread. */

/** `what` of the update that waits for a board's reset, or for a request, while the
 * board is free: there is one at most. */
#define BMC_CLAIM_WAITING SIZE_MAX

/** Claims for the transaction `owner`. BMC_EBUSY: held by another; BMC_EEXIST: this
 * transaction holds it for the same operation; BMC_EINVAL: this transaction holds it
 * for another one. */
int bmc_claim(uint32_t handle, size_t what, uint64_t owner, enum bmc_action_op op,
	      enum bmc_action_op *ret_held);
void bmc_unclaim(uint32_t handle, size_t what);
/** Whether any transaction holds it now. */
bool bmc_claim_is_held(uint32_t handle, size_t what);

/** Says whether the job that holds a row still waits to begin. */
void bmc_claim_waits(uint32_t handle, uint64_t owner, bool waits);
bool bmc_claim_is_waiting(uint32_t handle);

/** Claims a row for an action that follows the one that holds it: one may wait. 0 (it
 * is held by now, or queued), BMC_EBUSY: another one waits already, BMC_EEXIST: this
 * one. */
int bmc_claim_after(uint32_t handle, uint64_t owner, enum bmc_action_op op);
/** Gives back the row that `owner` holds, to the one that waits for it; or its place in
 * the queue. */
void bmc_claim_drop(uint32_t handle, uint64_t owner);
/** Claims other boards for one step of a job that holds `own`: all of them or none
 * (BMC_EBUSY). A board is free for it whose own job waits in this function, too: it is
 * borrowed, and its job goes on waiting. So nothing but the own board is held by one
 * that waits, and no two jobs can wait for each other. BMC_ENOMEM. */
int bmc_claim_more(uint32_t own, const uint32_t *others, size_t n, uint64_t job,
		   enum bmc_action_op op);
/** Gives them back. */
void bmc_claim_less(uint64_t job);
/** Whether `owner` holds the row now. */
bool bmc_claim_held(uint32_t handle, uint64_t owner);
void bmc_claims_done(void);
