// SPDX-License-Identifier: Apache-2.0
/* GET, GETNEXT and GETBULK on any table, answered from the pinned snapshot. One handler
 * is registered for each table and fills all repetitions of a GETBULK by itself, which
 * is ten times faster than net-snmp's own loop. But that loop is also what asks VACM
 * about each repetition, so here every request asks first: about the whole table, and
 * where a view cuts through it, about each object. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <string.h>

#include "snmp/cursor.h"
#include "snmp/handler.h"

/* A walk's place in a table: column by column, and in each row by row. */
struct walk {
	struct sn_cursor at;
	const struct sn_cell *cells; /* of the kind of the row it is at */
	size_t cell, row;
	netsnmp_pdu *pdu;
	bool cut; /* the view hides a part of the table */
};

/* The part of a name below the table's prefix; NULL when it is not below. */
static const oid *below(const struct sn_cursor *c, const netsnmp_variable_list *vb,
			size_t *ret_n)
{
	const struct sn_oid *p = c->prefix;

	if (vb->name_length <= p->len ||
	    netsnmp_oid_equals(vb->name, p->len, p->id, p->len) != 0)
		return NULL;
	*ret_n = vb->name_length - p->len;
	return vb->name + p->len;
}

static size_t find_column(const struct sn_table *t, oid column)
{
	size_t i = 0;

	while (i < t->n_columns && t->columns[i].column < column)
		i++;
	return i;
}

const struct bmc_row *sn_find(const struct sn_table *t, const netsnmp_variable_list *vb,
			      const struct sn_cell **ret_cell)
{
	struct sn_cursor c;
	size_t n;

	*ret_cell = NULL;
	sn_cursor_open(t, &c);
	const oid *rest = below(&c, vb, &n);
	if (!rest)
		return NULL;
	size_t i = find_column(t, rest[0]);
	if (i == t->n_columns || t->columns[i].column != rest[0])
		return NULL;
	const struct bmc_row *row = sn_cursor_find(&c, rest + 1, n - 1);
	*ret_cell = &sn_table_cells(t, row ? row->kind : t->kind)[i];
	return row;
}

/* Puts the walk at the first object after `vb`'s name (at it, when inclusive). */
static void seek(struct walk *w, const netsnmp_variable_list *vb, bool inclusive)
{
	const struct sn_table *t = w->at.table;
	size_t n;
	const oid *rest = below(&w->at, vb, &n);

	w->cell = 0;
	w->row = 0;
	if (!rest) {
		int order = snmp_oid_compare(vb->name, vb->name_length,
					     w->at.prefix->id, w->at.prefix->len);
		w->cell = order > 0 ? t->n_columns : 0;
		return;
	}
	w->cell = find_column(t, rest[0]);
	if (w->cell < t->n_columns && t->columns[w->cell].column == rest[0])
		w->row = sn_cursor_seek(&w->at, rest + 1, n - 1, inclusive);
}

static bool visible(const struct walk *w, struct sn_oid *name, unsigned char type)
{
	return !w->cut || in_a_view(name->id, &name->len, w->pdu, type) == VACM_SUCCESS;
}

/* The name of the object that the walk is at. */
static void name_of(const struct walk *w, struct sn_oid *ret)
{
	const struct sn_oid *prefix = w->at.prefix;

	memcpy(ret->id, prefix->id, prefix->len * sizeof(oid));
	ret->len = prefix->len;
	ret->id[ret->len++] = w->at.table->columns[w->cell].column;
	sn_cursor_name(&w->at, w->row, ret);
}

/* The next object that has a value and may be seen; false at the end of the table. */
static bool next(struct walk *w, struct sn_oid *ret_name, struct sn_value *ret)
{
	const struct sn_table *t = w->at.table;

	for (; w->cell < t->n_columns; w->cell++, w->row = 0) {
		for (; w->row < w->at.n_rows; w->row++) {
			const struct bmc_row *row = sn_cursor_row(&w->at, w->row);
			if (t->others)
				w->cells = sn_table_cells(t, row->kind);
			if (!sn_value_get(&w->cells[w->cell], row, ret))
				continue;
			name_of(w, ret_name);
			if (!visible(w, ret_name, ret->type))
				continue;
			w->row++;
			return true;
		}
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

/* Fills a request and, of a GETBULK, its repetitions. Where the table ends, the varbind
 * left over is handed on (ASN_NULL) to the tables behind. */
static void get_next(struct walk *w, netsnmp_request_info *request)
{
	struct sn_oid name;
	struct sn_value v;

	seek(w, request->requestvb, request->inclusive);
	while (next(w, &name, &v)) {
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

static void get_bulk(const struct sn_table *t, netsnmp_agent_request_info *info,
		     netsnmp_request_info *requests)
{
	struct walk w = { .pdu = info->asp->pdu, .cells = sn_table_cells(t, t->kind) };

	sn_cursor_open(t, &w.at);
	struct sn_oid root =
		*w.at.prefix; /* the library wants to be able to write it */
	int view = netsnmp_acm_check_subtree(w.pdu, root.id, root.len);
	if (view != VACM_SUCCESS && view != VACM_SUBTREE_UNKNOWN)
		return; /* nothing of it may be seen: handed on as it is */
	w.cut = view != VACM_SUCCESS;
	for (netsnmp_request_info *r = requests; r; r = r->next) {
		if (!r->processed)
			get_next(&w, r);
	}
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
