// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

#include "cli/client.h"

/** What a command prints in a board's shell, up to 64 KiB; owned, cleaned. NULL: it
 * could not be run, has failed or took more than `ms`. */
char *cli_shell_output(struct cli_link *l, const char *node, const char *command,
		       int64_t ms);
