// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "bmc/conf.h"
#include "bmc/error.h"

/* The agent's UDP sockets, IPv4 and, bound to "::", IPv6 also. They are given to
 * net-snmp with a check of our own in place of its usual one, which would open and
 * parse /etc/hosts.allow and hosts.deny for every datagram. */

/** Opens what `bind` and `port` of the config say. Before privileges are dropped. */
int sn_transport_open(const struct bmc_conf *snmp, struct bmc_error *err);

/** Handles what has come on the sockets that are ready. SNMP's thread. */
void sn_transport_read(netsnmp_large_fd_set *ready);

/** Closes the sockets, when the thread has ended. */
void sn_transport_close(void);
