// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "bmc/conf.h"
#include "bmc/error.h"

/* Who gets notifications, as traps or as informs. Nothing here ever waits: a name is
 * looked up in a thread of its own, an inform's engine is discovered by a probe whose
 * answer arrives like any other datagram. Until then notifications queue, the oldest
 * going first when there are too many. SNMP's thread, but for init and done. */

/** Reads the list of receivers. Their users have to be known (sn_access_init). */
int sn_receivers_init(const struct bmc_conf *list, struct bmc_error *err);

/** Sends a notification to all of them. The PDU is stolen. */
void sn_receivers_send(netsnmp_pdu *pdu);

/** Goes on with receivers that are not ready yet. */
void sn_receivers_tick(void);

void sn_receivers_done(void);
