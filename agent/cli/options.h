// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/cli.h"

/** Options that every command takes. */
extern const struct cli_option cli_global_options[];

/** Takes the command line apart: command, arguments, options. CLI_OK or CLI_USAGE,
 * reported. `argv` is reordered. */
int cli_parse(struct cli *c, int argc, char **argv);
/** A command by its name; NULL: there is none. */
const struct cli_command *cli_find(const char *name);

/** The overview, and the help of one command, to stdout; in help.c. */
void cli_print_overview(void);
void cli_print_help(const struct cli_command *cmd);
