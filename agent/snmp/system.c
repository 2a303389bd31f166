// SPDX-License-Identifier: Apache-2.0
/* The standard groups: which of net-snmp's are used, and what they say of this agent.
 * Called by the engine's init. */
#include "snmp/system.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <net-snmp/agent/agent_sysORTable.h>
#include <string.h>

#include "core/base/util.h"
#include "snmp/build.h"
#include "snmp/value.h"

/* net-snmp's headers have no prototypes for its modules' inits. */
void init_vacm_vars(void);
void init_sysORTable(void);
void init_snmp_mib(void);
void init_setSerialNo(void);
void init_snmpEngine(void);
void init_snmpMPDStats(void);
void init_usmStats(void);
void init_target_counters(void);
void init_usmUser(void);

/* Modules of sysORTable beyond those that net-snmp lists by itself. */
static const struct {
	const char *id, *description;
} described[] = {
	{ "1.3.6.1.2.1.25",
	  "Memory, disks and processor of main (HOST-RESOURCES-MIB)" },
	{ "1.3.6.1.2.1.31", "The network interfaces of main (IF-MIB)" },
	{ "1.3.6.1.2.1.47", "The machine's parts and what holds them (ENTITY-MIB)" },
	{ "1.3.6.1.2.1.99", "The readings of their sensors (ENTITY-SENSOR-MIB)" },
	{ "1.3.6.1.2.1.118", "What is wrong now, and what was (ALARM-MIB)" },
	{ "1.3.6.1.2.1.131", "The states of the parts (ENTITY-STATE-MIB)" },
	{ "1.3.6.1.2.1.229", "The power that they draw (ENERGY-OBJECT-MIB)" },
	{ "1.3.6.1.2.1.4", "The IPv4 addresses of main (IP-MIB)" },
	{ "1.3.6.1.2.1.92", "The newest notifications (NOTIFICATION-LOG-MIB)" },
	{ "1.3.6.1.6.3.12", "Receivers of notifications (SNMP-TARGET-MIB)" },
	{ "1.3.6.1.6.3.13", "Traps and informs (SNMP-NOTIFICATION-MIB)" },
	{ "1.3.6.1.6.3.18", "Communities, without their names (SNMP-COMMUNITY-MIB)" },
};

static struct sn_system in_force; /* SNMP's thread */

/* snmpEngineMaxMessageSize says 1500 by itself; what our messages say is what UDP
 * takes. */
static void set_max_message(void)
{
	static oid name[] = { 1, 3, 6, 1, 6, 3, 10, 2, 1, 4, 0 };
	static int size = SN_MESSAGE_MAX;

	(void)unregister_mib(name, OID_LENGTH(name) - 1);
	(void)netsnmp_register_read_only_int_instance("snmpEngineMaxMessageSize", name,
						      OID_LENGTH(name), &size, NULL);
}

void sn_system_init(void)
{
	static oid auth_traps[] = { 1, 3, 6, 1, 2, 1, 11, 30, 0 };
	static void (*const modules[])(void) = {
		init_vacm_vars,   init_sysORTable,      init_snmp_mib,
		init_setSerialNo, init_snmpEngine,      init_snmpMPDStats,
		init_usmStats,    init_target_counters, init_usmUser,
	};

	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		modules[i]();
	/* snmpEnableAuthenTraps is a setting of ours, see tables/target.c. */
	(void)unregister_mib(auth_traps, OID_LENGTH(auth_traps));
	set_max_message();
}

static void describe(struct sn_oid *id, const char *text)
{
	(void)register_sysORTable(id->id, id->len, text);
}

void sn_system_describe(void)
{
	struct sn_oid id;

	for (size_t i = 0; i < ARRAY_SIZE(described); i++) {
		if (sn_oid_parse(described[i].id, &id))
			describe(&id, described[i].description);
	}
	id = sn_base;
	describe(&id,
		 "Chassis, boards and parts of a cluster server (CLUSTER-BMC-MIB)");
}

void sn_system_read(const struct bmc_conf *snmp, struct sn_system *ret)
{
	(void)bmc_copy(ret->contact, sizeof(ret->contact),
		       bmc_conf_text(snmp, "contact", ""));
	(void)bmc_copy(ret->location, sizeof(ret->location),
		       bmc_conf_text(snmp, "location", ""));
	ret->services = (long)bmc_conf_num(snmp, "services", 0);
}

void sn_system_use(const struct sn_system *s)
{
	in_force = *s;
}

const struct sn_system *sn_system(void)
{
	return &in_force;
}
