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
#include "snmp/pick.h"

/* A walk's place in a table: column by column, and in each row by row. */
struct cursor {
	const struct sn_table *table;
	const struct sn_cell *cells;
	const struct bmc_row *const *rows;
	const struct sn_picked
		*picked; /* instead, where the table has an index function */
	size_t n_rows, cell, row;
	struct sn_oid prefix;
	netsnmp_pdu *pdu;
	bool cut; /* the view hides a part of the table */
};

static void open_cursor(const struct sn_table *t, struct cursor *c)
{
	*c = (struct cursor){ .table = t, .cells = sn_table_cells(t) };
	if (t->index_of)
		c->n_rows = sn_pick(t, &c->picked);
	else
		c->n_rows = bmc_snapshot_rows(sn_pinned(), t->kind, &c->rows);
	if (!t->n_index && c->n_rows)
		c->n_rows = 1;
	sn_oid_prefix(t, &c->prefix);
}

static const struct bmc_row *row_at(const struct cursor *c, size_t i)
{
	return c->picked ? c->picked[i].row : c->rows[i];
}

/* The part of a name below the table's prefix; NULL when it is not below. */
static const oid *below(const struct cursor *c, const netsnmp_variable_list *vb,
			size_t *ret_n)
{
	if (vb->name_length <= c->prefix.len ||
	    netsnmp_oid_equals(vb->name, c->prefix.len, c->prefix.id, c->prefix.len) !=
		    0)
		return NULL;
	*ret_n = vb->name_length - c->prefix.len;
	return vb->name + c->prefix.len;
}

static size_t find_cell(const struct sn_table *t, oid column)
{
	size_t i = 0;

	while (i < t->n_columns && t->columns[i].column < column)
		i++;
	return i;
}

/* Position of the first row whose index is above (or, `same`, equal to) the `n`
 * numbers. */
static size_t seek_row(const struct cursor *c, const oid *index, size_t n, bool same)
{
	oid want[2] = { n > 0 ? index[0] : 0, n > 1 ? index[1] : 0 };
	size_t have = c->table->n_index;

	if (!have)
		return n == 0 || same ? 0 : c->n_rows;
	if (c->picked)
		return sn_pick_seek(c->table, c->picked, c->n_rows, index, n, same);
	if (want[0] > UINT32_MAX)
		return c->n_rows;
	if (have == 1) {
		bool next = !same && n > 0;
		if (next && want[0] == UINT32_MAX)
			return c->n_rows;
		return bmc_snapshot_lower(sn_pinned(), c->table->kind,
					  (uint32_t)want[0] + next, 0);
	}
	bool next = !same && n > 1;
	if (want[1] > UINT32_MAX || (next && want[1] == UINT32_MAX)) {
		want[0]++; /* at most UINT32_MAX + 1, seen below */
		want[1] = 0;
		next = false;
	}
	if (want[0] > UINT32_MAX)
		return c->n_rows;
	return bmc_snapshot_lower(sn_pinned(), c->table->kind, (uint32_t)want[0],
				  (uint32_t)want[1] + next);
}

const struct bmc_row *sn_find(const struct sn_table *t, const netsnmp_variable_list *vb,
			      const struct sn_cell **ret_cell)
{
	struct cursor c;
	size_t n;

	*ret_cell = NULL;
	open_cursor(t, &c);
	const oid *rest = below(&c, vb, &n);
	if (!rest)
		return NULL;
	size_t i = find_cell(t, rest[0]);
	if (i == t->n_columns || t->columns[i].column != rest[0])
		return NULL;
	*ret_cell = &c.cells[i];
	if (!t->n_index)
		return n == 2 && rest[1] == 0 && c.n_rows ? c.rows[0] : NULL;
	if (n != 1 + t->n_index)
		return NULL;
	size_t at = seek_row(&c, rest + 1, t->n_index, true);
	const struct bmc_row *row = at < c.n_rows ? row_at(&c, at) : NULL;
	const uint32_t *is = row && c.picked ? c.picked[at].index
			     : row           ? row->index
					     : NULL;
	for (unsigned k = 0; row && k < t->n_index; k++) {
		if (is[k] != rest[1 + k])
			return NULL;
	}
	return row;
}

/* Puts the cursor at the first object after `vb`'s name (at it, when inclusive). */
static void seek(struct cursor *c, const netsnmp_variable_list *vb, bool inclusive)
{
	size_t n;
	const oid *rest = below(c, vb, &n);

	c->cell = 0;
	c->row = 0;
	if (!rest) {
		int order = snmp_oid_compare(vb->name, vb->name_length, c->prefix.id,
					     c->prefix.len);
		c->cell = order > 0 ? c->table->n_columns : 0;
		return;
	}
	c->cell = find_cell(c->table, rest[0]);
	if (c->cell < c->table->n_columns &&
	    c->table->columns[c->cell].column == rest[0])
		c->row = seek_row(c, rest + 1, n - 1,
				  inclusive && n == 1 + c->table->n_index);
}

static bool visible(const struct cursor *c, struct sn_oid *name, unsigned char type)
{
	return !c->cut || in_a_view(name->id, &name->len, c->pdu, type) == VACM_SUCCESS;
}

/* The next object that has a value and may be seen; false at the end of the table. */
static bool next(struct cursor *c, struct sn_oid *ret_name, struct sn_value *ret)
{
	for (; c->cell < c->table->n_columns; c->cell++, c->row = 0) {
		const struct sn_cell *cell = &c->cells[c->cell];
		for (; c->row < c->n_rows; c->row++) {
			const struct bmc_row *row = row_at(c, c->row);
			if (!sn_value_get(cell, row, ret))
				continue;
			sn_oid_of(c->table, cell->column->column, row, ret_name);
			if (!visible(c, ret_name, ret->type))
				continue;
			c->row++;
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
static void get_next(struct cursor *c, netsnmp_request_info *request)
{
	struct sn_oid name;
	struct sn_value v;

	seek(c, request->requestvb, request->inclusive);
	while (next(c, &name, &v)) {
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
	struct cursor c;

	open_cursor(t, &c);
	c.pdu = info->asp->pdu;
	int view = netsnmp_acm_check_subtree(c.pdu, c.prefix.id, c.prefix.len);
	if (view != VACM_SUCCESS && view != VACM_SUBTREE_UNKNOWN)
		return; /* nothing of it may be seen: handed on as it is */
	c.cut = view != VACM_SUCCESS;
	for (netsnmp_request_info *r = requests; r; r = r->next) {
		if (!r->processed)
			get_next(&c, r);
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
