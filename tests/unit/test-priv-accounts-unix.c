// SPDX-License-Identifier: Apache-2.0
// The `unix` backend with the real pam_unix and the system's account tools, on a copy
// of /etc that only this process and its children see.
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "priv-accounts-suite.h"

static const char *own_etc(char *dir)
{
	const char *source = getenv("top_srcdir");
	char command[1000];

	if (geteuid() != 0)
		return "not root";
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "no mount namespaces here";
	if (access("/usr/sbin/useradd", X_OK) < 0)
		return "useradd is missing: apt install passwd";
	if (!mkdtemp(dir))
		return "mkdtemp failed";
	(void)snprintf(command, sizeof(command),
		       "cp -a /etc/. %s && rm -f %s/.pwd.lock && cp "
		       "'%s'/conf/pam/clusterbmc %s/pam.d/",
		       dir, dir, source ? source : ".", dir);
	if (system(command) != 0 || mount(dir, "/etc", NULL, MS_BIND, NULL) < 0)
		return "/etc can't be copied";
	return NULL;
}

int main(void)
{
	char dir[] = "/tmp/priv-etc.XXXXXX", command[64];
	const char *why = own_etc(dir);
	int r = 0;

	if (why)
		(void)printf("1..0 # SKIP %s\n", why);
	else
		r = priv_accounts_suite(true);
	(void)umount2("/etc", MNT_DETACH);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? r : 1;
}
