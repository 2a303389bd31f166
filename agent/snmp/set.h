// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/actions/action.h"
#include "snmp/value.h"

/* A SET's way through the door. All varbinds of a PDU, of whatever tables, become the
 * actions of one reservation: all of them happen, or none.
 *
 *   RESERVE1  each varbind is checked and becomes an action (wrongType ... noCreation)
 *   RESERVE2  all actions are reserved at the door, which checks role, state and busy
 *   ACTION    waits until the reservation is durable (1 s, else resourceUnavailable)
 *   COMMIT    starts it and waits until it shows, at most 1 s
 *   FREE, UNDO  release the reservation
 *
 * net-snmp handles one PDU after the other in one thread, so one such struct will do.
 */

#define SN_SET_WAIT_MS 1000
#define SN_SET_MAX     2048 /* what the door takes at once */

/** The actor behind the PDU that is being handled. */
const struct bmc_actor *sn_set_actor(const struct sn_set *set);

/** The RFC 3416 error status for an error of the core. */
int sn_error_status(int code);
