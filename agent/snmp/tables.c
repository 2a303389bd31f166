// SPDX-License-Identifier: Apache-2.0
/* Where the tables are and which fields their columns show, found once at start. Used
 * by the handler, the notifier and the dump. */
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/value.h"

/* Every row has a parent, which is no value of its own: frontends show it as a link. */
static const struct bmc_field parent = {
	.name = "parent",
	.type = BMC_REF,
	.offset = offsetof(struct bmc_row, parent),
	.size = sizeof(((struct bmc_row *)0)->parent),
	.doc = "The row that holds it.",
};

#define TABLES_MAX 128

/* What is found out about each table at start, by its position in the list. */
static struct found {
	struct sn_oid prefix;
	struct sn_cell *cells[BMC_N_KINDS]; /* of its kinds */
} found[TABLES_MAX];

static struct found *found_of(const struct sn_table *t)
{
	size_t i = 0;

	while (sn_tables[i] && sn_tables[i] != t)
		i++;
	return &found[i];
}

bool sn_table_is_scalar(const struct sn_table *t)
{
	return !t->n_index && t->columns[0].column == 0;
}

bool sn_table_has(const struct sn_table *t, enum bmc_kind kind)
{
	return t->kind == kind || t->others >> kind & 1;
}

static const struct bmc_field *field_of(const struct sn_column *c, enum bmc_kind kind)
{
	if (!c->field)
		return NULL;
	return strcmp(c->field, parent.name) == 0 ? &parent
						  : bmc_field_find(kind, c->field);
}

static int resolve_kind(const struct sn_table *t, enum bmc_kind kind,
			struct sn_cell *to, struct bmc_error *err)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct sn_column *c = &t->columns[i];
		to[i] = (struct sn_cell){ c, field_of(c, kind) };
		if (c->field && !to[i].field && kind == t->kind)
			return bmc_fail(err, BMC_ENOTFOUND,
					"%s: kind %s has no field %s", c->name,
					bmc_kind(kind)->name, c->field);
	}
	return 0;
}

static void make_prefix(const struct sn_table *t, struct sn_oid *ret)
{
	if (t->at) {
		(void)sn_oid_parse(t->at, ret);
		return;
	}
	*ret = sn_base;
	ret->id[ret->len++] = 1;
	ret->id[ret->len++] = t->arc;
	if (t->n_index)
		ret->id[ret->len++] = 1;
}

static int resolve(const struct sn_table *t, struct bmc_error *err)
{
	struct found *f = found_of(t);
	int r = 0;

	make_prefix(t, &f->prefix);
	for (enum bmc_kind k = 0; k < BMC_N_KINDS && r == 0; k++) {
		if (!sn_table_has(t, k))
			continue;
		if (!f->cells[k])
			f->cells[k] = calloc(t->n_columns, sizeof(*f->cells[k]));
		if (!f->cells[k])
			return bmc_fail(err, BMC_ENOMEM, "SNMP tables: out of memory");
		r = resolve_kind(t, k, f->cells[k], err);
	}
	return r;
}

int sn_tables_resolve(struct bmc_error *err)
{
	int r = 0;

	for (size_t i = 0; sn_tables[i] && r == 0; i++)
		r = i < TABLES_MAX ? resolve(sn_tables[i], err)
				   : bmc_fail(err, BMC_ENOSPC, "too many SNMP tables");
	return r;
}

const struct sn_cell *sn_table_cells(const struct sn_table *t, enum bmc_kind kind)
{
	return found_of(t)->cells[kind];
}

const struct sn_oid *sn_table_prefix(const struct sn_table *t)
{
	return &found_of(t)->prefix;
}

bool sn_row_index(const struct sn_table *t, const struct bmc_row *row,
		  struct sn_subids *ret)
{
	struct sn_key key = { .part[0].number = row->index[0],
			      .part[1].number = row->index[1] };

	if (t->index_of && !t->index_of(row, &key))
		return false;
	return sn_index_encode(t->index, t->n_index, &key, ret);
}

const struct sn_cell *sn_table_cell(const struct sn_table *t, const char *field)
{
	const struct sn_cell *c = sn_table_cells(t, t->kind);

	for (size_t i = 0; i < t->n_columns; i++) {
		if (c[i].field && c[i].column->form != SN_ACTION &&
		    strcmp(c[i].field->name, field) == 0)
			return &c[i];
	}
	return NULL;
}

const struct sn_table *sn_table_of(enum bmc_kind kind)
{
	for (size_t i = 0; sn_tables[i]; i++) {
		if (sn_tables[i]->kind == kind)
			return sn_tables[i];
	}
	return NULL;
}

/* Below a standard group of scalars there are tables of net-snmp's, too. */
static bool is_of(const struct sn_table *t, oid column)
{
	return t->n_index || !t->at || column <= t->columns[t->n_columns - 1].column;
}

const struct sn_table *sn_table_at(const oid *name, size_t len)
{
	for (size_t i = 0; sn_tables[i]; i++) {
		const struct sn_oid *p = &found[i].prefix;
		if (len > p->len &&
		    netsnmp_oid_equals(name, p->len, p->id, p->len) == 0 &&
		    is_of(sn_tables[i], name[p->len]))
			return sn_tables[i];
	}
	return NULL;
}

bool sn_cell_writable(const struct sn_cell *cell)
{
	if (cell->column->special)
		return cell->column->special->check || cell->column->special->take;
	return cell->column->form == SN_ACTION || cell->column->form == SN_ROW_STATUS ||
	       (cell->field && (cell->field->flags & BMC_SETTING) != 0);
}
