// SPDX-License-Identifier: Apache-2.0
// The table and the lists for programs, see output.h.
#include "cli/scan/output.h"

#include <jansson.h>
#include <string.h>

#include "cli/scan/inventory.h"
#include "core/base/util.h"
#include "scan/text.h"

#define CELL_MAX (SCAN_URL_MAX + 32)

enum scan_format scan_format_read(const char *name)
{
	static const char *const names[SCAN_FORMATS] = { "table", "json", "csv",
							 "ansible", "prom-sd" };
	enum scan_format f = 0;

	while (f < SCAN_FORMATS && strcmp(name, names[f]) != 0)
		f++;
	return f;
}

/* ---- table ---- */

static void print_start(char ret[CELL_MAX], const char *start)
{
	(void)snprintf(ret, CELL_MAX, "%s", start[0] ? start : "-");
	if (strlen(start) >= 20 && start[10] == 'T')
		ret[10] = ' ';
}

static void cell(const struct scan_device *d, size_t id, enum scan_language language,
		 unsigned column, char ret[CELL_MAX])
{
	const char *name = d->root.name[0] ? d->root.name : d->root.product;

	switch (column) {
	case 0:
		(void)snprintf(ret, CELL_MAX, "%zu", id);
		return;
	case 1:
		if (!d->answers)
			name = scan_word(language, SCAN_NO_ANSWER);
		(void)snprintf(ret, CELL_MAX, "%s", name[0] ? name : "-");
		return;
	case 2:
		(void)snprintf(ret, CELL_MAX, "%s", scan_device_host(d));
		return;
	case 3:
		(void)snprintf(ret, CELL_MAX, "%u", d->port);
		return;
	case 4:
		(void)snprintf(ret, CELL_MAX, "%s",
			       d->root.version[0] ? d->root.version : "-");
		return;
	case 5:
		print_start(ret, d->root.start);
		return;
	default:
		scan_device_url(d, ret);
	}
}

static const enum scan_word titles[SCAN_COLUMNS] = {
	SCAN_ID, SCAN_DEVICE, SCAN_IPV4, SCAN_PORT, SCAN_VERSION, SCAN_START, SCAN_OPEN
};

void scan_columns_of(const struct scan_list *l, enum scan_language language,
		     struct scan_columns *ret)
{
	char text[CELL_MAX];

	for (unsigned c = 0; c < SCAN_COLUMNS; c++) {
		ret->width[c] = scan_text_width(scan_word(language, titles[c]));
		for (size_t i = 0; i < l->n; i++) {
			cell(&l->devices[i], i + 1, language, c, text);
			ret->width[c] = MAX(ret->width[c], scan_text_width(text));
		}
	}
}

void scan_write_line(FILE *out, const struct scan_columns *c,
		     const struct scan_device *d, size_t id,
		     enum scan_language language)
{
	char text[CELL_MAX];

	for (unsigned i = 0; i < SCAN_COLUMNS; i++) {
		const char *is = scan_word(language, titles[i]);
		size_t width;

		if (d) {
			cell(d, id, language, i, text);
			is = text;
		}
		width = scan_text_width(is);
		(void)fputs(is, out);
		if (i < SCAN_COLUMNS - 1)
			(void)fprintf(out, "%*s", (int)(c->width[i] - width + 2), "");
	}
}

static void write_table(FILE *out, const struct scan_list *l,
			enum scan_language language)
{
	struct scan_columns c;

	(void)fprintf(out, "%s: %zu\n", scan_word(language, SCAN_TOTAL),
		      scan_list_answering(l));
	scan_columns_of(l, language, &c);
	for (size_t i = 0; l->n && i <= l->n; i++) {
		scan_write_line(out, &c, i ? &l->devices[i - 1] : NULL, i, language);
		(void)fputc('\n', out);
	}
}

/* ---- CSV ---- */

/* RFC 4180; spreadsheets take a field that begins so for a formula. */
static void put_csv(FILE *out, const char *text, const char *end)
{
	(void)fputc('"', out);
	if (text[0] && strchr("=+-@", text[0]))
		(void)fputc('\'', out);
	for (; *text; text++) {
		if (*text == '"')
			(void)fputc('"', out);
		(void)fputc(*text, out);
	}
	(void)fprintf(out, "\"%s", end);
}

static void write_csv(FILE *out, const struct scan_list *l)
{
	char url[SCAN_URL_MAX];

	(void)fputs("id,name,ipv4,ipv6,port,version,start,product,uuid,url,answers\r\n",
		    out);
	for (size_t i = 0; i < l->n; i++) {
		const struct scan_device *d = &l->devices[i];

		scan_device_url(d, url);
		(void)fprintf(out, "%zu,", i + 1);
		put_csv(out, d->root.name, ",");
		put_csv(out, d->ipv4, ",");
		put_csv(out, d->ipv6, ",");
		(void)fprintf(out, "%u,", d->port);
		put_csv(out, d->root.version, ",");
		put_csv(out, d->root.start, ",");
		put_csv(out, d->root.product, ",");
		put_csv(out, d->root.uuid, ",");
		put_csv(out, url, ",");
		(void)fprintf(out, "%s\r\n", d->answers ? "true" : "false");
	}
}

/* ---- all ---- */

static bool write_document(FILE *out, json_t *document)
{
	bool ok = document && json_dumpf(document, out, JSON_INDENT(2)) == 0;

	json_decref(document);
	return ok && fputc('\n', out) != EOF;
}

bool scan_write(FILE *out, enum scan_format f, const struct scan_list *l,
		enum scan_language language)
{
	bool ok = true;

	if (f == SCAN_TABLE)
		write_table(out, l, language);
	else if (f == SCAN_CSV)
		write_csv(out, l);
	else
		ok = write_document(out, f == SCAN_JSON      ? scan_inventory_plain(l)
					 : f == SCAN_ANSIBLE ? scan_inventory_ansible(l)
							     : scan_inventory_prom(l));
	return fflush(out) == 0 && !ferror(out) && ok;
}

bool scan_write_host(FILE *out, const struct scan_list *l, const char *host)
{
	return write_document(out, scan_inventory_host(l, host)) && fflush(out) == 0;
}
