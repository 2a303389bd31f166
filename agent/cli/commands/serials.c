// SPDX-License-Identifier: Apache-2.0
// serials: the names of boards and what adb calls them.
#include "cli/list.h"
#include "cli/sub.h"

static const struct cli_column columns[] = {
	{ "NODE", "node", false },
	{ "SERIAL", "adb_serial", false },
	{ "TRANSPORT", "adb_transport", false },
	{ .title = NULL },
};

static bool is_active(const struct cli *c, const json_t *b)
{
	const char *adb = cli_text_at(b, "adb_state");

	(void)c;
	return *adb && *cli_text_at(b, "adb_serial") && adb[0] == 'd'; /* device */
}

static void put_plain(const json_t *rows)
{
	const json_t *b;
	size_t i;

	json_array_foreach (rows, i, b) {
		cli_put(stdout, cli_text_at(b, "node"));
		fputc(' ', stdout);
		cli_put(stdout, cli_text_at(b, "adb_serial"));
		if (*cli_text_at(b, "adb_transport"))
			fputc(' ', stdout);
		cli_put(stdout, cli_text_at(b, "adb_transport"));
		fputc('\n', stdout);
	}
}

static int run(struct cli *c)
{
	return cli_show_boards(c, is_active, put_plain, columns);
}

const struct cli_command cli_serials = {
	.name = "serials",
	.usage = "serials",
	.summary = "List all the active nodes with coresponding adb serial.",
	.help = "Examples:\n"
		"  bmc serials\n"
		"  bmc serials -o json\n",
	.flags = CLI_WATCH | CLI_ALONE,
	.run = run,
};
