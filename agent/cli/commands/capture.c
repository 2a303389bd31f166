// SPDX-License-Identifier: Apache-2.0
// The output of the system's tools, for doctor and support-bundle.
#include "cli/commands/capture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/util.h"

#define DEADLINE_MS 10000
#define MISSING     127

static void become(const char *const *words, int out)
{
	int null = open("/dev/null", O_RDONLY);

	(void)dup2(null, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);
	(void)signal(SIGPIPE, SIG_DFL);
	/* execvp takes it as const in all but name */
	(void)execvp(words[0], (char *const *)(uintptr_t)words);
	_exit(MISSING);
}

/* Keeps the newest `max` bytes. */
static void add(char *to, size_t *len, size_t max, const char *bytes, size_t n)
{
	size_t drop = *len + n > max ? *len + n - max : 0;

	if (n >= max) {
		bytes += n - max;
		n = max;
		drop = *len;
	}
	if (drop) {
		memmove(to, to + drop, *len - drop);
		*len -= drop;
	}
	memcpy(to + *len, bytes, n);
	*len += n;
	to[*len] = 0;
}

/* False: not within the deadline. */
static bool gather(int fd, char *to, size_t max)
{
	int64_t until = bmc_now() + DEADLINE_MS;
	char bytes[4096];
	size_t len = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = until - bmc_now();
		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return false;
		ssize_t n = read(fd, bytes, sizeof(bytes));
		if (n <= 0)
			return true;
		add(to, &len, max, bytes, (size_t)n);
	}
}

int cli_capture(const char *const *words, size_t max, char **ret)
{
	int fd[2], status = 0;

	*ret = calloc(1, max + 1);
	if (!*ret || pipe2(fd, O_CLOEXEC) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		become(words, fd[1]);
	(void)close(fd[1]);
	bool whole = pid > 0 && gather(fd[0], *ret, max);
	(void)close(fd[0]);
	if (pid > 0 && !whole)
		(void)kill(pid, SIGKILL);
	if (pid > 0)
		(void)waitpid(pid, &status, 0);
	if (!whole || !WIFEXITED(status) || WEXITSTATUS(status) == MISSING)
		return -1;
	return WEXITSTATUS(status);
}
