// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/actions/action.h"
#include "snmp/agentx/pdu.h"

/* Between the connection (client.c) and the SETs that come over it (write.c). */

/** Answers a PDU of the master's with an error (0: none) and no varbinds. */
void ax_respond(uint32_t transaction, uint32_t packet, int error, long index);

/** Takes a TestSet, CommitSet, UndoSet or CleanupSet as `who`, who may have no role:
 *  then all is notWritable. Responds at once or in a later ax_sets_tick. */
void ax_set_take(const struct ax_header *h, struct ax_in *in,
		 const struct bmc_actor *who);
/** Goes on with those that wait for the journal or for what is stored. */
void ax_sets_tick(void);
/** When the next of them runs out of time; INT64_MAX: none. */
int64_t ax_sets_deadline(void);
/** Releases all that has not been committed: the master is gone. */
void ax_sets_drop(void);
