// SPDX-License-Identifier: Apache-2.0
/* From event rows to notifications. Called by receiver.c when it sends one, and by the
 * engine. */
#include "snmp/notifier.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/auth-failures.h"
#include "snmp/receiver.h"
#include "snmp/standard-traps.h"
#include "snmp/value.h"

static const oid sys_up_time[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };
static const oid trap_oid[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 };
static const oid standard_traps[] = { 1, 3, 6, 1, 6, 3, 1, 1, 5 }; /* RFC 3418 */
#define COLD_START 1

/* ---- PDUs ---- */

long sn_notifier_up_time(int64_t ago_ms)
{
	long up = (long)netsnmp_get_agent_uptime() - (long)(MAX(0, ago_ms) / 10);

	return MAX(0, up);
}

/* A notification's first two objects; sysUpTime is that of the event. */
static netsnmp_pdu *begin(const oid *id, size_t len, int64_t ago_ms)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_TRAP2);
	long up = sn_notifier_up_time(ago_ms);

	if (!pdu)
		return NULL;
	snmp_pdu_add_variable(pdu, sys_up_time, OID_LENGTH(sys_up_time), ASN_TIMETICKS,
			      &up, sizeof(up));
	snmp_pdu_add_variable(pdu, trap_oid, OID_LENGTH(trap_oid), ASN_OBJECT_ID, id,
			      len * sizeof(*id));
	return pdu;
}

void sn_notification_object(const struct bmc_event *e, const char *field,
			    struct sn_oid *ret_name, struct sn_value *ret_value)
{
	const struct sn_cell *cell = sn_table_cell(&sn_event_table, field);

	if (ret_name)
		sn_oid_of(&sn_event_table, cell->column->column, &e->row, ret_name);
	if (ret_value && !sn_value_get(cell, &e->row, ret_value))
		*ret_value =
			(struct sn_value){ .type = sn_value_type(cell), .data = "" };
}

static void add_object(netsnmp_pdu *pdu, const char *field, const struct bmc_event *e)
{
	struct sn_oid name;
	struct sn_value v;

	sn_notification_object(e, field, &name, &v);
	snmp_pdu_add_variable(pdu, name.id, name.len, v.type, v.data, v.len);
}

static bool is_whole(const struct sn_notification *n, const struct bmc_event *e)
{
	for (size_t i = 0; i < SN_NOTIFICATION_FIELDS && n->fields[i]; i++) {
		const struct bmc_field *f = bmc_field_find(BMC_EVENT, n->fields[i]);
		if (f && f->type != BMC_TEXT && !bmc_field_known(&e->row, f))
			return false;
	}
	return true;
}

const struct sn_notification *sn_notification_of(const struct bmc_event *e)
{
	const struct sn_notification *n = sn_notifications;

	while (n->event && (strcmp(n->event, e->type) != 0 || !is_whole(n, e)))
		n++;
	return n;
}

/* snmpEnableAuthenTraps. */
static bool auth_traps_enabled(void)
{
	const struct bmc_row *const *rows;

	return !bmc_snapshot_rows(sn_pinned(), BMC_MANAGER, &rows) ||
	       ((const struct bmc_manager *)rows[0])->snmp_auth_traps != 0;
}

bool sn_notifier_wants(const struct bmc_event *e)
{
	return strcmp(e->type, "SnmpAuthenticationFailed") != 0 || auth_traps_enabled();
}

static void standard_oid(uint32_t number, struct sn_oid *ret)
{
	memcpy(ret->id, standard_traps, sizeof(standard_traps));
	ret->len = OID_LENGTH(standard_traps);
	ret->id[ret->len++] = number;
}

void sn_notification_oid(const struct sn_notification *n, struct sn_oid *ret)
{
	if (n->standard) {
		standard_oid(n->standard, ret);
		return;
	}
	*ret = sn_base;
	ret->id[ret->len++] = 0;
	ret->id[ret->len++] = n->number;
}

netsnmp_pdu *sn_notifier_event(const struct bmc_event *e)
{
	const struct sn_notification *n = sn_notification_of(e);
	struct sn_oid id;

	sn_notification_oid(n, &id);
	netsnmp_pdu *pdu = begin(id.id, id.len, bmc_now() - e->time);
	if (!pdu)
		return NULL;
	for (size_t i = 0; i < SN_NOTIFICATION_COMMON; i++)
		add_object(pdu, sn_notification_common[i], e);
	for (size_t i = 0; i < SN_NOTIFICATION_FIELDS && n->fields[i]; i++)
		add_object(pdu, n->fields[i], e);
	return pdu;
}

netsnmp_pdu *sn_notifier_standard(const struct bmc_event *e)
{
	struct sn_standard_trap t;

	if (!sn_standard_trap(e, &t))
		return NULL;
	netsnmp_pdu *pdu = begin(t.id.id, t.id.len, bmc_now() - e->time);
	for (size_t i = 0; pdu && i < t.n; i++) {
		const struct sn_trap_object *o = &t.objects[i];
		snmp_pdu_add_variable(pdu, o->name.id, o->name.len, o->value.type,
				      o->value.data, o->value.len);
	}
	return pdu;
}

netsnmp_pdu *sn_notifier_cold_start(void)
{
	struct sn_oid id;

	standard_oid(COLD_START, &id);
	return begin(id.id, id.len, (int64_t)netsnmp_get_agent_uptime() * 10);
}

/* ---- when ---- */

void sn_notifier_start(bool send)
{
	sn_auth_failures_init();
	if (send)
		sn_receivers_cold_start();
}

void sn_notifier_tick(bool send)
{
	if (send)
		sn_receivers_tick();
	else
		sn_receivers_skip();
}

void sn_notifier_done(void)
{
	sn_receivers_done();
	sn_notification_log_done();
}
