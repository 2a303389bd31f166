// SPDX-License-Identifier: Apache-2.0
// bmc_adb: Debian's adb, with names of boards in place of serial numbers.
#include <stdlib.h>
#include <string.h>

#include "cli/list.h"
#include "cli/options.h"
#include "cli/run.h"

/* The place on USB is the board's own; a serial number may be another board's, too. */
static int selector_of(const json_t *board, char *ret, size_t size)
{
	const char *place = cli_text_at(board, "adb_transport");
	struct cli_error err;

	if (!*place)
		place = cli_text_at(board, "adb_serial");
	if (*place && *place != '-') {
		(void)snprintf(ret, size, "%s", place);
		return CLI_OK;
	}
	cli_fail(&err, CLI_NOT_SUPPORTED, "the agent does not know where adb finds it");
	cli_next(&err, "The platform file says it: usb: 2-1.2.3 in the board's row.");
	return cli_report(cli_text_at(board, "node"), &err);
}

static int find(struct cli *c, char *name, char *ret, size_t size)
{
	int code;
	json_t *one = cli_select(c, 1, &name, &code);

	if (!one)
		return code;
	if (json_array_size(one) == 1)
		code = selector_of(json_array_get(one, 0), ret, size);
	else
		code = cli_usage(c, "'%s' is %zu boards: adb takes one", name,
				 json_array_size(one));
	json_decref(one);
	return code;
}

static int run_adb(struct cli *c)
{
	char place[128] = "", adb[] = "adb", option[] = "-s";
	int skip = c->argc > 1 && strcmp(c->argv[0], "-s") == 0 ? 2 : 0;
	char **words = calloc((size_t)c->argc + 4, sizeof(*words));
	struct cli_error err;
	int n = 0, code = CLI_OK;

	if (!words)
		return CLI_FAILED;
	if (c->target.host)
		code = cli_usage(c, "adb works on the agent's own machine");
	else if (skip)
		code = find(c, c->argv[1], place, sizeof(place));
	words[n++] = adb;
	if (skip) {
		words[n++] = option;
		words[n++] = place;
	}
	for (int i = skip; i < c->argc; i++)
		words[n++] = c->argv[i];
	if (!code) {
		(void)cli_become(words, &err);
		code = cli_report(NULL, &err);
	}
	free(words);
	return code;
}

/* Its words are adb's, but for a question about bmc_adb itself. */
static bool asks_help(const struct cli *c)
{
	return c->argc == 1 &&
	       (strcmp(c->argv[0], "-h") == 0 || strcmp(c->argv[0], "--help") == 0);
}

static int run(struct cli *c)
{
	if (!asks_help(c))
		return run_adb(c);
	cli_print_help(c->command);
	return CLI_OK;
}

const struct cli_command cli_adb = {
	.name = "bmc_adb",
	.usage = "bmc_adb -s <node> {push|pull|shell|root|remount} ...",
	.summary = "Run adb on the node with that name; also the program bmc_adb.",
	.help = "Everything behind the name goes to adb as it is.\n"
		"\n"
		"Examples:\n"
		"  bmc_adb -s sub01 push home.json /data/local/tmp\n"
		"  bmc_adb -s sub01 pull home.json /data/local/tmp\n"
		"  bmc_adb -s sub01 shell ifconfig\n"
		"  bmc_adb -s sub01 root\n"
		"  bmc_adb help                     # adb's own\n",
	.flags = CLI_RAW | CLI_PROGRAM,
	.run = run,
};
