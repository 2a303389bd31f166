// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdio.h>

#include "cli/scan/words.h"
#include "scan/list.h"

/* What was found, written. Names come from the network: each format has them in a form
 * that its reader takes for data. */

enum scan_format {
	SCAN_TABLE,
	SCAN_JSON,
	SCAN_CSV,
	SCAN_ANSIBLE, /* a dynamic inventory, as `--list` of an inventory script */
	SCAN_PROM_SD, /* the document of Prometheus' http_sd and file_sd         */
	SCAN_FORMATS,
};

/** By its name; SCAN_FORMATS: there is none. */
enum scan_format scan_format_read(const char *name);

/** False: no memory, or `out` took not all. */
bool scan_write(FILE *out, enum scan_format f, const struct scan_list *l,
		enum scan_language language);

/** The variables of one host of the inventory; {} when it has none of that name. */
bool scan_write_host(FILE *out, const struct scan_list *l, const char *host);

/** Widths of the table's columns, for all of its lines. */
#define SCAN_COLUMNS 7
struct scan_columns {
	size_t width[SCAN_COLUMNS];
};
void scan_columns_of(const struct scan_list *l, enum scan_language language,
		     struct scan_columns *ret);
/** A line of the table, without its end: of a device, or, where `d` is NULL, the names
 * of the columns. */
void scan_write_line(FILE *out, const struct scan_columns *c,
		     const struct scan_device *d, size_t id,
		     enum scan_language language);
