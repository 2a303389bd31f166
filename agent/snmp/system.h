// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/snapshot/snapshot.h"

/* The standard groups every agent carries: SNMPv2-MIB's system and snmp groups,
 * sysORTable, the engine's, USM's and MPD's counters. They are net-snmp's own. */

/** Registers them. Between init_agent and init_snmp. */
void sn_system_init(void);

/** Gives sysDescr, sysObjectID, sysName their values and lists the MIB in sysORTable.
 */
void sn_system_values(const struct bmc_snapshot *s);
