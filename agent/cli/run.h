// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/error.h"

/** Runs a program with these words (NULL ends them) and waits for it; "bmc" is this
 * program. Returns how it ended (128 + the signal that ended it), or -1 and `err`. */
int cli_run(char *const *words, struct cli_error *err);
/** Becomes that program; returns only when it can't: the code, with `err`. */
int cli_become(char *const *words, struct cli_error *err);
