// SPDX-License-Identifier: Apache-2.0
// The event log: the rows of kind event, as entries of the manager's one log. The
// collection holds its entries whole, because Ansible's GetLogs reads nothing else;
// those that are only in the database follow on further pages (log.c).
#include <string.h>

#include "core/base/util.h"
#include "core/events/event.h"
#include "core/ports/store.h"
#include "redfish/list.h"
#include "redfish/log.h"

#define LOG "/redfish/v1/Managers/{manager}/LogServices"

static json_t *message_id(struct rf_render *r)
{
	const struct bmc_event *e = (const struct bmc_event *)rf_row(r);

	/* of a test event its client may name another one: the second argument */
	if (strcmp(e->type, "TestEvent") == 0 && e->args[1][0])
		return json_string(e->args[1]);
	return rf_log_message_id(e->type, e->severity);
}

static json_t *message_args(struct rf_render *r)
{
	const struct bmc_event *e = (const struct bmc_event *)rf_row(r);
	const struct bmc_event_type *t = bmc_event_type_find(e->type);
	json_t *list = json_array();

	for (unsigned i = 0; t && i < t->n_args && i < 3; i++)
		(void)json_array_append_new(list, json_string(e->args[i]));
	return list;
}

static json_t *most_records(struct rf_render *r)
{
	(void)r;
	return json_integer(bmc_store && bmc_store->events_max
				    ? (json_int_t)bmc_store->events_max()
				    : BMC_EVENTS_KEPT);
}

static int clear(struct rf_request *q, const json_t *const *args)
{
	struct bmc_action act = { .op = BMC_ACT_CLEAR_LOG, .kind = BMC_MANAGER };

	(void)args;
	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	return rf_submit(q, &act, 1, rf_then_task);
}

static const struct rf_param clear_params[] = {
	{ .name = NULL },
};
static const struct rf_action log_actions[] = {
	{ "LogService.ClearLog", clear_params, clear, NULL },
	{ .name = NULL },
};

/* clang-format off */
static const struct rf_prop log_props[] = {
	RF_TEXT("LogEntryType", "Event"),
	RF_TEXT("LogPurposes[]", "Operations"),
	RF_TEXT("OverWritePolicy", "WrapsWhenFull"),
	RF_BOOL("Persistency", true),
	RF_FN("DateTime", rf_clock_value, .flags = RF_CLOCK),
	RF_FN("DateTimeLocalOffset", rf_clock_offset),
	RF_FN("MaxNumberOfRecords", most_records),
	RF_BOOL("ServiceEnabled", true),
	RF_TEXT("Status/State", "Enabled"),
	RF_LINK("Entries", "./Entries"),
	{ .path = NULL },
};

const struct rf_prop rf_entry_props[] = {
	RF_TEXT("EntryType", "Event"),
	RF_FIELD("Created", bmc_event, time),
	RF_FIELD("EventTimestamp", bmc_event, time),
	RF_FIELD("Severity", bmc_event, severity),
	RF_FIELD("Message", bmc_event, message),
	RF_FN("MessageId", message_id, RF_AT(bmc_event, type)),
	RF_FN("MessageArgs", message_args),
	RF_UP("Links/OriginOfCondition", &rf_system, &rf_enclosure, &rf_blade, &rf_fan, &rf_psu,
	      &rf_drive, &rf_sensor, &rf_manager, &rf_task, &rf_system_nic,
	      &rf_port),
	RF_TEXT("Oem/ClusterBmc/@odata.type", "#ClusterBmcLogEntry.v1_0_0.LogEntry"),
	RF_FIELD("Oem/ClusterBmc/OriginId", bmc_event, origin_id),
	RF_FIELD("Oem/ClusterBmc/OriginKind", bmc_event, origin_kind),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_logs = {
	.uri = LOG,
	.type = "LogServiceCollection.LogServiceCollection",
	.name = "Logs",
	.members = RF_TO(&rf_log, &rf_audit_log, &rf_journal),
};
const struct rf_resource rf_log = {
	.uri = LOG "/Events",
	.type = "LogService.v1_9_0.LogService",
	.name = "Event log",
	.props = log_props,
	.actions = log_actions,
	.flags = RF_VOLATILE, /* its clock runs */
};
const struct rf_resource rf_entries = {
	.uri = LOG "/Events/Entries",
	.type = "LogEntryCollection.LogEntryCollection",
	.name = "Entries of the event log",
	.members = RF_TO(&rf_entry),
	.stored = rf_log_page,
	.flags = RF_INLINE,
};
const struct rf_resource rf_entry = {
	.uri = LOG "/Events/Entries/{event}",
	.type = "LogEntry.v1_21_0.LogEntry",
	.name = "Event",
	.props = rf_entry_props,
};
