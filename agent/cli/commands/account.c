// SPDX-License-Identifier: Apache-2.0
// bmc account: who may log in.
#include <string.h>

#include "cli/commands/new-password.h"
#include "cli/list.h"
#include "cli/sub.h"
#include "core/base/util.h"

#define ACCOUNTS CLI_ROOT "/AccountService/Accounts"

static json_t *row_of(const json_t *a)
{
	if (!*cli_text_at(a, "UserName"))
		return NULL; /* a reference: only administrators see others */
	return json_pack("{s:s, s:s, s:O?, s:O?, s:O?}", "account",
			 cli_text_at(a, "UserName"), "role", cli_text_at(a, "RoleId"),
			 "enabled", json_object_get(a, "Enabled"), "locked",
			 json_object_get(a, "Locked"), "must_change",
			 json_object_get(a, "PasswordChangeRequired"));
}

static int run_list(struct cli *c, int n, char **args)
{
	static const struct cli_column columns[] = {
		{ "ACCOUNT", "account", false },         { "ROLE", "role", false },
		{ "ENABLED", "enabled", false },         { "LOCKED", "locked", false },
		{ "MUST CHANGE", "must_change", false }, { .title = NULL },
	};

	(void)n, (void)args;
	return cli_show_members(c, ACCOUNTS "?$expand=.", row_of, columns);
}

/* Roles as Redfish has them, whatever case they are typed in. */
static const char *role_of(const char *word)
{
	static const char *const roles[] = { "Administrator", "Operator", "ReadOnly" };

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		if (strcasecmp(word, roles[i]) == 0)
			return roles[i];
	}
	return word; /* the agent may have more */
}

static int run_add(struct cli *c, int n, char **args)
{
	const char *role = cli_option(c, "role");
	char password[CLI_SECRET_MAX];
	struct cli_error err = { 0 };
	json_t *body = NULL;
	int code = cli_read_new_secret(c, password, &err);

	(void)n;
	if (!code)
		body = json_pack("{s:s, s:s, s:s, s:b, s:b}", "UserName", args[0],
				 "Password", password, "RoleId",
				 role_of(role ? role : "ReadOnly"), "Enabled",
				 !cli_option(c, "disabled"), "PasswordChangeRequired",
				 cli_option(c, "must-change") != NULL);
	if (!code && !body)
		code = cli_fail(&err, CLI_USAGE, "name or password is no UTF-8");
	struct cli_call call = { .method = "POST", .path = ACCOUNTS, .body = body };
	if (!code)
		code = cli_ask(cli_link(c), &call, NULL, &err);
	cli_wipe(body);
	bmc_wipe(password, sizeof(password));
	return cli_done(code, &err);
}

/* `body` is stolen; NULL with a PATCH: out of memory. */
static int send(struct cli *c, const char *method, const char *account, json_t *body)
{
	struct cli_error err = { 0 };
	char path[CLI_PATH_MAX];
	struct cli_call call = { .method = method, .path = path, .body = body };

	if (!cli_is_account(account)) {
		json_decref(body);
		return cli_usage(c, "%s is no name of an account", account);
	}
	(void)snprintf(path, sizeof(path), ACCOUNTS "/%s", account);
	int code = cli_ask(cli_link(c), &call, NULL, &err);
	json_decref(body);
	return cli_done(code, &err);
}

static int run_remove(struct cli *c, int n, char **args)
{
	(void)n;
	return send(c, "DELETE", args[0], NULL);
}

static int run_enable(struct cli *c, int n, char **args)
{
	(void)n;
	return send(c, "PATCH", args[0], json_pack("{s:b}", "Enabled", 1));
}

static int run_disable(struct cli *c, int n, char **args)
{
	(void)n;
	return send(c, "PATCH", args[0], json_pack("{s:b}", "Enabled", 0));
}

static int run_role(struct cli *c, int n, char **args)
{
	(void)n;
	return send(c, "PATCH", args[0],
		    json_pack("{s:s}", "RoleId", role_of(args[1])));
}

static int run_unlock(struct cli *c, int n, char **args)
{
	(void)n;
	return send(c, "PATCH", args[0], json_pack("{s:b}", "Locked", 0));
}

static int run(struct cli *c)
{
	static const struct cli_sub subs[] = {
		{ "list", "", 0, 0, run_list },
		{ "add", "<account>", 1, 1, run_add },
		{ "remove", "<account>", 1, 1, run_remove },
		{ "enable", "<account>", 1, 1, run_enable },
		{ "disable", "<account>", 1, 1, run_disable },
		{ "role", "<account> <role>", 2, 2, run_role },
		{ "unlock", "<account>", 1, 1, run_unlock },
		{ .name = NULL },
	};

	return cli_run_sub(c, subs, "list");
}

static const struct cli_option options[] = {
	{ "role", 'r', "ROLE", "of a new account: Administrator, Operator, ReadOnly" },
	{ "disabled", 0, NULL, "a new account may not log in yet" },
	{ "must-change", 0, NULL, "a new account has to change its password first" },
	{ "stdin", 0, NULL, "a new account's password is a line of stdin" },
	{ .name = NULL },
};

const struct cli_command cli_account = {
	.name = "account",
	.usage = "account [list]\n"
		 "account add <account> [--role <role>]\n"
		 "account remove|enable|disable|unlock <account>\n"
		 "account role <account> <role>",
	.summary = "Show and change who may log in.",
	.help = "A new account's password is asked for twice. bmc passwd changes it.\n"
		"\n"
		"Examples:\n"
		"  bmc account add rita --role operator --must-change\n"
		"  bmc account role rita administrator\n"
		"  bmc account disable rita\n",
	.options = options,
	.run = run,
};
