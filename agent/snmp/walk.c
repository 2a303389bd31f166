// SPDX-License-Identifier: Apache-2.0
/* Names into objects of a table, see walk.h. Called by net-snmp's handler, the read
 * engine and SET. */
#include "snmp/walk.h"

#include <string.h>

#include "core/base/util.h"

/* The part of a name below the table's prefix; NULL when it is not below. */
static const oid *below(const struct sn_cursor *c, const oid *name, size_t len,
			size_t *ret_n)
{
	const struct sn_oid *p = c->prefix;

	if (len <= p->len || netsnmp_oid_equals(name, p->len, p->id, p->len) != 0)
		return NULL;
	*ret_n = len - p->len;
	return name + p->len;
}

/* The first column with at least that number. Numbers rise, so it is not behind the
 * place that it would have if none were left out. */
static size_t find_column(const struct sn_table *t, oid column)
{
	oid first = t->columns[0].column;
	size_t i = column > first ? (size_t)MIN(column - first, t->n_columns) : 0;

	while (i > 0 && t->columns[i - 1].column >= column)
		i--;
	return i;
}

const struct bmc_row *sn_walk_find(const struct sn_table *t, const oid *name,
				   size_t len, const struct sn_cell **ret_cell)
{
	struct sn_cursor c;
	size_t n;

	*ret_cell = NULL;
	sn_cursor_open(t, &c);
	const oid *rest = below(&c, name, len, &n);
	if (!rest)
		return NULL;
	size_t i = find_column(t, rest[0]);
	if (i == t->n_columns || t->columns[i].column != rest[0])
		return NULL;
	const struct bmc_row *row = sn_cursor_find(&c, rest + 1, n - 1);
	*ret_cell = &sn_table_cells(t, row ? row->kind : t->kind)[i];
	return row;
}

void sn_walk_open(struct sn_walk *w, const struct sn_table *t)
{
	*w = (struct sn_walk){ .cells = sn_table_cells(t, t->kind) };
	sn_cursor_open(t, &w->at);
}

void sn_walk_seek(struct sn_walk *w, const oid *name, size_t len, bool inclusive)
{
	const struct sn_table *t = w->at.table;
	const struct sn_oid *p = w->at.prefix;
	size_t n;
	const oid *rest = below(&w->at, name, len, &n);

	w->cell = 0;
	w->row = 0;
	if (!rest) {
		int order = snmp_oid_compare(name, len, p->id, p->len);
		w->cell = order > 0 ? t->n_columns : 0;
		return;
	}
	w->cell = find_column(t, rest[0]);
	if (w->cell < t->n_columns && t->columns[w->cell].column == rest[0])
		w->row = sn_cursor_seek(&w->at, rest + 1, n - 1, inclusive);
}

bool sn_walk_value(struct sn_walk *w, struct sn_value *ret)
{
	const struct sn_table *t = w->at.table;

	for (; w->cell < t->n_columns; w->cell++, w->row = 0) {
		for (; w->row < w->at.n_rows; w->row++) {
			const struct bmc_row *row = sn_cursor_row(&w->at, w->row);
			if (t->others)
				w->cells = sn_table_cells(t, row->kind);
			if (sn_value_get(&w->cells[w->cell], row, ret))
				return true;
		}
	}
	return false;
}

void sn_walk_name(const struct sn_walk *w, struct sn_oid *ret)
{
	const struct sn_oid *prefix = w->at.prefix;

	memcpy(ret->id, prefix->id, prefix->len * sizeof(oid));
	ret->len = prefix->len;
	ret->id[ret->len++] = w->at.table->columns[w->cell].column;
	sn_cursor_name(&w->at, w->row, ret);
}
