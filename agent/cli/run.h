// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include "cli/error.h"

/** Runs a program with these words (NULL ends them) and waits for it; "bmc" is this
 * program. Returns how it ended (128 + the signal that ended it), or -1 and `err`. */
int cli_run(char *const *words, struct cli_error *err);
/** Starts it with standard output and standard error at these two descriptors, which
 * stay open here. -1: errno. */
pid_t cli_start(char *const *words, const int outputs[2]);
/** What cli_run() returns for a status of waitpid(). */
int cli_status_of(int status);
/** Becomes that program; returns only when it can't: the code, with `err`. */
int cli_become(char *const *words, struct cli_error *err);
