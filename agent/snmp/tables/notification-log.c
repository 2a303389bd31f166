// SPDX-License-Identifier: Apache-2.0
/* NOTIFICATION-LOG-MIB (RFC 3014): the default log, whose name is empty, has the newest
 * events as the notifications that they are sent as. It is another view of the event
 * rows, so it needs no memory of its own until a manager asks for the variables. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/cursor.h"
#include "snmp/notifier.h"

#define ENTRIES   300
#define VARIABLES (SN_NOTIFICATION_COMMON + SN_NOTIFICATION_FIELDS)

enum { ENABLED = 1, OPERATIONAL = 2, READ_ONLY = 5 };

static size_t newest(const struct bmc_row *const **ret_rows)
{
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_EVENT, ret_rows);
	size_t skip = n > ENTRIES ? n - ENTRIES : 0;

	*ret_rows += skip;
	return n - skip;
}

/* ---- nlmLogTable ---- */

static bool log_index(const struct bmc_row *row, struct sn_key *ret)
{
	const struct bmc_row *const *rows;

	if (!newest(&rows) || row->index[0] < rows[0]->index[0])
		return false;
	ret->part[0].text = "";
	ret->part[1].number = row->index[0];
	return true;
}

static const struct bmc_event *event(const struct bmc_row *row)
{
	return (const struct bmc_event *)row;
}

static bool octets(struct sn_value *ret, const void *data, size_t len)
{
	ret->type = ASN_OCTET_STR;
	ret->data = data;
	ret->len = len;
	return true;
}

static bool name(struct sn_value *ret)
{
	ret->type = ASN_OBJECT_ID;
	ret->data = ret->u.name.id;
	ret->len = ret->u.name.len * sizeof(oid);
	return true;
}

static bool stamp_get(const struct bmc_row *row, struct sn_value *ret)
{
	sn_value_number(ret, ASN_TIMETICKS,
			sn_notifier_up_time(bmc_now() - event(row)->time));
	return true;
}

static bool date_get(const struct bmc_row *row, struct sn_value *ret)
{
	sn_date(bmc_wall(event(row)->time), ret->u.octets);
	return octets(ret, ret->u.octets, 11);
}

static bool engine_get(const struct bmc_row *row, struct sn_value *ret)
{
	static unsigned char id[32];

	(void)row;
	return octets(ret, id, snmpv3_get_engineID(id, sizeof(id)));
}

static bool context_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return octets(ret, "", 0);
}

static bool notification_get(const struct bmc_row *row, struct sn_value *ret)
{
	sn_notification_oid(sn_notification_of(event(row)), &ret->u.name);
	return name(ret);
}

#define SPECIAL(word, is, asn)                                  \
	static const struct sn_special word = { .syntax = (is), \
						.type = (asn),  \
						.get = word##_get }

SPECIAL(stamp, "TimeStamp", ASN_TIMETICKS);
SPECIAL(date, "DateAndTime", ASN_OCTET_STR);
SPECIAL(engine, "SnmpEngineID", ASN_OCTET_STR);
SPECIAL(context, "SnmpAdminString", ASN_OCTET_STR);
SPECIAL(notification, "OBJECT IDENTIFIER", ASN_OBJECT_ID);

static const struct sn_column log_columns[] = {
	SN_COLUMN(2, "nlmLogTime", NULL, .special = &stamp),
	SN_COLUMN(3, "nlmLogDateAndTime", NULL, .special = &date),
	SN_COLUMN(4, "nlmLogEngineID", NULL, .special = &engine),
	SN_COLUMN(7, "nlmLogContextEngineID", NULL, .special = &engine),
	SN_COLUMN(8, "nlmLogContextName", NULL, .special = &context),
	SN_COLUMN(9, "nlmLogNotificationID", NULL, .special = &notification),
};

const struct sn_table sn_nlm_log_table = {
	.name = "nlmLogTable",
	.at = "1.3.6.1.2.1.92.1.3.1.1",
	.kind = BMC_EVENT,
	.n_index = 2,
	.index = { { "nlmLogName", SN_PART_TEXT }, { "nlmLogIndex" } },
	.index_of = log_index,
	.columns = log_columns,
	.n_columns = ARRAY_SIZE(log_columns),
};

/* ---- nlmLogVariableTable ---- */

struct variable {
	struct bmc_row row; /* first: the tables' rows are these */
	const struct bmc_event *event;
	const char *field;
};

static struct {
	struct variable *rows;
	struct sn_ordered *ordered;
	size_t n;
	uint64_t changed; /* of the events */
} variables;

static void add_variable(const struct bmc_event *e, const char *field, uint32_t number)
{
	struct variable *v = &variables.rows[variables.n];
	struct sn_ordered *o = &variables.ordered[variables.n++];

	*v = (struct variable){ .event = e, .field = field };
	v->row.kind = BMC_EVENT;
	o->row = &v->row;
	o->index = (struct sn_subids){ .n = 3, .id = { 0, e->row.index[0], number } };
}

static void add_variables(const struct bmc_event *e)
{
	const struct sn_notification *n = sn_notification_of(e);
	uint32_t number = 0;

	for (size_t i = 0; i < SN_NOTIFICATION_COMMON; i++)
		add_variable(e, sn_notification_common[i], ++number);
	for (size_t i = 0; i < SN_NOTIFICATION_FIELDS && n->fields[i]; i++)
		add_variable(e, n->fields[i], ++number);
}

static bool make_room(void)
{
	if (!variables.rows)
		variables.rows = calloc(ENTRIES * VARIABLES, sizeof(*variables.rows));
	if (!variables.ordered)
		variables.ordered =
			calloc(ENTRIES * VARIABLES, sizeof(*variables.ordered));
	if (variables.rows && variables.ordered)
		return true;
	log_limited(LOG_WARNING, "snmp: out of memory for nlmLogVariableTable");
	return false;
}

static size_t variable_rows(const struct sn_ordered **ret)
{
	uint64_t changed = bmc_snapshot_changed(sn_pinned(), BMC_EVENT);
	const struct bmc_row *const *rows;
	size_t n = newest(&rows);

	if (!make_room())
		return 0;
	if (variables.changed != changed) {
		variables.n = 0;
		for (size_t i = 0; i < n; i++)
			add_variables((const struct bmc_event *)rows[i]);
		variables.changed = changed;
	}
	*ret = variables.ordered;
	return variables.n;
}

void sn_notification_log_done(void)
{
	free(variables.rows);
	free(variables.ordered);
	memset(&variables, 0, sizeof(variables));
}

static const struct variable *variable(const struct bmc_row *row)
{
	return (const struct variable *)row;
}

static bool id_get(const struct bmc_row *row, struct sn_value *ret)
{
	sn_notification_object(variable(row)->event, variable(row)->field, &ret->u.name,
			       NULL);
	return name(ret);
}

/* The type as the MIB numbers it, by the ASN.1 type. */
static bool type_get(const struct bmc_row *row, struct sn_value *ret)
{
	struct sn_value v;

	sn_notification_object(variable(row)->event, variable(row)->field, NULL, &v);
	sn_value_number(ret, ASN_INTEGER, v.type == ASN_INTEGER ? 4 : 6);
	return true;
}

static bool value_of(const struct bmc_row *row, unsigned char type,
		     struct sn_value *ret)
{
	sn_notification_object(variable(row)->event, variable(row)->field, NULL, ret);
	return ret->type == type;
}

static bool integer_get(const struct bmc_row *row, struct sn_value *ret)
{
	return value_of(row, ASN_INTEGER, ret);
}

static bool string_get(const struct bmc_row *row, struct sn_value *ret)
{
	return value_of(row, ASN_OCTET_STR, ret);
}

SPECIAL(id, "OBJECT IDENTIFIER", ASN_OBJECT_ID);
SPECIAL(type, "INTEGER", ASN_INTEGER);
SPECIAL(integer, "Integer32", ASN_INTEGER);
SPECIAL(string, "OCTET STRING", ASN_OCTET_STR);

/* No object of our notifications has another type. */
static const struct sn_column variable_columns[] = {
	SN_COLUMN(2, "nlmLogVariableID", NULL, .special = &id),
	SN_COLUMN(3, "nlmLogVariableValueType", NULL, .special = &type),
	SN_COLUMN(7, "nlmLogVariableInteger32Val", NULL, .special = &integer),
	SN_COLUMN(8, "nlmLogVariableOctetStringVal", NULL, .special = &string),
};

const struct sn_table sn_nlm_variable_table = {
	.name = "nlmLogVariableTable",
	.at = "1.3.6.1.2.1.92.1.3.2.1",
	.kind = BMC_EVENT,
	.n_index = 3,
	.index = { { "nlmLogName", SN_PART_TEXT },
		   { "nlmLogIndex" },
		   { "nlmLogVariableIndex" } },
	.rows = variable_rows,
	.columns = variable_columns,
	.n_columns = ARRAY_SIZE(variable_columns),
};

/* ---- nlmConfig, nlmStats: one log, made by no manager ---- */

static bool log_name(const struct bmc_row *row, struct sn_key *ret)
{
	(void)row;
	ret->part[0].text = "";
	return true;
}

static bool limit_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	sn_value_number(ret, ASN_UNSIGNED, ENTRIES);
	return true;
}

static bool age_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	sn_value_number(ret, ASN_UNSIGNED, 0);
	return true;
}

static bool filter_get(const struct bmc_row *row, struct sn_value *ret)
{
	return context_get(row, ret);
}

static bool number(struct sn_value *ret, long value)
{
	sn_value_number(ret, ASN_INTEGER, value);
	return true;
}

static bool admin_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return number(ret, ENABLED);
}

static bool oper_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return number(ret, OPERATIONAL);
}

static bool storage_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return number(ret, READ_ONLY);
}

static bool status_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return number(ret, SNMP_ROW_ACTIVE);
}

/* Events are numbered: all that ever were, and those below the oldest entry. */
static bool logged_get(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *const *rows;
	size_t n = newest(&rows);

	(void)row;
	sn_value_number(ret, ASN_COUNTER, n ? (long)rows[n - 1]->index[0] : 0);
	return true;
}

static bool bumped_get(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *const *rows;
	size_t n = newest(&rows);

	(void)row;
	sn_value_number(ret, ASN_COUNTER, n ? (long)rows[0]->index[0] - 1 : 0);
	return true;
}

SPECIAL(limit, "Unsigned32", ASN_UNSIGNED);
SPECIAL(age, "Unsigned32", ASN_UNSIGNED);
SPECIAL(filter, "SnmpAdminString", ASN_OCTET_STR);
SPECIAL(admin, "INTEGER", ASN_INTEGER);
SPECIAL(oper, "INTEGER", ASN_INTEGER);
SPECIAL(storage, "StorageType", ASN_INTEGER);
SPECIAL(status, "RowStatus", ASN_INTEGER);
SPECIAL(logged, "Counter32", ASN_COUNTER);
SPECIAL(bumped, "Counter32", ASN_COUNTER);

static const struct sn_column config_columns[] = {
	SN_COLUMN(2, "nlmConfigLogFilterName", NULL, .special = &filter),
	SN_COLUMN(3, "nlmConfigLogEntryLimit", NULL, .special = &limit),
	SN_COLUMN(4, "nlmConfigLogAdminStatus", NULL, .special = &admin),
	SN_COLUMN(5, "nlmConfigLogOperStatus", NULL, .special = &oper),
	SN_COLUMN(6, "nlmConfigLogStorageType", NULL, .special = &storage),
	SN_COLUMN(7, "nlmConfigLogEntryStatus", NULL, .special = &status),
};
static const struct sn_column stats_columns[] = {
	SN_COLUMN(1, "nlmStatsLogNotificationsLogged", NULL, .special = &logged),
	SN_COLUMN(2, "nlmStatsLogNotificationsBumped", NULL, .special = &bumped),
};
static const struct sn_column limit_column[] = {
	SN_COLUMN(0, "nlmConfigGlobalEntryLimit", NULL, .special = &limit),
};
static const struct sn_column age_column[] = {
	SN_COLUMN(0, "nlmConfigGlobalAgeOut", NULL, .special = &age),
};
static const struct sn_column logged_column[] = {
	SN_COLUMN(0, "nlmStatsGlobalNotificationsLogged", NULL, .special = &logged),
};
static const struct sn_column bumped_column[] = {
	SN_COLUMN(0, "nlmStatsGlobalNotificationsBumped", NULL, .special = &bumped),
};

#define SCALAR(variable, object, where, column) \
	const struct sn_table variable = {      \
		.name = (object),               \
		.at = (where),                  \
		.kind = BMC_MANAGER,            \
		.columns = (column),            \
		.n_columns = 1,                 \
	}

SCALAR(sn_nlm_limit, "nlmConfigGlobalEntryLimit", "1.3.6.1.2.1.92.1.1.1", limit_column);
SCALAR(sn_nlm_age, "nlmConfigGlobalAgeOut", "1.3.6.1.2.1.92.1.1.2", age_column);
SCALAR(sn_nlm_logged, "nlmStatsGlobalNotificationsLogged", "1.3.6.1.2.1.92.1.2.1",
       logged_column);
SCALAR(sn_nlm_bumped, "nlmStatsGlobalNotificationsBumped", "1.3.6.1.2.1.92.1.2.2",
       bumped_column);

const struct sn_table sn_nlm_config_table = {
	.name = "nlmConfigLogTable",
	.at = "1.3.6.1.2.1.92.1.1.3.1",
	.kind = BMC_MANAGER,
	.n_index = 1,
	.index = { { "nlmLogName", SN_PART_TEXT } },
	.index_of = log_name,
	.columns = config_columns,
	.n_columns = ARRAY_SIZE(config_columns),
};

const struct sn_table sn_nlm_stats_table = {
	.name = "nlmStatsLogTable",
	.at = "1.3.6.1.2.1.92.1.2.3.1",
	.kind = BMC_MANAGER,
	.n_index = 1,
	.index = { { "nlmLogName", SN_PART_TEXT } },
	.index_of = log_name,
	.columns = stats_columns,
	.n_columns = ARRAY_SIZE(stats_columns),
};
