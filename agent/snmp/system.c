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
#include "snmp/value.h"

/* net-snmp's headers have no prototypes for its modules' inits. */
void init_vacm_vars(void);
void init_system_mib(void);
void init_sysORTable(void);
void init_snmp_mib(void);
void init_setSerialNo(void);
void init_snmpEngine(void);
void init_snmpMPDStats(void);
void init_usmStats(void);

void sn_system_init(void)
{
	static void (*const modules[])(void) = {
		init_vacm_vars,   init_system_mib, init_sysORTable,   init_snmp_mib,
		init_setSerialNo, init_snmpEngine, init_snmpMPDStats, init_usmStats,
	};

	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		modules[i]();
}

static void configure(const char *token, const char *value)
{
	char line[256];

	snprintf(line, sizeof(line), "%s %s", token, value);
	netsnmp_config(line);
}

static const void *first(const struct bmc_snapshot *s, enum bmc_kind kind)
{
	const struct bmc_row *const *rows;

	return bmc_snapshot_rows(s, kind, &rows) ? rows[0] : NULL;
}

void sn_system_values(const struct bmc_snapshot *s)
{
	const struct bmc_chassis *chassis = first(s, BMC_CHASSIS);
	const struct bmc_manager *manager = first(s, BMC_MANAGER);
	char text[128];
	struct sn_oid product = sn_base;

	snprintf(text, sizeof(text), "%s management agent",
		 chassis && *chassis->model ? chassis->model : "Cluster server");
	configure("sysdescr", text);
	if (manager && *manager->hostname)
		configure("sysname", manager->hostname);
	product.id[product.len - 1] = 2; /* cbmcProducts, beside clusterBmcMIB */
	product.id[product.len++] = 1;
	snprint_objid(text, sizeof(text), product.id, product.len);
	configure("sysobjectid", text);
	register_sysORTable(
		sn_base.id, sn_base.len,
		"Chassis, boards and parts of a cluster server (CLUSTER-BMC-MIB)");
}
