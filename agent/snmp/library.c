// SPDX-License-Identifier: Apache-2.0
/* net-snmp's settings for the whole process, see library.h. Called by the engine. */
#include "snmp/library.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/build.h"

static int on_log(int major, int minor, void *arg, void *client)
{
	const struct snmp_log_message *m = arg;
	char line[256];

	(void)major;
	(void)minor;
	(void)client;
	bmc_copy(line, sizeof(line), m->msg);
	line[strcspn(line, "\n")] = '\0';
	log_limited(MAX(m->priority, LOG_WARNING), "snmp: %s", line);
	return 0;
}

void sn_library_isolate(const char *dir)
{
	static const int library[] = {
		NETSNMP_DS_LIB_DONT_PERSIST_STATE,
		NETSNMP_DS_LIB_DONT_READ_CONFIGS,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE,
		NETSNMP_DS_LIB_DISABLE_CONFIG_LOAD,
	};

	setenv("MIBS", "", 1);
	setenv("MIBDIRS", "/dev/null", 1);
	setenv("SNMPCONFPATH", dir, 1);
	set_configuration_directory(dir);
	set_persistent_directory(dir);
	for (size_t i = 0; i < ARRAY_SIZE(library); i++)
		netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, library[i], 1);
	snmp_enable_calllog();
}

static SecmodInMsg *decode_of_library;

/* The library finds the user that a name with a NUL begins with. */
static int decode(struct snmp_secmod_incoming_params *p)
{
	int r = decode_of_library(p);

	if (r != SNMPERR_SUCCESS || !memchr(p->secName, '\0', *p->secNameLen))
		return r;
	snmp_increment_statistic(STAT_USMSTATSUNKNOWNUSERNAMES);
	return SNMPERR_USM_UNKNOWNSECURITYNAME;
}

static void take_whole_names(void)
{
	struct snmp_secmod_def *usm = find_sec_mod(SNMP_SEC_MODEL_USM);

	if (!usm || usm->decode == decode)
		return;
	decode_of_library = usm->decode;
	usm->decode = decode;
}

/* How long an answer may be is the transport's to say, see build.h. */
void sn_library_started(void)
{
	take_whole_names();
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_log,
			       NULL);
	netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_MSG_SEND_MAX,
			   SN_MESSAGE_MAX);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID,
			       NETSNMP_DS_AGENT_DONT_LOG_TCPWRAPPERS_CONNECTS, 1);
}
