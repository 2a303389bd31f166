// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/library/large_fd_set.h>

#include "bmc/conf.h"
#include "bmc/error.h"
#include "snmp/limit.h"

/* The agent's UDP sockets, IPv4 and, bound to "::" or "*", IPv6 also. Requests are
 * taken from a socket, and answers given to it, many at a time: half of what an answer
 * costs is the way through the kernel. net-snmp is given a check of our own in place of
 * its usual one, which would open and parse /etc/hosts.allow and hosts.deny for every
 * datagram. */

/** Where a request came from and to, and what its answer may cost: what is needed to
 * answer it later. */
struct sn_origin {
	netsnmp_indexed_addr_pair addresses;
	struct sn_limited limited;
};

/** Whether sn_transport_open could use `bind` and `exempt`. Any thread. */
int sn_transport_check(const struct bmc_conf *snmp, struct bmc_error *err);

/** Opens what `bind` and `port` of the config say. Before privileges are dropped. */
int sn_transport_open(const struct bmc_conf *snmp, struct bmc_error *err);

/** Handles what has come on the sockets that are ready, calling `before` ahead of each
 *  request. SNMP's thread. */
void sn_transport_read(netsnmp_large_fd_set *ready, void (*before)(void));

/** Has net-snmp handle what comes by a transport of another kind as what comes by UDP.
 *  The transport is stolen, also when that fails: NULL. Before SNMP's thread runs. */
netsnmp_session *sn_transport_add(netsnmp_transport *t);

/** Makes a request that came by such a transport the one that is being handled. SNMP's
 *  thread. */
void sn_transport_enter(const struct sn_origin *origin);

/** The origin of the request that is being handled; borrowed until the next one. */
const struct sn_origin *sn_transport_origin(void);

/** Sends the answer to a request, also one that was read long ago. The PDU is stolen.
 *  SNMP's thread. */
void sn_transport_answer(const struct sn_origin *origin, netsnmp_session *session,
			 netsnmp_pdu *pdu);

/** Sends what waits in the sockets' batches. SNMP's thread, after sn_transport_answer.
 */
void sn_transport_flush(void);

/** Closes the sockets, when the thread has ended. */
void sn_transport_close(void);
