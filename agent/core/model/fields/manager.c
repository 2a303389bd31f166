// SPDX-License-Identifier: Apache-2.0
/* The fields of the manager: this agent and the computer it runs on. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_manager, name, .doc = "Label that users give it."),
	FIELD(bmc_manager, version, BMC_TEXT, .doc = "Version of this agent."),
	FIELD(bmc_manager, uuid, BMC_TEXT, .doc = "What distinguishes this agent from all others."),
	FIELD(bmc_manager, hostname, BMC_TEXT, .doc = "Its name on the network."),
	FIELD(bmc_manager, model, BMC_TEXT, .doc = "Model of the computer it runs on."),
	FIELD(bmc_manager, start_time, BMC_TIME, .doc = "When the agent started."),
	FIELD(bmc_manager, state_durable, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the state database takes writes."),
	FIELD(bmc_manager, locator, BMC_BOOL, .flags = BMC_SETTING | BMC_STATE, .max = 1,
	      .verb = "locator", .doc = "Whether the locating light is lit."),
	FIELD(bmc_manager, clock_settable, BMC_BOOL, .flags = BMC_INTERNAL,
	      .doc = "Whether the root helper may set the clock."),
	FIELD(bmc_manager, snmp_port, BMC_INT, .doc = "UDP port of the SNMP agent; 0: none."),
	FIELD(bmc_manager, snmp_communities, BMC_INT, .flags = BMC_INTERNAL,
	      .doc = "Number of configured communities."),
	FIELD(bmc_manager, snmp_users, BMC_INT, .flags = BMC_INTERNAL,
	      .doc = "Number of configured SNMPv3 users."),
	FIELD(bmc_manager, snmp_enabled, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether the SNMP agent answers and notifies."),
	FIELD(bmc_manager, snmp_v2c, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether it answers SNMPv2c."),
	FIELD(bmc_manager, snmp_v3, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether it answers SNMPv3."),
	FIELD(bmc_manager, snmp_engine_id, BMC_TEXT, .doc = "The SNMP engine's id."),
	FIELD(bmc_manager, lockout_threshold, BMC_INT, .flags = BMC_SETTING, .min = 1, .max = 10,
	      .doc = "Wrong passwords of a client known to the account before it has to wait."),
	FIELD(bmc_manager, lockout_duration, BMC_INT, .unit = BMC_UNIT_SECOND,
	      .flags = BMC_SETTING, .min = 60, .max = 86400,
	      .doc = "The longest such wait; the first is a second, each twice as long."),
	FIELD(bmc_manager, password_min, BMC_INT, .unit = BMC_UNIT_BYTE, .flags = BMC_SETTING,
	      .min = 8, .max = 64, .doc = "Length of the shortest new password."),
	FIELD(bmc_manager, events_enabled, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether subscribers are told of events."),
	FIELD(bmc_manager, event_retries, BMC_INT, .flags = BMC_SETTING, .min = 0, .max = 100,
	      .doc = "How often an event is sent again that a receiver did not take."),
	FIELD(bmc_manager, event_retry_interval, BMC_INT, .unit = BMC_UNIT_SECOND,
	      .flags = BMC_SETTING, .min = 1, .max = 3600, .doc = "Time between two such attempts."),
	FIELD(bmc_manager, basic_auth, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether a request may bring a name and a password instead of a session."),
};
/* clang-format on */

KIND(BMC_MANAGER, manager, .flags = BMC_KIND_PUT);
