// SPDX-License-Identifier: Apache-2.0
/* The tables as text, for the test that compares them with the MIB. Called by main's
 * --dump-snmp and by the check program. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/notifier.h"
#include "snmp/snmp.h"
#include "snmp/value.h"

/* "adb_offline" and "PoweringOn" as SMI wants them: adbOffline, poweringOn; "HDD": hdd.
 */
static void print_label(FILE *out, const char *word)
{
	bool all_upper = true, raise = false;

	for (const char *p = word; *p; p++)
		all_upper = all_upper && isupper((unsigned char)*p);
	for (const char *p = word; *p; p++) {
		int c = (unsigned char)*p;
		if (!isalnum(c)) {
			raise = true;
			continue;
		}
		if (all_upper || p == word)
			c = tolower(c);
		fputc(raise ? toupper(c) : c, out);
		raise = false;
	}
}

static void print_enum(FILE *out, const struct sn_cell *cell)
{
	const char *separator = "";

	fputs("INTEGER { ", out);
	for (const struct bmc_name *n = cell->field->names; n->word; n++) {
		if (cell->column->form == SN_ACTION && n->value > BMC_ACT_POWER_CYCLE)
			break;
		fputs(separator, out);
		print_label(out, n->word);
		fprintf(out, "(%d)", n->value + 1);
		separator = ", ";
	}
	fputs(" }", out);
}

/* clang-format off */
static const char *const units[] = {
	[BMC_UNIT_MILLICELSIUS] = "0.001 degrees Celsius", [BMC_UNIT_MILLIVOLT] = "millivolts",
	[BMC_UNIT_MILLIAMPERE] = "milliamperes",           [BMC_UNIT_MILLIWATT] = "milliwatts",
	[BMC_UNIT_JOULE] = "joules",                       [BMC_UNIT_MILLIPERCENT] = "0.001 percent",
	[BMC_UNIT_RPM] = "revolutions per minute",         [BMC_UNIT_BYTE] = "octets",
	[BMC_UNIT_MEGABIT_PER_SECOND] = "megabits per second",
	[BMC_UNIT_MEGAHERTZ] = "megahertz",                [BMC_UNIT_MILLISECOND] = "milliseconds",
	[BMC_UNIT_SECOND] = "seconds",                     [BMC_UNIT_HOUR] = "hours",
};
/* clang-format on */

static void print_range(FILE *out, const struct sn_cell *cell, const char *syntax)
{
	const struct bmc_field *f = cell->field;

	if (strcmp(syntax, "CbmcString") == 0)
		fprintf(out, " (SIZE (0..%zu))", f->size - 1);
	else if (strcmp(syntax, "Integer32") == 0 && sn_cell_writable(cell))
		fprintf(out, " (%" PRId64 "..%" PRId64 ")", f->min, f->max);
}

static const char *access_of(const struct sn_cell *cell)
{
	return cell->column->create     ? "read-create"
	       : sn_cell_writable(cell) ? "read-write"
					: "read-only";
}

static void print_column(FILE *out, const struct sn_table *t,
			 const struct sn_cell *cell)
{
	const char *syntax = sn_value_syntax(cell);

	fprintf(out, "column %s %u %s %s.%s ", cell->column->name, cell->column->column,
		access_of(cell), bmc_kind(t->kind)->name,
		cell->field ? cell->field->name : "-");
	if (cell->field && strcmp(syntax, "INTEGER") == 0)
		print_enum(out, cell);
	else
		fputs(syntax, out);
	if (cell->field) {
		print_range(out, cell, syntax);
		if (cell->field->unit < ARRAY_SIZE(units) && units[cell->field->unit])
			fprintf(out, " UNITS %s", units[cell->field->unit]);
	}
	fputc('\n', out);
}

static void print_table(FILE *out, const struct sn_table *t)
{
	fprintf(out, "table %s %u %s", t->name, t->arc, bmc_kind(t->kind)->name);
	for (unsigned i = 0; i < t->n_index; i++)
		fprintf(out, " %s", t->index[i].name);
	fputc('\n', out);
	for (size_t i = 0; i < t->n_columns; i++)
		print_column(out, t, &sn_table_cells(t, t->kind)[i]);
}

static void print_notification(FILE *out, const struct sn_notification *n)
{
	fprintf(out, "notification %s %u %s", n->name, n->number,
		n->event ? n->event : "*");
	for (size_t i = 0; i < SN_NOTIFICATION_FIELDS && n->fields[i]; i++) {
		const struct sn_cell *cell =
			sn_table_cell(sn_table_of(n->kind), n->fields[i]);
		fprintf(out, " %s", cell ? cell->column->name : "?");
	}
	fputc('\n', out);
}

int sn_dump(FILE *out, struct bmc_error *err)
{
	int r = sn_tables_resolve(err);

	for (size_t i = 0; sn_tables[i] && r == 0; i++) {
		if (!sn_tables[i]->at)
			print_table(out, sn_tables[i]);
	}
	for (const struct sn_notification *n = sn_notifications; r == 0; n++) {
		print_notification(out, n);
		if (!n->event)
			break;
	}
	return r;
}
