// SPDX-License-Identifier: Apache-2.0
// The log of one system: of the manager's event log the entries whose origin is the
// board or a part of it. Those in memory are listed; an entry is there as long as the
// manager's, so that one that was listed is found. It is cleared with the manager's.
#include "redfish/list.h"

#define LOG "/redfish/v1/Systems/{board}/LogServices"

/* clang-format off */
static const struct rf_prop log_props[] = {
	RF_TEXT("LogEntryType", "Event"),
	RF_TEXT("OverWritePolicy", "WrapsWhenFull"),
	RF_BOOL("ServiceEnabled", true),
	RF_TEXT("Status/State", "Enabled"),
	RF_LINK("Entries", "./Entries"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_system_logs = {
	.uri = LOG,
	.type = "LogServiceCollection.LogServiceCollection",
	.name = "Logs of the system",
	.members = RF_TO(&rf_system_log),
};
const struct rf_resource rf_system_log = {
	.uri = LOG "/Events",
	.type = "LogService.v1_9_0.LogService",
	.name = "Events of the system",
	.props = log_props,
};
const struct rf_resource rf_system_entries = {
	.uri = LOG "/Events/Entries",
	.type = "LogEntryCollection.LogEntryCollection",
	.name = "Entries of the system's log",
	.members = RF_TO(&rf_system_entry),
	.flags = RF_INLINE,
};
const struct rf_resource rf_system_entry = {
	.uri = LOG "/Events/Entries/{event}",
	.type = "LogEntry.v1_21_0.LogEntry",
	.name = "Event",
	.props = rf_entry_props,
};
