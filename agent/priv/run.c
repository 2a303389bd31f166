// SPDX-License-Identifier: Apache-2.0
// Runs the few system tools that the helper needs (account tools, systemctl,
// timedatectl).
#include "priv/run.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/util.h"

/* `input`, `output`: -1 for none. */
static int spawn(const char *const argv[], int input, int output, pid_t *ret)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		    locale[] = "LC_ALL=C";
	static char *const environment[] = { path, locale, NULL };
	posix_spawn_file_actions_t files;

	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
	(void)posix_spawn_file_actions_adddup2(&files, 0, 1);
	(void)posix_spawn_file_actions_adddup2(&files, 0, 2);
	if (output >= 0)
		(void)posix_spawn_file_actions_adddup2(&files, output, 1);
	if (input >= 0)
		(void)posix_spawn_file_actions_adddup2(&files, input, 0);
	int e = posix_spawn(ret, argv[0], &files, NULL, (char *const *)(uintptr_t)argv,
			    environment);
	(void)posix_spawn_file_actions_destroy(&files);
	return e;
}

static int run(const char *const argv[], int input, struct bmc_error *err)
{
	pid_t pid;
	int status;
	int e = spawn(argv, input, -1, &pid);

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

int priv_run(const char *const argv[], struct bmc_error *err)
{
	return run(argv, -1, err);
}

/* Up to its end; BMC_ERANGE when `size` is not enough. */
static int read_all(int fd, char *buf, size_t size, size_t *ret_len)
{
	ssize_t n;

	*ret_len = 0;
	while ((n = read(fd, buf + *ret_len, size - *ret_len)) != 0) {
		if (n < 0 && errno != EINTR)
			return BMC_EIO;
		*ret_len += n > 0 ? (size_t)n : 0;
		if (*ret_len == size)
			return BMC_ERANGE;
	}
	return 0;
}

int priv_run_output(const char *const argv[], char *buf, size_t size, size_t *ret_len,
		    struct bmc_error *err)
{
	int ends[2], r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return bmc_fail(err, bmc_from_errno(errno), "pipe: %s",
				strerror(errno));
	auto_fd int output = ends[0];
	int e = spawn(argv, -1, ends[1], &pid);
	(void)close(ends[1]);
	if (e != 0)
		return bmc_fail(err, bmc_from_errno(e), "%s: %s", argv[0], strerror(e));
	r = read_all(output, buf, size, ret_len);
	if (r < 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r == 0 ? 0 : bmc_fail(err, r, "%s: too much output, or none", argv[0]);
}

int priv_run_input(const char *const argv[], const char *text, struct bmc_error *err)
{
	int ends[2];
	size_t len = strlen(text);

	if (pipe2(ends, O_CLOEXEC) < 0)
		return bmc_fail(err, bmc_from_errno(errno), "pipe: %s",
				strerror(errno));
	auto_fd int input = ends[0];
	/* it fits the pipe, so this waits for no reader */
	bool sent = write(ends[1], text, len) == (ssize_t)len;
	(void)close(ends[1]);
	return sent ? run(argv, input, err)
		    : bmc_fail(err, BMC_EIO, "%s: no input", argv[0]);
}
