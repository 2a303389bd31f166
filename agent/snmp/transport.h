// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/library/large_fd_set.h>

#include "bmc/conf.h"
#include "bmc/error.h"

/* The agent's UDP sockets, IPv4 and, bound to "::" or "*", IPv6 also. Requests are
 * taken from a socket, and answers given to it, many at a time: half of what an answer
 * costs is the way through the kernel. net-snmp is given a check of our own in place of
 * its usual one, which would open and parse /etc/hosts.allow and hosts.deny for every
 * datagram. */

/** Opens what `bind` and `port` of the config say. Before privileges are dropped. */
int sn_transport_open(const struct bmc_conf *snmp, struct bmc_error *err);

/** Handles what has come on the sockets that are ready, calling `before` ahead of each
 *  request. SNMP's thread. */
void sn_transport_read(netsnmp_large_fd_set *ready, void (*before)(void));

/** Sends the answers so far: before something that may take a moment. SNMP's thread. */
void sn_transport_flush(void);

/** Closes the sockets, when the thread has ended. */
void sn_transport_close(void);
