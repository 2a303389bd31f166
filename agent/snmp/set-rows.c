// SPDX-License-Identifier: Apache-2.0
/* Rows that a SET creates and destroys: the varbinds of one row of a table with a
 * RowStatus are looked at together, whatever their order in the request. Called by
 * set-check.c. */
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "snmp/set-request.h"

#define ROWS_MAX   8 /* of one request */
#define VALUES_MAX 16

struct sn_set_row {
	const struct sn_table *table;
	const oid *ids; /* of the index, in the request */
	size_t n_ids;
	const struct bmc_row *row;
	struct {
		const struct sn_cell *cell;
		const netsnmp_variable_list *vb;
		long at;
	} values[VALUES_MAX];
	size_t n;
	long status, status_at; /* what RowStatus is set to, and which varbind does; 0:
				   none */
};

struct sn_set_rows {
	struct sn_set_row rows[ROWS_MAX];
	size_t n;
};

static struct sn_set_row *row_of(struct sn_set_rows *all, const struct sn_table *t,
				 const oid *ids, size_t n)
{
	for (size_t i = 0; i < all->n; i++) {
		struct sn_set_row *r = &all->rows[i];
		if (r->table == t && snmp_oid_compare(r->ids, r->n_ids, ids, n) == 0)
			return r;
	}
	if (all->n == ROWS_MAX)
		return NULL;
	all->rows[all->n] = (struct sn_set_row){ .table = t, .ids = ids, .n_ids = n };
	return &all->rows[all->n++];
}

int sn_set_row_add(struct sn_set *set, const struct sn_table *t,
		   const netsnmp_variable_list *vb, const struct sn_cell *cell,
		   const struct bmc_row *row)
{
	size_t skip = sn_table_prefix(t)->len + 1;

	if (!set->rows)
		set->rows = calloc(1, sizeof(*set->rows));
	struct sn_set_row *r = set->rows ? row_of(set->rows, t, vb->name + skip,
						  vb->name_length - skip)
					 : NULL;
	if (!r || r->n == VALUES_MAX)
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	r->row = row;
	if (cell->column->form != SN_ROW_STATUS) {
		r->values[r->n].cell = cell;
		r->values[r->n].vb = vb;
		r->values[r->n++].at = set->index;
		return SNMP_ERR_NOERROR;
	}
	if (r->status_at)
		return SNMP_ERR_INCONSISTENTVALUE; /* twice */
	r->status = *vb->val.integer;
	r->status_at = set->index;
	return SNMP_ERR_NOERROR;
}

/* Columns of a row that is there, set like any other table's. */
static int change(struct sn_set *set, const struct sn_set_row *r)
{
	int status = SNMP_ERR_NOERROR;

	for (size_t i = 0; i < r->n && status == SNMP_ERR_NOERROR; i++) {
		const struct sn_cell *cell = r->values[i].cell;
		set->index = r->values[i].at;
		status = sn_cell_writable(cell)
				 ? sn_set_check_cell(set, cell, r->row, r->values[i].vb)
				 : SNMP_ERR_NOTWRITABLE;
	}
	return status;
}

static struct sn_row_value value_of(const struct sn_column *column,
				    const netsnmp_variable_list *vb)
{
	struct sn_row_value v = { .column = column, .type = vb->type };

	if (vb->type == ASN_OCTET_STR) {
		v.text = (const char *)vb->val.string;
		v.len = vb->val_len;
	} else if (vb->type == ASN_OBJECT_ID) {
		v.name = vb->val.objid;
		v.len = vb->val.objid ? vb->val_len / sizeof(oid) : 0;
	} else if (vb->val_len == sizeof(long)) {
		v.number = *vb->val.integer;
	}
	return v;
}

/* Has the table turn it into actions. */
static int create_or_destroy(struct sn_set *set, const struct sn_set_row *r)
{
	const struct sn_table *t = r->table;
	struct sn_row_value values[VALUES_MAX];
	struct sn_key_buffer index;
	size_t bad = r->n;

	set->index = r->status_at;
	(void)sn_index_decode(t->index, t->n_index, r->ids, r->n_ids, &index);
	for (size_t i = 0; i < r->n; i++) {
		const struct sn_column *column = r->values[i].cell->column;
		set->index = r->values[i].at;
		if (!column->create)
			return SNMP_ERR_NOTWRITABLE;
		values[i] = value_of(column, r->values[i].vb);
	}
	set->index = r->status_at;
	int status = t->create(set,
			       &(struct sn_row_request){ .index = &index.key,
							 .row = r->row,
							 .values = values,
							 .n_values = r->n },
			       &bad);
	if (status != SNMP_ERR_NOERROR && bad < r->n)
		set->index = r->values[bad].at;
	return status;
}

static int check_absent(struct sn_set *set, const struct sn_set_row *r)
{
	const struct sn_table *t = r->table;
	struct sn_key_buffer index;

	set->index = r->status_at ? r->status_at : r->values[0].at;
	if (!sn_index_decode(t->index, t->n_index, r->ids, r->n_ids, &index))
		return SNMP_ERR_NOCREATION;
	switch (r->status_at ? r->status : 0) {
	case SNMP_ROW_CREATEANDGO:
		return create_or_destroy(set, r);
	case SNMP_ROW_DESTROY: /* what is not there is destroyed */
		return r->n ? SNMP_ERR_INCONSISTENTVALUE : SNMP_ERR_NOERROR;
	case SNMP_ROW_ACTIVE:
		return SNMP_ERR_INCONSISTENTVALUE;
	case 0:
		return r->status_at ? SNMP_ERR_WRONGVALUE : SNMP_ERR_INCONSISTENTNAME;
	default:
		return SNMP_ERR_WRONGVALUE;
	}
}

static int check_present(struct sn_set *set, const struct sn_set_row *r)
{
	if (!r->status_at || r->status == SNMP_ROW_ACTIVE)
		return change(set, r);
	set->index = r->status_at;
	if (r->status == SNMP_ROW_CREATEANDGO)
		return SNMP_ERR_INCONSISTENTVALUE;
	if (r->status != SNMP_ROW_DESTROY)
		return SNMP_ERR_WRONGVALUE;
	return r->n ? SNMP_ERR_INCONSISTENTVALUE : create_or_destroy(set, r);
}

int sn_set_rows_check(struct sn_set *set)
{
	int status = SNMP_ERR_NOERROR;

	for (size_t i = 0; set->rows && i < set->rows->n && status == 0; i++) {
		const struct sn_set_row *r = &set->rows->rows[i];
		status = r->row ? check_present(set, r) : check_absent(set, r);
	}
	return status;
}
