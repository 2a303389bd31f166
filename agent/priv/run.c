// SPDX-License-Identifier: Apache-2.0
// Runs the few system tools that the helper needs (account tools, systemctl,
// timedatectl).
#include "priv/run.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

static int spawn(const char *const argv[], pid_t *ret)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		    locale[] = "LC_ALL=C";
	static char *const environment[] = { path, locale, NULL };
	posix_spawn_file_actions_t files;

	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
	(void)posix_spawn_file_actions_adddup2(&files, 0, 1);
	(void)posix_spawn_file_actions_adddup2(&files, 0, 2);
	int e = posix_spawn(ret, argv[0], &files, NULL, (char *const *)(uintptr_t)argv,
			    environment);
	(void)posix_spawn_file_actions_destroy(&files);
	return e;
}

int priv_run(const char *const argv[], struct bmc_error *err)
{
	pid_t pid;
	int status;
	int e = spawn(argv, &pid);

	if (e != 0)
		return bmc_fail(err, bmc_from_errno(e), "%s: %s", argv[0], strerror(e));
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return bmc_fail(err, BMC_EIO, "%s: %s", argv[0],
					strerror(errno));
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return bmc_fail(err, BMC_EIO, "%s failed (%d)", argv[0],
				WIFEXITED(status) ? WEXITSTATUS(status)
						  : -WTERMSIG(status));
	return 0;
}
