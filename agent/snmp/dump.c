// SPDX-License-Identifier: Apache-2.0
/* The tables as text, from which mibs/generate.py makes the MIB: one fact a line.
 * Called by the check program. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/notifier.h"
#include "snmp/snmp.h"
#include "snmp/syntax.h"
#include "snmp/value.h"

/* "adb_offline" and "PoweringOn" as SMI wants them: adbOffline, poweringOn; "HDD": hdd.
 */
static void print_label(FILE *out, const char *word)
{
	bool all_upper = true, raise = false;

	if (strcmp(word, "Current") == 0) /* a word of SMI's, which net-snmp drops */
		word = "electricCurrent";
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

static void print_convention(FILE *out, const struct sn_convention *c)
{
	fprintf(out, "convention %s %s\n", c->name, c->doc);
	for (const struct bmc_name *n = c->names; n->word; n++) {
		const char *doc = bmc_name_doc(c->names, n->value);

		if (c->last && n->value > c->last)
			break;
		fprintf(out, "value %s %d ", c->name, n->value + 1);
		print_label(out, n->word);
		fprintf(out, " %s\n", doc ? doc : "");
	}
}

static void print_range(FILE *out, const struct sn_cell *cell, const char *syntax)
{
	int64_t min, max;

	if (strcmp(syntax, "CbmcString") == 0)
		fprintf(out, " (SIZE (0..%zu))", cell->field->size - 1);
	else if (sn_syntax_range(cell, &min, &max))
		fprintf(out, " (%" PRId64 "..%" PRId64 ")", min, max);
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
	const char *syntax = sn_syntax(cell), *units = sn_syntax_units(cell);

	fprintf(out, "column %s %u %s %s.%s %s", cell->column->name,
		cell->column->column, access_of(cell), bmc_kind(t->kind)->name,
		cell->field ? cell->field->name : "-", syntax);
	print_range(out, cell, syntax);
	fprintf(out, "%s%s\n", units ? " UNITS " : "", units ? units : "");
	bool said = strcasestr(sn_syntax_doc(cell), "no instance") != NULL;
	fprintf(out, "doc %s %s%s\n", cell->column->name, sn_syntax_doc(cell),
		sn_syntax_optional(cell) && !said
			? " No instance while it is not known."
			: "");
}

static void print_table(FILE *out, const struct sn_table *t)
{
	fprintf(out, "table %s %u %s", t->name, t->arc, bmc_kind(t->kind)->name);
	for (unsigned i = 0; i < t->n_index; i++)
		fprintf(out, " %s", t->index[i].name);
	fprintf(out, "\ndoc %s %s\n", t->name, t->doc);
	if (t->n_index)
		fprintf(out, "row %s %s\n", t->name, t->row_doc);
	for (unsigned i = 0; i < t->n_index; i++)
		fprintf(out, "index %s %s %s\n", t->index[i].name,
			t->index_range[i] ? t->index_range[i] : "1..4294967295",
			t->index_doc[i]);
	for (size_t i = 0; i < t->n_columns; i++)
		print_column(out, t, &sn_table_cells(t, t->kind)[i]);
}

static void print_object(FILE *out, const char *field)
{
	const struct sn_cell *cell = sn_table_cell(&sn_event_table, field);

	fprintf(out, " %s", cell ? cell->column->name : "?");
}

static void print_notification(FILE *out, const struct sn_notification *n)
{
	fprintf(out, "notification %s %u %s", n->name, n->number,
		n->event ? n->event : "*");
	for (size_t i = 0; i < SN_NOTIFICATION_COMMON; i++)
		print_object(out, sn_notification_common[i]);
	for (size_t i = 0; i < SN_NOTIFICATION_FIELDS && n->fields[i]; i++)
		print_object(out, n->fields[i]);
	fputc('\n', out);
}

int sn_dump(FILE *out, struct bmc_error *err)
{
	int r = sn_tables_resolve(err);

	for (const struct sn_convention *c = sn_conventions; c->name && r == 0; c++)
		print_convention(out, c);
	for (size_t i = 0; sn_tables[i] && r == 0; i++) {
		if (!sn_tables[i]->at)
			print_table(out, sn_tables[i]);
	}
	for (const struct sn_notification *n = sn_notifications; r == 0; n++) {
		if (!n->standard)
			print_notification(out, n);
		if (!n->event)
			break;
	}
	return r;
}
