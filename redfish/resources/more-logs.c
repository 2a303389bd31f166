// SPDX-License-Identifier: Apache-2.0
// The manager's other logs: who asked for what, and the last lines of the agent's own
// log. Neither can be cleared; both are for who may configure the manager.
#include "core/base/log.h"
#include "core/events/audit.h"
#include "redfish/journal.h"
#include "redfish/list.h"

#define LOG "/redfish/v1/Managers/{manager}/LogServices"

static const struct bmc_audit *record(struct rf_render *r)
{
	return (const struct bmc_audit *)rf_row(r);
}

/* "ForceOff of board sub1-03 by anna from 192.0.2.1: task 7" */
static json_t *message(struct rf_render *r)
{
	const struct bmc_audit *a = record(r);
	const char *refused = a->accepted ? "" : " refused";

	return json_sprintf("%s%s%s%s by %s from %s%s%s", a->action,
			    a->target[0] ? " of " : "", a->target, refused, a->user,
			    a->client[0] ? a->client : "this machine",
			    a->detail[0] ? ": " : "", a->detail);
}

static json_t *severity(struct rf_render *r)
{
	return json_string(record(r)->accepted ? "OK" : "Warning");
}

/* clang-format off */
#define SERVICE(purpose, lasts, max)                                          \
	RF_TEXT("LogEntryType", "Event"),                                     \
	RF_TEXT("LogPurposes[]", purpose),                                    \
	RF_TEXT("OverWritePolicy", "WrapsWhenFull"),                          \
	RF_BOOL("Persistency", lasts),                                        \
	RF_NUM("MaxNumberOfRecords", max),                                    \
	RF_FN("DateTime", rf_clock_value, .flags = RF_CLOCK),                 \
	RF_FN("DateTimeLocalOffset", rf_clock_offset),                        \
	RF_BOOL("ServiceEnabled", true),                                      \
	RF_TEXT("Status/State", "Enabled"),                                   \
	RF_LINK("Entries", "./Entries"),                                      \
	{ .path = NULL }

static const struct rf_prop audit_props[] = { SERVICE("Security", true, BMC_AUDIT_LISTED) };
static const struct rf_prop journal_props[] = { SERVICE("Diagnostic", false, BMC_LOG_LINES) };

static const struct rf_prop record_props[] = {
	RF_TEXT("EntryType", "Event"),
	RF_FIELD("Created", bmc_audit, time),
	RF_FN("Severity", severity, RF_AT(bmc_audit, accepted)),
	RF_FN("Message", message, RF_AT(bmc_audit, action)),
	RF_FIELD("Username", bmc_audit, user),

	RF_TEXT("OriginatorType", "Client"),
	RF_TEXT("Oem/ClusterBmc/@odata.type", "#ClusterBmcAudit.v1_0_0.Audit"),
	RF_FIELD("Oem/ClusterBmc/Action", bmc_audit, action),
	RF_FIELD("Oem/ClusterBmc/Target", bmc_audit, target),
	RF_FIELD("Oem/ClusterBmc/Detail", bmc_audit, detail),
	RF_FIELD("Oem/ClusterBmc/Accepted", bmc_audit, accepted),
	RF_FIELD("Oem/ClusterBmc/Client", bmc_audit, client),
	RF_FIELD("Oem/ClusterBmc/Interface", bmc_audit, origin),
	{ .path = NULL },
};
static const struct rf_prop line_props[] = {
	RF_TEXT("Name", "Line of the agent's log"),
	RF_TEXT("EntryType", "Event"),
	RF_FN("Created", rf_journal_created),
	RF_FN("Severity", rf_journal_severity),
	RF_FN("Message", rf_journal_message),
	{ .path = NULL },
};
static const struct rf_prop lines_props[] = {
	RF_FN("Members", rf_journal_members),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_audit_log = {
	.uri = LOG "/Audit",
	.type = "LogService.v1_9_0.LogService",
	.name = "Who asked for what",
	.props = audit_props,
	.flags = RF_VOLATILE, /* its clock runs */
};
const struct rf_resource rf_audit_entries = {
	.uri = LOG "/Audit/Entries",
	.type = "LogEntryCollection.LogEntryCollection",
	.name = "Records of what was asked for",
	.members = RF_TO(&rf_audit_entry),
	.newest = BMC_AUDIT_LISTED,
	.privileges = BMC_PRIV_CONFIGURE_MANAGER,
	.flags = RF_INLINE,
};
const struct rf_resource rf_audit_entry = {
	.uri = LOG "/Audit/Entries/{audit}",
	.type = "LogEntry.v1_21_0.LogEntry",
	.name = "Audit record",
	.props = record_props,
	.privileges = BMC_PRIV_CONFIGURE_MANAGER,
};
const struct rf_resource rf_journal = {
	.uri = LOG "/Journal",
	.type = "LogService.v1_9_0.LogService",
	.name = "The agent's own log since it started",
	.props = journal_props,
	.flags = RF_VOLATILE, /* its clock runs */
};
const struct rf_resource rf_journal_entries = {
	.uri = LOG "/Journal/Entries",
	.type = "LogEntryCollection.LogEntryCollection",
	.name = "Lines of the agent's log",
	.props = lines_props,
	.privileges = BMC_PRIV_CONFIGURE_MANAGER,
	.flags = RF_VOLATILE | RF_NO_ID,
};
const struct rf_resource rf_journal_entry = {
	.uri = "/redfish/v1/Managers/bmc/LogServices/Journal/Entries/*",
	.type = "LogEntry.v1_21_0.LogEntry",
	.props = line_props,
	.known = rf_journal_known,
	.privileges = BMC_PRIV_CONFIGURE_MANAGER,
	.flags = RF_VOLATILE,
};
