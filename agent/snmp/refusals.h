// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* SETs of those who may write nothing, or not that: the audit log has its first ones,
 * then one a minute with the count of the others. It keeps a few hundred records, and a
 * reader's community is known to many and sent from any address: what others did is not
 * to be pushed out of the log by it. SNMP's thread. */

#define SN_REFUSAL_BURST     16    /* records of one actor at once        */
#define SN_REFUSAL_REFILL_MS 60000 /* and one more after each of these    */
#define SN_REFUSAL_ACTORS    64    /* more of them share what is left     */

/** Whether a refused SET of this actor is recorded now; then `ret_before` is how many
 * have not been since the last record. Pure but for its own table. */
bool sn_refusal_due(const char *actor, int64_t now, unsigned *ret_before);
