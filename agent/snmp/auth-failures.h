// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>
#include <sys/socket.h>

/* Requests whose community, user or password is wrong: each source of them becomes the
 * event SnmpAuthenticationFailed, which is sent as authenticationFailure (RFC 3418) and
 * is in the log like all others. Limited per source and in all, so that who sends
 * requests, perhaps under addresses of others, can neither fill the log nor have the
 * receivers flooded. SNMP's thread. */

#define SN_AUTH_FAILURE_SOURCE_MS 300000 /* between two events of one source        */
#define SN_AUTH_FAILURE_BURST     10     /* events at once, of all sources together */
#define SN_AUTH_FAILURE_REFILL_MS 60000  /* and one more after each of these        */

/** A request from this address was handled: looks whether it was refused. Cheap. */
void sn_auth_failures_look(const struct sockaddr *from, socklen_t len);
/** Forgets all sources, and what was counted so far. At start. */
void sn_auth_failures_init(void);

/* ---- for the tests ---- */

/** Whether a refused request of this source is reported now; then `ret_count` is how
 * many there were since the last report, with this one. Pure but for its own table. */
int sn_auth_failures_due(const struct sockaddr *from, int64_t now, unsigned *ret_count);
