// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "cli/error.h"

/* Many command lines, some at a time, as if one had run after the other. */

struct cli_batch {
	size_t n;
	unsigned parallel; /* at least 1 */
	/** The words of command line `i`, ended by NULL: owned by the caller of this,
	 * each word and the array by free(). NULL: out of memory. */
	char **(*words)(void *arg, size_t i);
	/** Called in the order of `i` from the caller's thread, before the first byte
	 * of the output of `i`. `words` is NULL when there is no memory for them. */
	void (*begin)(void *arg, size_t i, char *const *words);
	/** The same behind its last byte. `status` is that of cli_run(); -1: `err` says
	 * why it could not be run. */
	void (*end)(void *arg, size_t i, int status, struct cli_error *err);
	void *arg;
};

/** Runs all of them and waits for them. Output and messages of each come in one piece;
 * those of the first that still runs as they are written. What a later one writes is
 * kept meanwhile, and it is stopped where that is too much. False: standard output
 * can't be written; what runs then has ended, and no more was started. */
bool cli_run_batch(const struct cli_batch *b);
