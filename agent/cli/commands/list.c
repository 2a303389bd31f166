// SPDX-License-Identifier: Apache-2.0
// list: the boards that adb can be used with.
#include <string.h>

#include "cli/list.h"
#include "cli/sub.h"

static const struct cli_column columns[] = {
	{ "NODE", "node", false },         { "ADB", "adb_state", false },
	{ "SERIAL", "adb_serial", false }, { "TRANSPORT", "adb_transport", false },
	{ "STATE", "state", true },        { .title = NULL },
};

/* A pattern without wildcards is a part of the name. */
static bool is_wanted(const struct cli *c, const json_t *b)
{
	const char *adb = cli_option(c, "offline") ? "offline" : "device",
		   *node = cli_text_at(b, "node"), *pattern = c->argv[0];

	if (strcmp(cli_text_at(b, "adb_state"), adb) != 0)
		return false;
	if (!pattern)
		return true;
	return strpbrk(pattern, "*?[") ? cli_matches(pattern, node)
				       : strstr(node, pattern) != NULL;
}

static int run(struct cli *c)
{
	if (c->argc > 1)
		return cli_usage(c, "list takes one pattern");
	return cli_show_boards(c, is_wanted, NULL, columns);
}

static const struct cli_option options[] = {
	{ "offline", 0, NULL, "those whose adb is offline instead" },
	{ .name = NULL },
};

const struct cli_command cli_list = {
	.name = "list",
	.usage = "list [--offline] [<pattern>]",
	.summary = "List all the active nodes usable with adb, optionally matched by "
		   "pattern",
	.help = "A pattern is a part of the name, or has the shell's wildcards.\n"
		"\n"
		"Examples:\n"
		"  bmc list\n"
		"  bmc list 'sub1-*'\n"
		"  bmc list --offline\n",
	.options = options,
	.flags = CLI_WATCH,
	.run = run,
};
