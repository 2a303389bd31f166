// SPDX-License-Identifier: Apache-2.0
/* From event rows to notifications. Called by the engine's thread for each new
 * snapshot. */
#include "snmp/notifier.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <string.h>

#include "core/base/util.h"
#include "snmp/receiver.h"
#include "snmp/value.h"

#define AUTH_FAILURE_EVERY_MS 10000

static const oid sys_up_time[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };
static const oid trap_oid[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 };
static const oid standard_traps[] = { 1, 3, 6, 1, 6, 3, 1, 1, 5 };
enum { COLD_START = 1, AUTHENTICATION_FAILURE = 5 };

static uint32_t last_event;
static u_int auth_failures;
static int64_t auth_failure_next;

static void add_value(netsnmp_pdu *pdu, const struct sn_oid *name,
		      const struct sn_value *v)
{
	snmp_pdu_add_variable(pdu, name->id, name->len, v->type, v->data, v->len);
}

/* A notification's first two objects. */
static netsnmp_pdu *begin(const oid *id, size_t len)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_TRAP2);
	long up = (long)netsnmp_get_agent_uptime();

	if (!pdu)
		return NULL;
	snmp_pdu_add_variable(pdu, sys_up_time, OID_LENGTH(sys_up_time), ASN_TIMETICKS,
			      &up, sizeof(up));
	snmp_pdu_add_variable(pdu, trap_oid, OID_LENGTH(trap_oid), ASN_OBJECT_ID, id,
			      len * sizeof(*id));
	return pdu;
}

static void add_object(netsnmp_pdu *pdu, const struct sn_table *t, const char *field,
		       const struct bmc_row *row)
{
	const struct sn_cell *cell = sn_table_cell(t, field);
	struct sn_oid name;
	struct sn_value v;

	if (!cell || !sn_value_get(cell, row, &v))
		return;
	sn_oid_of(t, cell->column->column, row, &name);
	add_value(pdu, &name, &v);
}

static const struct sn_notification *notification_of(const struct bmc_event *event)
{
	const struct sn_notification *n = sn_notifications;

	while (n->event && strcmp(n->event, event->type) != 0)
		n++;
	return n;
}

static void send_event(const struct bmc_event *event)
{
	const struct sn_notification *n = notification_of(event);
	const struct bmc_row *origin = bmc_snapshot_row(sn_pinned(), event->row.parent);
	struct sn_oid id = sn_base;

	id.id[id.len++] = 0;
	id.id[id.len++] = n->number;
	netsnmp_pdu *pdu = begin(id.id, id.len);
	if (!pdu)
		return;
	for (size_t i = 0; i < SN_NOTIFICATION_FIELDS && n->fields[i]; i++) {
		if (origin && origin->kind == n->kind)
			add_object(pdu, sn_table_of(n->kind), n->fields[i], origin);
	}
	static const char *const common[] = { "severity", "type", "message",
					      "origin_id" };
	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		add_object(pdu, &sn_event_table, common[i], &event->row);
	sn_receivers_send(pdu);
}

static void send_standard(oid number)
{
	oid id[OID_LENGTH(standard_traps) + 1];

	memcpy(id, standard_traps, sizeof(standard_traps));
	id[OID_LENGTH(standard_traps)] = number;
	netsnmp_pdu *pdu = begin(id, OID_LENGTH(id));
	if (pdu)
		sn_receivers_send(pdu);
}

static u_int count_auth_failures(void)
{
	return snmp_get_statistic(STAT_SNMPINBADCOMMUNITYNAMES) +
	       snmp_get_statistic(STAT_USMSTATSUNKNOWNUSERNAMES) +
	       snmp_get_statistic(STAT_USMSTATSWRONGDIGESTS);
}

void sn_notifier_start(void)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_EVENT, &rows);

	last_event = n ? rows[n - 1]->index[0] : 0;
	auth_failures = count_auth_failures();
	send_standard(COLD_START);
}

void sn_notifier_look(bool send)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_EVENT, &rows);
	size_t i = bmc_snapshot_lower(sn_pinned(), BMC_EVENT, last_event + 1, 0);

	for (; i < n; i++) {
		last_event = rows[i]->index[0];
		if (send)
			send_event((const struct bmc_event *)rows[i]);
	}
}

void sn_notifier_tick(void)
{
	u_int now = count_auth_failures();

	sn_receivers_tick();
	if (now == auth_failures || bmc_now() < auth_failure_next)
		return;
	auth_failures = now;
	auth_failure_next = bmc_now() + AUTH_FAILURE_EVERY_MS;
	send_standard(AUTHENTICATION_FAILURE);
}

void sn_notifier_done(void)
{
	sn_receivers_done();
}
