// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdio.h>

/** How bmc ends. */
enum cli_exit {
	CLI_OK,
	CLI_FAILED,
	CLI_USAGE,       /* the command line is wrong; nothing was done     */
	CLI_SOME_FAILED, /* of several nodes; each is listed                */
	CLI_AUTH,        /* no login, or not allowed                        */
	CLI_UNREACHABLE, /* the agent, or what it is asked for, can't be reached */
	CLI_TIMEOUT,
	CLI_NOT_SUPPORTED, /* or not found                                    */
	CLI_BUSY,          /* or in conflict with something else; later, maybe */
};

/** What went wrong, and what to do next ("": nothing is known). */
struct cli_error {
	int code; /* enum cli_exit */
	char what[400], next[400];
};

/** Fills `err` and returns `code`. */
__attribute__((format(printf, 3, 4))) int cli_fail(struct cli_error *err, int code,
						   const char *fmt, ...);
/** The same of an answer: "OBJECT: WHAT (HTTP STATUS)", with WHAT's full stop left out.
 * `object` is what the user named ("account rita"); NULL: only WHAT is said. */
int cli_fail_http(struct cli_error *err, int code, const char *object, const char *what,
		  long status);
/** Adds what to do next; returns err->code. */
__attribute__((format(printf, 2, 3))) int cli_next(struct cli_error *err,
						   const char *fmt, ...);
/** Prints "bmc: WHAT" (or "NODE: WHAT") and what to do next to stderr, cleaned; returns
 * err->code. */
int cli_report(const char *node, const struct cli_error *err);
/** A message to stderr, cleaned, with "bmc: " before it. */
__attribute__((format(printf, 1, 2))) void cli_note(const char *fmt, ...);

/** Makes text from agents, boards and networks harmless for a terminal, in place: bytes
 * that are no UTF-8, control characters and those that reverse the direction of text
 * become '?'. `lines`: line feeds and tabs stay. */
void cli_clean(char *text, int lines);
/** Prints `text` (NULL: nothing) cleaned. */
void cli_put(FILE *out, const char *text);
