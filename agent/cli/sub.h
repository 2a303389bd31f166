// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/cli.h"

/* Commands of several words: "bmc account add NAME". */

/** One of them. A NULL name ends a list. */
struct cli_sub {
	const char *name, *usage; /* "NAME ROLE" */
	int min, max;             /* how many arguments */
	/** Returns an enum cli_exit. `args` has `n` arguments behind the word. */
	int (*run)(struct cli *c, int n, char **args);
};

/** Runs the one that the first argument names; `other` is the one without (NULL: one is
 * needed). CLI_USAGE, reported: there is none, or its arguments are too few or many. */
int cli_run_sub(struct cli *c, const struct cli_sub *subs, const char *other);

/** Reports what a call has returned in `err`; its code. */
int cli_done(int code, const struct cli_error *err);

/** Adds a member with a text to an object; none when `text` is NULL or "". */
void cli_set_text(json_t *object, const char *key, const char *text);

/** All members of a collection, with what they have, whatever pages the agent makes of
 * it: a new array, or NULL and `err`. */
__attribute__((format(printf, 3, 4))) json_t *cli_collect(struct cli_link *l,
							  struct cli_error *err,
							  const char *fmt, ...);

/** Prints a collection, a row for each member. `row_of` returns a new row, or NULL for
 * a member that is left out. Returns an enum cli_exit, reported. */
int cli_show_members(struct cli *c, const char *path, json_t *(*row_of)(const json_t *),
		     const struct cli_column *columns);

/** Prints the boards that `wanted` chooses, plainly by `put_plain` (NULL: their names).
 * Returns an enum cli_exit, reported. */
int cli_show_boards(struct cli *c, bool (*wanted)(const struct cli *, const json_t *),
		    void (*put_plain)(const json_t *rows),
		    const struct cli_column *columns);
