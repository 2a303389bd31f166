// SPDX-License-Identifier: Apache-2.0
// Whose shells these are: the account that this process runs as, when that is the one
// that its command line names.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "login.h"

/* None but this one: a program with two users is no account's own. */
static bool runs_as(uid_t uid)
{
	uid_t real, effective, saved;

	return getresuid(&real, &effective, &saved) == 0 && real == uid &&
	       effective == uid && saved == uid;
}

/* One path a line; comments begin with #. */
static bool is_listed(const char *shells, const char *shell)
{
	char *line = NULL;
	size_t size = 0;
	bool found = false;
	FILE *f = fopen(shells, "re");

	while (f && !found && getline(&line, &size, f) > 0) {
		line[strcspn(line, " \t\r\n#")] = '\0';
		found = line[0] == '/' && strcmp(line, shell) == 0;
	}
	free(line);
	if (f)
		(void)fclose(f);
	return found;
}

static int check(const struct passwd *pw, const char *name, const char *shells,
		 struct bmc_error *err)
{
	if (!runs_as(pw->pw_uid))
		return bmc_fail(err, BMC_EPERM,
				"this process does not run as %.32s: start it as "
				"that account (User= of its unit)",
				name);
	if (!is_listed(shells, pw->pw_shell))
		return bmc_fail(err, BMC_ENOTSUP,
				"%.32s: its shell %.60s is not in %.40s: no login "
				"shell",
				name, pw->pw_shell, shells);
	return 0;
}

int login_account_find(const char *name, const char *shells, struct login_account *ret,
		       struct bmc_error *err)
{
	const struct passwd *pw;
	int r;

	*ret = (struct login_account){ 0 };
	pw = getpwnam(name);
	if (!pw)
		return bmc_fail(err, BMC_ENOTFOUND, "%.32s: no such account", name);
	r = check(pw, name, shells, err);
	if (r < 0)
		return r;
	ret->name = strdup(pw->pw_name);
	ret->home = strdup(pw->pw_dir);
	ret->shell = strdup(pw->pw_shell);
	if (ret->name && ret->home && ret->shell)
		return 0;
	login_account_done(ret);
	return bmc_fail(err, BMC_ENOMEM, "out of memory");
}

void login_account_done(struct login_account *a)
{
	free(a->name);
	free(a->home);
	free(a->shell);
	*a = (struct login_account){ 0 };
}
