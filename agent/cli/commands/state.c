// SPDX-License-Identifier: Apache-2.0
// state: what each board runs.
#include <string.h>

#include "cli/list.h"

static const struct cli_column columns[] = {
	{ "NODE", "node", false },    { "STATE", "state", false },
	{ "POWER", "power", false },  { "ADB", "adb_state", true },
	{ "OS", "os_version", true }, { "IP", "ip", true },
	{ "MODEL", "model", true },   { .title = NULL },
};

/* "sub1-01: android"; of one board that was named, too. */
static void put_plain(const json_t *boards)
{
	const json_t *b;
	size_t i;

	json_array_foreach (boards, i, b) {
		cli_put(stdout, cli_text_at(b, "node"));
		fputs(": ", stdout);
		cli_put(stdout, cli_text_at(b, "state"));
		fputc('\n', stdout);
	}
}

static int run(struct cli *c)
{
	int code = CLI_OK;
	const json_t *boards = c->nodes ? c->nodes : cli_boards(c, &code);

	if (!boards)
		return code;
	if (c->format == CLI_PLAIN)
		put_plain(boards);
	else
		cli_print_rows(stdout, c->format, boards, columns);
	return CLI_OK;
}

const struct cli_command cli_state = {
	.name = "state",
	.usage = "<node> state",
	.summary = "Show node state",
	.help = "Without a node it shows all of them. States are android, linux, "
		"offline,\n"
		"online, loader, fastboot, maskrom, adb, adb_offline, android_recovery "
		"and\n"
		"netrecovery.\n"
		"\n"
		"Examples:\n"
		"  bmc state\n"
		"  bmc sub1-01 state\n"
		"  bmc @blade2 state -o wide\n"
		"  bmc state --watch\n",
	.flags = CLI_NODES | CLI_WHOLE | CLI_WATCH | CLI_ALONE,
	.run = run,
};
