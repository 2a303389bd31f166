// SPDX-License-Identifier: Apache-2.0
// New passwords, asked for twice. Called by commands/passwd.c and commands/account.c.
#include "cli/commands/new-password.h"

#include <string.h>
#include <unistd.h>

#include "cli/login.h"
#include "core/base/util.h"

/* A byte at a time: what follows is the next secret. */
static int read_line(char ret[CLI_SECRET_MAX], struct cli_error *err)
{
	size_t n = 0;
	char byte = 0;
	ssize_t got = 0;

	while (n + 1 < CLI_SECRET_MAX && (got = read(STDIN_FILENO, &byte, 1)) == 1 &&
	       byte != '\n')
		ret[n++] = byte;
	ret[n] = 0;
	if (n && ret[n - 1] == '\r')
		ret[--n] = 0;
	if (n + 1 == CLI_SECRET_MAX)
		return cli_fail(err, CLI_USAGE, "a password of stdin is too long");
	return n ? CLI_OK
		 : cli_fail(err, CLI_USAGE, "stdin has no line with a password left");
}

int cli_read_secret(const struct cli *c, const char *prompt, char ret[CLI_SECRET_MAX],
		    struct cli_error *err)
{
	ret[0] = 0;
	return cli_option(c, "stdin")
		       ? read_line(ret, err)
		       : cli_ask_secret(prompt, ret, CLI_SECRET_MAX, err);
}

int cli_read_new_secret(const struct cli *c, char ret[CLI_SECRET_MAX],
			struct cli_error *err)
{
	char again[CLI_SECRET_MAX] = "";
	int code = cli_read_secret(c, "New password", ret, err);

	if (code || cli_option(c, "stdin"))
		return code;
	code = cli_ask_secret("The new password again", again, sizeof(again), err);
	if (!code && strcmp(ret, again) != 0)
		code = cli_fail(err, CLI_FAILED,
				"the two new passwords differ: nothing was changed");
	bmc_wipe(again, sizeof(again));
	return code;
}

int cli_set_password(struct cli *c, const char *account, const char *password,
		     struct cli_error *err)
{
	char path[CLI_PATH_MAX];
	json_t *body = json_pack("{s:s}", "Password", password);
	struct cli_call call = { .method = "PATCH", .path = path, .body = body };
	int code;

	(void)snprintf(path, sizeof(path), CLI_ROOT "/AccountService/Accounts/%s",
		       account);
	code = body ? cli_ask(cli_link(c), &call, NULL, err)
		    : cli_fail(err, CLI_USAGE, "the password is no UTF-8");
	cli_wipe(body);
	return code;
}

bool cli_is_account(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"0123456789_.-");

	return n && n < 64 && !name[n] && name[0] != '.';
}

void cli_wipe(json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		/* jansson gives no other way to the bytes that it holds */
		char *text = (char *)(uintptr_t)json_string_value(value);
		if (text)
			bmc_wipe(text, strlen(text));
	}
	json_decref(object);
}
