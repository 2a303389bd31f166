// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/** What -o says. CLI_PLAIN: nothing; a command prints what users and the scripts of
 * Firefly's tool expect. */
enum cli_format {
	CLI_PLAIN,
	CLI_TABLE,
	CLI_WIDE,
	CLI_JSON,
	CLI_YAML,
	CLI_NAME,
	CLI_CSV,
};

/** The format that a word means; -1: none does. */
int cli_format_of(const char *word);

/** A column of a table: which member of the row's object it shows. A NULL title ends a
 * list of them. */
struct cli_column {
	const char *title, *key;
	bool wide; /* with -o wide (and csv) only */
};

/** Prints rows, an array of objects (borrowed): as a table, with a heading, of
 * `columns`; CLI_JSON and CLI_YAML print all that the rows have; CLI_NAME the first
 * column only, a line each. Text is cleaned. CLI_PLAIN is a table. */
void cli_print_rows(FILE *out, enum cli_format f, const json_t *rows,
		    const struct cli_column *columns);
/** Prints one value (borrowed): as JSON, or with CLI_YAML as YAML. */
void cli_print_value(FILE *out, enum cli_format f, const json_t *value);
/** YAML of a value; in yaml.c. */
void cli_print_yaml(FILE *out, const json_t *value);

/** A member's text: a string as it is, a number or a boolean formatted into `buf`, and
 * "" for what is not there or null. */
#define CLI_NUMBER_MAX 32
const char *cli_text_of(const json_t *value, char buf[CLI_NUMBER_MAX]);
