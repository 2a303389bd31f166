// SPDX-License-Identifier: Apache-2.0
/* ALARM-MIB (RFC 3877): what is wrong now, for a manager that lost notifications. A
 * condition is an alarm; its model says which notification begins it and which ends it.
 * An alarm's description and resource are in its row, so it has no variables. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmp/alarms.h"
#include "snmp/notifier.h"
#include "snmp/standard.h"

#define ALARM "1.3.6.1.2.1.118.1"

/* Among a notification's variables: cbmcEventSeverity, behind sysUpTime, snmpTrapOID
 * and cbmcEventTime. */
#define SEVERITY_VARBIND 4
#define SEVERITY_OK      2 /* ok(2), warning(3), critical(4) */

/* Reasons of conditions, the event that ends each, and what they are about. */
struct model {
	const char *begins, *ends;
	enum bmc_kind kind;
	const char *description;
};

/* clang-format off */
/* A line's number is alarmModelIndex: lines are only added at the end. */
static const struct model models[] = {
	{ "BoardHealthChanged", "BoardHealthChanged", BMC_BOARD, "The health of a board is bad." },
	{ "PsuRedundancyLost", "PsuRedundancyRestored", BMC_CHASSIS, "The power supplies are no longer redundant." },
	{ "FanFailed", "FanRecovered", BMC_FAN, "A fan has failed." },
	{ "PsuFailed", "PsuRecovered", BMC_PSU, "A power supply has failed." },
	{ "DiskHealthChanged", "DiskHealthChanged", BMC_DISK, "The health of a disk is bad." },
	{ "SensorAboveLimit", "SensorLimitCleared", BMC_SENSOR, "A reading is above its limit." },
	{ "SensorBelowLimit", "SensorLimitCleared", BMC_SENSOR, "A reading is below its limit." },
	{ "StateNotDurable", "StateDurable", BMC_MANAGER, "Changes are not stored on the disk." },
	{ "BoardCpuHigh", "BoardCpuCleared", BMC_BOARD, "The CPU load of a board is over its red line." },
	{ "BoardMemoryHigh", "BoardMemoryCleared", BMC_BOARD, "A board's memory in use is over its red line." },
	{ "BoardStorageHigh", "BoardStorageCleared", BMC_BOARD, "A board's storage in use is over its red line." },
	{ "BoardTemperatureHigh", "BoardTemperatureCleared", BMC_BOARD, "A board's processor is hotter than its red line." },
	{ "FanRedundancyLost", "FanRedundancyRestored", BMC_CHASSIS, "The fans of a module are no longer redundant." },
	{ "NetworkRedundancyLost", "NetworkRedundancyRestored", BMC_CHASSIS, "The network units are no longer redundant." },
};
/* clang-format on */
#define STATES SN_ALARM_CRITICAL

static int state_of(const struct sn_alarm *a)
{
	return a->severity == BMC_SEVERITY_CRITICAL ? SN_ALARM_CRITICAL
						    : SN_ALARM_WARNING;
}

static bool notification(struct sn_value *ret, const char *event)
{
	const struct sn_notification *n = sn_notifications;
	struct sn_oid name;

	while (n->event && strcmp(n->event, event) != 0)
		n++;
	sn_notification_oid(n, &name);
	return sn_name(ret, &name);
}

/* ---- alarmModelTable: index[0] is the position below, index[1] the state ---- */

static const struct model *model_of(const struct bmc_row *row)
{
	return &models[row->index[0] - 1];
}

static size_t model_rows(const struct sn_ordered **ret)
{
	static struct bmc_row rows[ARRAY_SIZE(models) * STATES];
	static struct sn_ordered ordered[ARRAY_SIZE(models) * STATES];

	for (uint32_t i = 0; i < ARRAY_SIZE(rows) && !ordered[i].row; i++) {
		uint32_t model = i / STATES + 1, state = i % STATES + 1;
		rows[i] = (struct bmc_row){ .kind = BMC_CHASSIS,
					    .index = { model, state } };
		ordered[i].row = &rows[i];
		ordered[i].index =
			(struct sn_subids){ .n = 3, .id = { 0, model, state } };
	}
	*ret = ordered;
	return ARRAY_SIZE(rows);
}

static bool get_model_notification(const struct bmc_row *row, struct sn_value *ret)
{
	const struct model *m = model_of(row);

	return notification(ret, row->index[1] == SN_ALARM_CLEAR ? m->ends : m->begins);
}

static bool get_varbind(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_number(ret, ASN_UNSIGNED, SEVERITY_VARBIND, UINT32_MAX);
}

static bool get_varbind_value(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_integer(ret, SEVERITY_OK + (long)row->index[1] - SN_ALARM_CLEAR);
}

static bool get_model_description(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_text(ret, model_of(row)->description);
}

static bool get_no_name(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_no_name(ret);
}

static bool get_prefix(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_table *t = sn_table_of(model_of(row)->kind);

	return t ? sn_name(ret, sn_table_prefix(t)) : sn_no_name(ret);
}

static bool get_row_status(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_integer(ret, SNMP_ROW_ACTIVE);
}

/* ---- alarmActiveTable, alarmClearTable ---- */

static bool get_engine(const struct bmc_row *row, struct sn_value *ret)
{
	size_t len = snmpv3_get_engineID((u_char *)ret->u.text, sizeof(ret->u.text));

	(void)row;
	return sn_octets(ret, ret->u.text, len);
}

static bool get_zero(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_integer(ret, 0); /* unknown: the alarm is of this engine */
}

static bool get_empty(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_text(ret, "");
}

static bool get_none(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_number(ret, ASN_UNSIGNED, 0, UINT32_MAX);
}

static bool get_begun(const struct bmc_row *row, struct sn_value *ret)
{
	return notification(ret, sn_alarm(row)->reason);
}

static const struct model *model_by(const char *reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(models); i++) {
		if (strcmp(models[i].begins, reason) == 0)
			return &models[i];
	}
	return NULL;
}

static bool get_ended(const struct bmc_row *row, struct sn_value *ret)
{
	const struct model *m = model_by(sn_alarm(row)->reason);

	return notification(ret, m ? m->ends : sn_alarm(row)->reason);
}

static bool get_resource(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_name(ret, &sn_alarm(row)->resource);
}

static bool get_description(const struct bmc_row *row, struct sn_value *ret)
{
	return sn_text(ret, sn_alarm(row)->message);
}

/* alarmModelNotificationId of the model's row. */
static bool point_at_model(const struct bmc_row *row, int state, struct sn_value *ret)
{
	const struct model *m = model_by(sn_alarm(row)->reason);
	struct sn_oid name;

	if (!m || !sn_oid_parse(ALARM ".1.2.1.3.0", &name))
		return sn_no_name(ret);
	name.id[name.len++] = (oid)(m - models + 1);
	name.id[name.len++] = (oid)state;
	return sn_name(ret, &name);
}

static bool get_model(const struct bmc_row *row, struct sn_value *ret)
{
	return point_at_model(row, state_of(sn_alarm(row)), ret);
}

static bool get_clear_model(const struct bmc_row *row, struct sn_value *ret)
{
	return point_at_model(row, SN_ALARM_CLEAR, ret);
}

/* ---- alarmActiveStatsTable, scalars ---- */

static size_t stats_rows(const struct sn_ordered **ret)
{
	static const struct bmc_row row = { .kind = BMC_CHASSIS };
	static const struct sn_ordered only = { &row, { .n = 1, .id = { 0 } } };

	*ret = &only;
	return 1;
}

static bool get_current(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_ordered *all;

	(void)row;
	return sn_number(ret, ASN_GAUGE, (int64_t)sn_alarms_active(&all), UINT32_MAX);
}

static bool get_total(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_number(ret, ASN_COUNTER, sn_alarm_totals()->begun, UINT32_MAX);
}

static bool get_raised(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_time_stamp(ret, sn_alarm_totals()->raised);
}

static bool get_cleared(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_time_stamp(ret, sn_alarm_totals()->cleared);
}

static bool get_changed(const struct bmc_row *row, struct sn_value *ret)
{
	const struct sn_alarm_totals *t = sn_alarm_totals();

	(void)row;
	return sn_time_stamp(ret, MAX(t->raised, t->cleared));
}

static bool get_models_changed(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_number(ret, ASN_TIMETICKS, 0, UINT32_MAX);
}

static bool get_overflow(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_number(ret, ASN_COUNTER, 0, UINT32_MAX);
}

static bool get_maximum(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return sn_number(ret, ASN_UNSIGNED, SN_ALARMS_CLEARED, UINT32_MAX);
}

/* ---- tables ---- */

static const struct sn_column model_columns[] = {
	SN_GET(3, "alarmModelNotificationId", ASN_OBJECT_ID, get_model_notification),
	SN_GET(4, "alarmModelVarbindIndex", ASN_UNSIGNED, get_varbind),
	SN_GET(5, "alarmModelVarbindValue", ASN_INTEGER, get_varbind_value),
	SN_GET(6, "alarmModelDescription", ASN_OCTET_STR, get_model_description),
	SN_GET(7, "alarmModelSpecificPointer", ASN_OBJECT_ID, get_no_name),
	SN_GET(8, "alarmModelVarbindSubtree", ASN_OBJECT_ID, get_no_name),
	SN_GET(9, "alarmModelResourcePrefix", ASN_OBJECT_ID, get_prefix),
	SN_GET(10, "alarmModelRowStatus", ASN_INTEGER, get_row_status),
};
static const struct sn_column active_columns[] = {
	SN_GET(4, "alarmActiveEngineID", ASN_OCTET_STR, get_engine),
	SN_GET(5, "alarmActiveEngineAddressType", ASN_INTEGER, get_zero),
	SN_GET(6, "alarmActiveEngineAddress", ASN_OCTET_STR, get_empty),
	SN_GET(7, "alarmActiveContextName", ASN_OCTET_STR, get_empty),
	SN_GET(8, "alarmActiveVariables", ASN_UNSIGNED, get_none),
	SN_GET(9, "alarmActiveNotificationID", ASN_OBJECT_ID, get_begun),
	SN_GET(10, "alarmActiveResourceId", ASN_OBJECT_ID, get_resource),
	SN_GET(11, "alarmActiveDescription", ASN_OCTET_STR, get_description),
	SN_GET(12, "alarmActiveLogPointer", ASN_OBJECT_ID, get_no_name),
	SN_GET(13, "alarmActiveModelPointer", ASN_OBJECT_ID, get_model),
	SN_GET(14, "alarmActiveSpecificPointer", ASN_OBJECT_ID, get_no_name),
};
static const struct sn_column clear_columns[] = {
	SN_GET(3, "alarmClearEngineID", ASN_OCTET_STR, get_engine),
	SN_GET(4, "alarmClearEngineAddressType", ASN_INTEGER, get_zero),
	SN_GET(5, "alarmClearEngineAddress", ASN_OCTET_STR, get_empty),
	SN_GET(6, "alarmClearContextName", ASN_OCTET_STR, get_empty),
	SN_GET(7, "alarmClearNotificationID", ASN_OBJECT_ID, get_ended),
	SN_GET(8, "alarmClearResourceId", ASN_OBJECT_ID, get_resource),
	SN_GET(9, "alarmClearLogIndex", ASN_UNSIGNED, get_none),
	SN_GET(10, "alarmClearModelPointer", ASN_OBJECT_ID, get_clear_model),
};
static const struct sn_column stats_columns[] = {
	SN_GET(1, "alarmActiveStatsActiveCurrent", ASN_GAUGE, get_current),
	SN_GET(2, "alarmActiveStatsActives", ASN_COUNTER, get_total),
	SN_GET(3, "alarmActiveStatsLastRaise", ASN_TIMETICKS, get_raised),
	SN_GET(4, "alarmActiveStatsLastClear", ASN_TIMETICKS, get_cleared),
};
static const struct sn_column models_changed[] = {
	SN_GET(0, "alarmModelLastChanged", ASN_TIMETICKS, get_models_changed),
};
static const struct sn_column active_changed[] = {
	SN_GET(0, "alarmActiveLastChanged", ASN_TIMETICKS, get_changed),
};
static const struct sn_column overflow[] = {
	SN_GET(0, "alarmActiveOverflow", ASN_COUNTER, get_overflow),
};
static const struct sn_column maximum[] = {
	SN_GET(0, "alarmClearMaximum", ASN_UNSIGNED, get_maximum),
};

#define ALARM_TABLE(variable, name_, at_, rows_, columns_, n, ...) \
	const struct sn_table variable = {                         \
		.name = (name_),                                   \
		.at = ALARM at_,                                   \
		.kind = BMC_CHASSIS,                               \
		.n_index = (n),                                    \
		.index = { __VA_ARGS__ },                          \
		.rows = (rows_),                                   \
		.columns = (columns_),                             \
		.n_columns = ARRAY_SIZE(columns_),                 \
	}

ALARM_TABLE(sn_alarm_models_changed, "alarmModelLastChanged", ".1.1", NULL,
	    models_changed, 0, { NULL });
ALARM_TABLE(sn_alarm_model_table, "alarmModelTable", ".1.2.1", model_rows,
	    model_columns, 3, { "alarmListName", SN_PART_TEXT }, { "alarmModelIndex" },
	    { "alarmModelState" });
ALARM_TABLE(sn_alarm_changed, "alarmActiveLastChanged", ".2.1", NULL, active_changed, 0,
	    { NULL });
ALARM_TABLE(sn_alarm_active_table, "alarmActiveTable", ".2.2.1", sn_alarms_active,
	    active_columns, 3, { "alarmListName", SN_PART_TEXT },
	    { "alarmActiveDateAndTime", SN_PART_TEXT }, { "alarmActiveIndex" });
ALARM_TABLE(sn_alarm_stats_table, "alarmActiveStatsTable", ".2.4.1", stats_rows,
	    stats_columns, 1, { "alarmListName", SN_PART_TEXT });
ALARM_TABLE(sn_alarm_overflow, "alarmActiveOverflow", ".2.5", NULL, overflow, 0,
	    { NULL });
ALARM_TABLE(sn_alarm_clear_maximum, "alarmClearMaximum", ".3.1", NULL, maximum, 0,
	    { NULL });
ALARM_TABLE(sn_alarm_clear_table, "alarmClearTable", ".3.2.1", sn_alarms_cleared,
	    clear_columns, 3, { "alarmListName", SN_PART_TEXT },
	    { "alarmClearDateAndTime", SN_PART_TEXT }, { "alarmClearIndex" });
