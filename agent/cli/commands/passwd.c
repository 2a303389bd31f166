// SPDX-License-Identifier: Apache-2.0
// bmc passwd: a new password for one's own account, or as an administrator for another.
// No password is ever on a command line.
#include <string.h>
#include <unistd.h>

#include "cli/commands/new-password.h"
#include "cli/list.h"
#include "cli/login.h"
#include "cli/sub.h"
#include "core/base/util.h"

#define CHANGE \
	CLI_ROOT "/AccountService/Accounts/%s/Actions/ManagerAccount.ChangePassword"

/* root on this machine is an Administrator without an account, and has no old password
 * to show. */
static bool is_local_root(const struct cli *c)
{
	return !c->target.host && !c->target.user && geteuid() == 0;
}

static int change_own(struct cli *c, const char *user, const char *old,
		      const char *fresh, struct cli_error *err)
{
	char path[CLI_PATH_MAX];
	json_t *body = json_pack("{s:s, s:s}", "SessionAccountPassword", old,
				 "NewPassword", fresh);
	struct cli_call call = { .method = "POST", .path = path, .body = body };
	int code;

	(void)snprintf(path, sizeof(path), CHANGE, user);
	code = body ? cli_ask(cli_link(c), &call, NULL, err)
		    : cli_fail(err, CLI_USAGE, "a password is no UTF-8");
	cli_wipe(body);
	return code;
}

static int run_own(struct cli *c, const char *user)
{
	char old[CLI_SECRET_MAX], fresh[CLI_SECRET_MAX];
	struct cli_error err = { 0 };
	int code = cli_read_secret(c, "Old password", old, &err);

	c->target.password = old; /* a login needs the same */
	if (!code)
		code = cli_read_new_secret(c, fresh, &err);
	if (!code)
		code = change_own(c, user, old, fresh, &err);
	c->target.password = NULL;
	bmc_wipe(old, sizeof(old));
	bmc_wipe(fresh, sizeof(fresh));
	return cli_done(code, &err);
}

static int run_other(struct cli *c, const char *user)
{
	char fresh[CLI_SECRET_MAX];
	struct cli_error err = { 0 };
	int code = cli_read_new_secret(c, fresh, &err);

	if (!code)
		code = cli_set_password(c, user, fresh, &err);
	bmc_wipe(fresh, sizeof(fresh));
	return cli_done(code, &err);
}

static int run(struct cli *c)
{
	const char *own = cli_user(&c->target), *user = c->argc ? c->argv[0] : own;

	if (c->argc > 1)
		return cli_usage(c, "it is: bmc %s", c->command->usage);
	if (!cli_is_account(user))
		return cli_usage(c, "%s is no name of an account", user);
	int code = is_local_root(c) || strcmp(user, own) != 0 ? run_other(c, user)
							      : run_own(c, user);
	if (!code && isatty(STDERR_FILENO))
		cli_note("the password of %s has been changed", user);
	return code;
}

static const struct cli_option options[] = {
	{ "stdin", 0, NULL,
	  "no questions: the old and the new password are lines of stdin" },
	{ .name = NULL },
};

const struct cli_command cli_passwd = {
	.name = "passwd",
	.usage = "passwd [<account>]",
	.summary = "Change a password: the old one, the new one, and that again.",
	.help = "Without a name it is the account that logs in (-u, admin). Of "
		"another\n"
		"account an administrator sets it, without the old one; so does root "
		"on\n"
		"this machine. Sessions of the account end.\n"
		"\n"
		"Examples:\n"
		"  bmc passwd\n"
		"  bmc -H r2.example -u rita passwd\n"
		"  printf '%s\\n' \"$old\" \"$new\" | bmc passwd --stdin\n",
	.options = options,
	.run = run,
};
