// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "core/actions/action.h"
#include "snmp/value.h"

/* A SET request, from its datagram to its answer. net-snmp handles one SET at a time
 * and queues all other requests behind it, so the SETs that reach our tables never
 * enter its phases: they are taken here, and each has a state of its own.
 *
 *   check     each varbind becomes an action or a step (noAccess ... noCreation), in
 *             the order of RFC 3416, 4.2.5; tooBig comes before that
 *   reserve   all actions are reserved, all or none: role, state, busy
 *   journal   the reservation is awaited (SN_SET_WAIT_MS, else resourceUnavailable)
 *   commit    the actions are started; awaited is what is stored and published
 *             (SN_SET_WAIT_MS, else genErr), never a verb
 *   answer    the response is sent
 *
 * Awaiting is done by coming back in a later pass of the thread; it never blocks. What
 * has not been committed is released, so that a SET that fails changes nothing and
 * claims nothing. A request that is sent again is recognised by its source, request-id,
 * user and varbinds: while the first one is under way it takes its place as the one to
 * be answered, and for SN_SET_RECENT_MS after that it gets the same answer. SNMP's
 * thread. */

#define SN_SET_WAIT_MS   2500
#define SN_SET_RECENT_MS 15000
#define SN_SET_RECENT    4096 /* answers that are remembered      */
#define SN_SET_PENDING   64   /* requests that are under way      */
#define SN_SET_MAX       2048 /* what the action API takes at once */
#define SN_SET_STEPS     16

/** Takes a SET of a community or user of the config; false: net-snmp shall answer it.
 * `session` and `pdu` are borrowed for the call. */
bool sn_set_take(netsnmp_session *session, netsnmp_pdu *pdu);

/** Goes on with the requests that are under way. After each pass. */
void sn_sets_tick(void);

/** When the next of them runs out of time (BMC_TIME); INT64_MAX: none is under way. */
int64_t sn_sets_deadline(void);

/** Releases what is under way, without an answer. Before the sockets are closed. */
void sn_sets_done(void);

/** The actor behind a request. */
const struct bmc_actor *sn_set_actor(const struct sn_set *set);

/** Whether none but the agent can read the request: it is encrypted. */
bool sn_set_is_private(const struct sn_set *set);

/** Adds an action to the request, for a table's `create`; false: there are too many. */
bool sn_set_add(struct sn_set *set, const struct bmc_action *action);

/** Hands the request the parameters of its actions, for a table's `create`; it drops
 * them at its end, also when it is false: it has some already. */
bool sn_set_own(struct sn_set *set, struct bmc_params *params);

/** The RFC 3416 error status for an error of the core. */
int sn_error_status(int code);
