// SPDX-License-Identifier: Apache-2.0
// versions: of system and hardware, of main and all boards.
#include <string.h>

#include "cli/list.h"
#include "cli/sub.h"

static const struct cli_column columns[] = {
	{ "NODE", "node", false },     { "STATE", "state", false },
	{ "OS", "os_version", false }, { "HARDWARE", "hardware_version", false },
	{ "MODEL", "model", true },    { .title = NULL },
};

/* As behind a tab, which Firefly's tool prints. */
static void put_column(const char *lead, const char *text)
{
	size_t n = strlen(lead) + strlen(text);

	fputs(lead, stdout);
	cli_put(stdout, text);
	printf("%*s", (int)(8 - n % 8), "");
}

static void put_plain(const json_t *rows)
{
	const json_t *b;
	size_t i;

	json_array_foreach (rows, i, b) {
		put_column("", cli_text_at(b, "node"));
		put_column("", cli_text_at(b, "state"));
		put_column("OS:", cli_text_at(b, "os_version"));
		fputs("HW:", stdout);
		cli_put(stdout, cli_text_at(b, "hardware_version"));
		fputc('\n', stdout);
	}
}

static bool has_version(const struct cli *c, const json_t *b)
{
	(void)c;
	return *cli_text_at(b, "os_version") || *cli_text_at(b, "hardware_version");
}

static int run(struct cli *c)
{
	return cli_show_boards(c, has_version, put_plain, columns);
}

const struct cli_command cli_versions = {
	.name = "versions",
	.usage = "versions",
	.summary = "List software and hardware versions of all the nodes.",
	.help = "Examples:\n"
		"  bmc versions\n"
		"  bmc versions -o csv\n",
	.flags = CLI_ALONE,
	.run = run,
};
