// SPDX-License-Identifier: Apache-2.0
/* Starts an adb server on this machine: "adb start-server" as a child without a shell,
 * with a limit of time. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "adb.h"

#define LIMIT_MS 15000
#define EVERY_MS 60000
#define LOOK_MS  50

static pid_t spawn(struct adb *a)
{
	char port[8],
		*words[] = { (char *)(uintptr_t)a->program, (char *)(uintptr_t) "-P",
			     port, (char *)(uintptr_t) "start-server", NULL };
	char home[220], path[] = "PATH=/usr/bin:/bin", *env[] = { path, home, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	pid_t pid = -1;

	(void)snprintf(port, sizeof(port), "%u", a->port);
	(void)snprintf(home, sizeof(home), "HOME=%s", a->home);
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	if (posix_spawn_file_actions_init(&files) != 0)
		return -1;
	if (posix_spawnattr_init(&attr) != 0) {
		(void)posix_spawn_file_actions_destroy(&files);
		return -1;
	}
	for (int fd = 0; fd < 3; fd++)
		(void)posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR,
						       0);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETSID);
	if (posix_spawn(&pid, a->program, &files, &attr, words, env) != 0)
		pid = -1;
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	return pid;
}

/* Whether it has ended; the daemon's main thread may have taken its status first. */
static bool ended(pid_t pid)
{
	pid_t is = waitpid(pid, NULL, WNOHANG);

	return is == pid || (is < 0 && errno == ECHILD);
}

void adb_start_server(struct adb *a)
{
	int64_t now = a->ops->now(), until = now + LIMIT_MS;
	int is = BMC_OK;
	pid_t pid;

	if (a->started_at && now < a->started_at + EVERY_MS)
		return;
	a->started_at = now;
	if (access(a->home, W_OK | X_OK) != 0) {
		a->ops->log(
			a->host, LOG_WARNING,
			"no adb server is started: it could not write its key below "
			"%s: set `home` to a folder of the daemon's user",
			a->home);
		return;
	}
	pid = spawn(a);
	if (pid < 0) {
		a->ops->log(a->host, LOG_WARNING, "%s can't be started: install it",
			    a->program);
		return;
	}
	while (!ended(pid)) {
		if (is < 0 || a->ops->now() >= until) {
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, NULL, 0);
			a->ops->log(a->host, LOG_WARNING,
				    "the adb server did not start in %d s",
				    LIMIT_MS / 1000);
			return;
		}
		is = a->ops->wait(a->host, -1, 0, LOOK_MS);
	}
}
