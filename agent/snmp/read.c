// SPDX-License-Identifier: Apache-2.0
/* GET, GETNEXT and GETBULK on any table, answered from the pinned snapshot. One handler
 * is registered for each table and fills all repetitions of a GETBULK by itself, which
 * is ten times faster than net-snmp's own loop. But that loop is also what asks VACM
 * about each repetition, so here every request asks first: about the whole table, and
 * where a view cuts through it, about each object. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmp/handler.h"
#include "snmp/walk.h"

/* A walk of one who may see the whole table, or a part of it. */
struct seen {
	struct sn_walk walk;
	netsnmp_pdu *pdu;
	bool cut; /* the view hides a part of the table */
};

const struct bmc_row *sn_find(const struct sn_table *t, const netsnmp_variable_list *vb,
			      const struct sn_cell **ret_cell)
{
	return sn_walk_find(t, vb->name, vb->name_length, ret_cell);
}

static bool visible(const struct seen *s, struct sn_oid *name, unsigned char type)
{
	if (type == ASN_COUNTER64 && s->pdu->version == SNMP_VERSION_1)
		return false; /* RFC 3584, 4.2.2.1 */
	return !s->cut || in_a_view(name->id, &name->len, s->pdu, type) == VACM_SUCCESS;
}

/* The next object that has a value and may be seen; false at the end of the table. */
static bool next(struct seen *s, struct sn_oid *ret_name, struct sn_value *ret)
{
	while (sn_walk_value(&s->walk, ret)) {
		sn_walk_name(&s->walk, ret_name);
		sn_walk_step(&s->walk);
		if (visible(s, ret_name, ret->type))
			return true;
	}
	return false;
}

static void answer(netsnmp_variable_list *vb, const struct sn_value *v)
{
	snmp_set_var_typed_value(vb, v->type, v->data, v->len);
}

static void get(const struct sn_table *t, netsnmp_request_info *request)
{
	const struct sn_cell *cell;
	const struct bmc_row *row = sn_find(t, request->requestvb, &cell);
	struct sn_value v;

	if (!cell)
		netsnmp_request_set_error(request, SNMP_NOSUCHOBJECT);
	else if (!row || !sn_value_get(cell, row, &v))
		netsnmp_request_set_error(request, SNMP_NOSUCHINSTANCE);
	else
		answer(request->requestvb, &v);
}

/* Whether a name is of the part of the table that net-snmp asks for: another
 * registration may have split it, and what is behind is asked for on its own. */
static bool within(const netsnmp_request_info *request, const struct sn_oid *name)
{
	return snmp_oid_compare(name->id, name->len, request->range_end,
				request->range_end_len) < 0;
}

/* Fills a request and, of a GETBULK, its repetitions. Where the table ends, the varbind
 * left over is handed on (ASN_NULL) to the tables behind. */
static void get_next(struct seen *s, netsnmp_request_info *request)
{
	struct sn_oid name;
	struct sn_value v;

	sn_walk_seek(&s->walk, request->requestvb->name,
		     request->requestvb->name_length, request->inclusive);
	while (next(s, &name, &v) && within(request, &name)) {
		netsnmp_variable_list *vb = request->requestvb;
		snmp_set_var_objid(vb, name.id, name.len);
		answer(vb, &v);
		if (request->repeat <= 0)
			return;
		request->repeat--;
		request->inclusive = 0;
		request->requestvb = vb->next_variable;
		snmp_set_var_objid(request->requestvb, name.id, name.len);
		request->requestvb->type = ASN_NULL;
	}
}

/* Passing by what is hidden is no use of a community that is not allowed: it has not
 * been asked for. VACM counts it as one. */
static void uncount(u_int before)
{
	u_int after = snmp_get_statistic(STAT_SNMPINBADCOMMUNITYUSES);

	snmp_increment_statistic_by(STAT_SNMPINBADCOMMUNITYUSES, (int)(before - after));
}

static void get_bulk(const struct sn_table *t, netsnmp_agent_request_info *info,
		     netsnmp_request_info *requests)
{
	u_int uses = snmp_get_statistic(STAT_SNMPINBADCOMMUNITYUSES);
	struct seen s = { .pdu = info->asp->pdu };

	sn_walk_open(&s.walk, t);
	struct sn_oid root = *s.walk.at.prefix; /* the library wants to write it */
	int view = netsnmp_acm_check_subtree(s.pdu, root.id, root.len);
	if (view != VACM_SUCCESS && view != VACM_SUBTREE_UNKNOWN)
		return; /* nothing of it may be seen: handed on as it is */
	s.cut = view != VACM_SUCCESS;
	for (netsnmp_request_info *r = requests; r; r = r->next) {
		if (!r->processed)
			get_next(&s, r);
	}
	uncount(uses);
}

int sn_read(const struct sn_table *t, netsnmp_agent_request_info *info,
	    netsnmp_request_info *requests)
{
	if (info->mode != MODE_GET) {
		get_bulk(t, info, requests);
		return SNMP_ERR_NOERROR;
	}
	for (netsnmp_request_info *r = requests; r; r = r->next) {
		if (!r->processed)
			get(t, r);
	}
	return SNMP_ERR_NOERROR;
}
