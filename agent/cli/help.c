// SPDX-License-Identifier: Apache-2.0
// What --help prints. The overview begins as that of Firefly's tool, in its words.
// Called by main.c and by the command help.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/list.h"
#include "cli/options.h"

static void put_usage(const char *usage, const char *lead)
{
	while (*usage) {
		size_t n = strcspn(usage, "\n");
		printf("%s%.*s\n", lead, (int)n, usage);
		usage += n + (usage[n] == '\n');
	}
}

static void put_options(const struct cli_option *o)
{
	for (; o && o->name; o++) {
		char left[64];
		(void)snprintf(left, sizeof(left), "%c%c%s --%s%s%s",
			       o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
			       o->letter ? "," : " ", o->name, o->value ? " " : "",
			       o->value ? o->value : "");
		printf("  %-32s %s\n", left, o->doc);
	}
}

void cli_print_overview(void)
{
	fputc('\n', stdout);
	for (const struct cli_command *const *p = cli_commands; *p; p++) {
		if ((*p)->flags & CLI_HIDDEN)
			continue;
		put_usage((*p)->usage, (*p)->flags & CLI_PROGRAM ? " " : " bmc ");
		printf("     %s\n\n", (*p)->summary);
	}
	printf(" <node>: sub1-01; several: sub1-* sub{1..3}-01 @blade2 @offline @all, "
	       "- (stdin)\n"
	       "\n"
	       " Options:\n");
	put_options(cli_global_options);
	printf("\n bmc <command> -h shows more, with examples; man bmc all.\n");
}

void cli_print_help(const struct cli_command *cmd)
{
	put_usage(cmd->usage, cmd->flags & CLI_PROGRAM ? "usage: " : "usage: bmc ");
	printf("\n%s\n", cmd->summary);
	if (cmd->help)
		printf("\n%s", cmd->help);
	if (cmd->options)
		printf("\nOptions:\n");
	put_options(cmd->options);
	printf("\nOptions of all commands: bmc --help\n");
}

int cli_usage(const struct cli *c, const char *fmt, ...)
{
	struct cli_error err = { .code = CLI_USAGE };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(err.what, sizeof(err.what), fmt, ap);
	va_end(ap);
	if (c->command)
		cli_next(&err, "bmc %s -h says how it is used.", c->command->name);
	else
		cli_next(&err, "bmc --help lists the commands.");
	return cli_report(NULL, &err);
}
