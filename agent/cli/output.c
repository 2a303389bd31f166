// SPDX-License-Identifier: Apache-2.0
// The formats that data is printed in: tables, CSV, names, JSON. Called by commands.
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

#include "cli/error.h"
#include "core/base/util.h"

#define COLUMNS_MAX 24

int cli_format_of(const char *word)
{
	static const char *const words[] = { "plain", "table", "wide", "json",
					     "yaml",  "name",  "csv" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(word, words[i]) == 0)
			return (int)i;
	}
	return -1;
}

const char *cli_text_of(const json_t *value, char buf[CLI_NUMBER_MAX])
{
	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_boolean(value))
		return json_is_true(value) ? "yes" : "no";
	buf[0] = 0;
	if (json_is_integer(value))
		(void)snprintf(buf, CLI_NUMBER_MAX, "%" JSON_INTEGER_FORMAT,
			       json_integer_value(value));
	if (json_is_real(value))
		(void)snprintf(buf, CLI_NUMBER_MAX, "%.6g", json_real_value(value));
	return buf;
}

/* Characters on the screen, near enough: wide ones count once. */
static size_t width_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* A cell, cleaned; owned. */
static char *cell(const json_t *row, const struct cli_column *c)
{
	char buf[CLI_NUMBER_MAX];
	char *text = strdup(cli_text_of(json_object_get(row, c->key), buf));

	if (text)
		cli_clean(text, 0);
	return text;
}

static bool is_shown(enum cli_format f, const struct cli_column *c)
{
	return !c->wide || f == CLI_WIDE || f == CLI_CSV;
}

static void measure(enum cli_format f, const json_t *rows,
		    const struct cli_column *columns, size_t *ret_width)
{
	const json_t *row;
	size_t i;

	for (size_t c = 0; columns[c].title && c < COLUMNS_MAX; c++) {
		ret_width[c] = width_of(columns[c].title);
		json_array_foreach (rows, i, row) {
			auto_free char *text = cell(row, &columns[c]);
			if (is_shown(f, &columns[c]) && text)
				ret_width[c] = MAX(ret_width[c], width_of(text));
		}
	}
}

/* Spaces are put before the next cell, so that no line ends in some. */
static void put_cell(FILE *out, const char *text, size_t width, size_t *pad)
{
	if (*text)
		fprintf(out, "%*s%s", (int)*pad, "", text);
	*pad = (*text ? 0 : *pad) + width - MIN(width, width_of(text)) + 2;
}

static void put_table(FILE *out, enum cli_format f, const json_t *rows,
		      const struct cli_column *columns)
{
	size_t width[COLUMNS_MAX], i, pad = 0;
	const json_t *row;

	measure(f, rows, columns, width);
	for (size_t c = 0; columns[c].title && c < COLUMNS_MAX; c++) {
		if (is_shown(f, &columns[c]))
			put_cell(out, columns[c].title, width[c], &pad);
	}
	fputc('\n', out);
	json_array_foreach (rows, i, row) {
		pad = 0;
		for (size_t c = 0; columns[c].title && c < COLUMNS_MAX; c++) {
			auto_free char *text = cell(row, &columns[c]);
			if (is_shown(f, &columns[c]))
				put_cell(out, text ? text : "", width[c], &pad);
		}
		fputc('\n', out);
	}
}

/* RFC 4180. A cell that a spreadsheet would take for a formula is made text. */
static void put_quoted(FILE *out, const char *text)
{
	bool formula = *text && strchr("=+-@", *text);

	if (!formula && !text[strcspn(text, ",\"\r\n")]) {
		fputs(text, out);
		return;
	}
	fputs(formula ? "\"'" : "\"", out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void put_csv(FILE *out, const json_t *rows, const struct cli_column *columns)
{
	const json_t *row;
	size_t i;

	for (size_t c = 0; columns[c].title; c++)
		fprintf(out, "%s%s", c ? "," : "", columns[c].key);
	fputc('\n', out);
	json_array_foreach (rows, i, row) {
		for (size_t c = 0; columns[c].title; c++) {
			auto_free char *text = cell(row, &columns[c]);
			fputs(c ? "," : "", out);
			put_quoted(out, text ? text : "");
		}
		fputc('\n', out);
	}
}

static void put_names(FILE *out, const json_t *rows, const struct cli_column *columns)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		auto_free char *text = cell(row, columns);
		fprintf(out, "%s\n", text ? text : "");
	}
}

void cli_print_value(FILE *out, enum cli_format f, const json_t *value)
{
	if (f == CLI_YAML) {
		cli_print_yaml(out, value);
		return;
	}
	/* escaped to ASCII: nothing in it can move a cursor */
	(void)json_dumpf(value, out,
			 JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
	fputc('\n', out);
}

void cli_print_rows(FILE *out, enum cli_format f, const json_t *rows,
		    const struct cli_column *columns)
{
	if (f == CLI_JSON || f == CLI_YAML)
		cli_print_value(out, f, rows);
	else if (f == CLI_CSV)
		put_csv(out, rows, columns);
	else if (f == CLI_NAME)
		put_names(out, rows, columns);
	else
		put_table(out, f, rows, columns);
}
