// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/conf.h"
#include "core/snapshot/snapshot.h"

/* The standard groups every agent carries: SNMPv2-MIB's system and snmp groups,
 * sysORTable, the engine's, USM's and MPD's counters. They are net-snmp's own, but for
 * the system group (tables/system-group.c). */

/** Registers them. Between init_agent and init_snmp. */
void sn_system_init(void);

/** Lists the modules in sysORTable. */
void sn_system_describe(void);

/** sysContact, sysLocation and sysServices, of the config. */
struct sn_system {
	char contact[256], location[256];
	long services;
};

/** Copies them from the config's section. Any thread. */
void sn_system_read(const struct bmc_conf *snmp, struct sn_system *ret);
/** Puts them in force. SNMP's thread. */
void sn_system_use(const struct sn_system *s);
/** What is in force; borrowed. SNMP's thread. */
const struct sn_system *sn_system(void);
