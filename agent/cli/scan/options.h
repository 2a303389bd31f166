// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/scan/output.h"

/* How it ends; the numbers are those of `bmc`. */
enum scan_exit {
	SCAN_EXIT_OK = 0,
	SCAN_EXIT_FAILED = 1,
	SCAN_EXIT_USAGE = 2,
	SCAN_EXIT_NONE = 5, /* nothing was found */
};

/* What the command line says. */
struct scan_command {
	struct scan_options scan;
	struct scan_endpoint *endpoints; /* owned */
	bool format_given;
	enum scan_format format;
	enum scan_language language;
	const char *host;      /* --host: NULL: none */
	const char *serve;     /* "ADDRESS:PORT"; NULL: does not serve */
	const char *prom_file; /* NULL: none */
	int64_t interval_ms;   /* between two scans; 0: one only       */
};

/** Reads it. -1: go on; else how to end: what is wrong was said. */
int scan_options_read(int argc, char **argv, struct scan_command *ret);
void scan_options_done(struct scan_command *c);
