// SPDX-License-Identifier: Apache-2.0
// login and logout: the session that is kept for further calls; and help.
#include "cli/list.h"
#include "cli/login.h"
#include "cli/options.h"

static int login(struct cli *c)
{
	struct cli_error err;
	json_t *root = cli_get(cli_link(c), &err, CLI_ROOT "/SessionService");

	if (!root)
		return cli_report(NULL, &err);
	json_decref(root);
	cli_note("logged in at %s", cli_base(c->link));
	return CLI_OK;
}

static int logout(struct cli *c)
{
	struct cli_error err;
	int code = cli_logout(cli_link(c), &err);

	return code ? cli_report(NULL, &err) : CLI_OK;
}

static int help(struct cli *c)
{
	const struct cli_command *cmd = c->argc ? cli_find(c->argv[0]) : NULL;

	if (c->argc && !cmd)
		return cli_usage(c, "there is no command '%s'", c->argv[0]);
	if (cmd)
		cli_print_help(cmd);
	else
		cli_print_overview();
	return CLI_OK;
}

const struct cli_command cli_login_command = {
	.name = "login",
	.usage = "login",
	.summary = "Log in, and keep the session for further calls.",
	.help = "The password is read from --password-file, BMC_PASSWORD_FILE or "
		"BMC_PASSWORD,\n"
		"else asked for. The session's token is kept in a file that only its "
		"owner can\n"
		"read, in XDG_RUNTIME_DIR/clusterbmc or ~/.cache/clusterbmc.\n"
		"\n"
		"Examples:\n"
		"  bmc --host bmc1.example --ca ca.pem --user admin login\n",
	.flags = CLI_ALONE,
	.run = login,
};

const struct cli_command cli_logout_command = {
	.name = "logout",
	.usage = "logout",
	.summary = "End the kept session.",
	.help = "Examples:\n"
		"  bmc --host bmc1.example --ca ca.pem logout\n",
	.flags = CLI_ALONE,
	.run = logout,
};

const struct cli_command cli_help = {
	.name = "help",
	.usage = "help [<command>]",
	.summary = "Show this, or what a command does.",
	.flags = CLI_HIDDEN,
	.run = help,
};
