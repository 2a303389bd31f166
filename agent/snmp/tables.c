// SPDX-License-Identifier: Apache-2.0
/* The list of all tables and their columns' fields, found once at start. Used by the
 * handler, the notifier and the dump. */
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/value.h"

/* clang-format off */
const struct sn_table *const sn_tables[] = {
	&sn_system_table, &sn_blade_table, &sn_board_table, &sn_fan_table, &sn_psu_table,
	&sn_disk_table, &sn_sensor_table, &sn_nic_table, &sn_firmware_table, &sn_job_table,
	&sn_event_table, &sn_manager_table, &sn_condition_table,
	&sn_if_table, &sn_ip_address_table, &sn_ifx_table, NULL,
};
/* clang-format on */

/* Every row has a parent, which is no value of its own: frontends show it as a link. */
static const struct bmc_field parent = {
	.name = "parent",
	.type = BMC_REF,
	.offset = offsetof(struct bmc_row, parent),
	.size = sizeof(((struct bmc_row *)0)->parent),
	.doc = "The row that holds it.",
};

/* Cells by the position of their table. */
static struct sn_cell *cells[ARRAY_SIZE(sn_tables)];

static size_t position(const struct sn_table *t)
{
	size_t i = 0;

	while (sn_tables[i] && sn_tables[i] != t)
		i++;
	return i;
}

static int resolve(const struct sn_table *t, struct sn_cell *to, struct bmc_error *err)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct sn_column *c = &t->columns[i];
		to[i].column = c;
		if (c->field && strcmp(c->field, parent.name) == 0)
			to[i].field = &parent;
		else if (c->field)
			to[i].field = bmc_field_find(t->kind, c->field);
		if (c->field && !to[i].field)
			return bmc_fail(err, BMC_ENOTFOUND,
					"%s: kind %s has no field %s", c->name,
					bmc_kind(t->kind)->name, c->field);
	}
	return 0;
}

int sn_tables_resolve(struct bmc_error *err)
{
	int r = 0;

	for (size_t i = 0; sn_tables[i] && r == 0; i++) {
		if (!cells[i])
			cells[i] = calloc(sn_tables[i]->n_columns, sizeof(*cells[i]));
		if (!cells[i])
			return bmc_fail(err, BMC_ENOMEM, "SNMP tables: out of memory");
		r = resolve(sn_tables[i], cells[i], err);
	}
	return r;
}

const struct sn_cell *sn_table_cells(const struct sn_table *t)
{
	return cells[position(t)];
}

const struct sn_cell *sn_table_cell(const struct sn_table *t, const char *field)
{
	const struct sn_cell *c = sn_table_cells(t);

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

const struct sn_table *sn_table_at(const oid *name, size_t len)
{
	struct sn_oid prefix;

	for (size_t i = 0; sn_tables[i]; i++) {
		sn_oid_prefix(sn_tables[i], &prefix);
		if (len > prefix.len &&
		    netsnmp_oid_equals(name, prefix.len, prefix.id, prefix.len) == 0)
			return sn_tables[i];
	}
	return NULL;
}

bool sn_cell_writable(const struct sn_cell *cell)
{
	if (cell->column->special)
		return cell->column->special->check != NULL;
	return cell->column->form == SN_ACTION ||
	       (cell->field->flags & BMC_SETTING) != 0;
}
