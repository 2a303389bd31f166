// SPDX-License-Identifier: Apache-2.0
// Other programs: never through a shell, so that no name of a board is a command.
// Called by forall and bmc_adb.
#include "cli/run.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int cli_become(char *const *words, struct cli_error *err)
{
	const char *file = strcmp(words[0], "bmc") == 0 ? "/proc/self/exe" : words[0];

	(void)signal(SIGPIPE, SIG_DFL);
	(void)execvp(file, words);
	int e = errno;
	(void)signal(SIGPIPE, SIG_IGN);
	cli_fail(err, CLI_FAILED, "%s: %s", words[0], strerror(e));
	return e == ENOENT ? cli_next(err, "Is it installed, and in PATH?") : err->code;
}

int cli_status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t cli_start(char *const *words, const int outputs[2])
{
	struct cli_error err;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (dup2(outputs[0], STDOUT_FILENO) >= 0 &&
	    dup2(outputs[1], STDERR_FILENO) >= 0) {
		(void)cli_become(words, &err);
		(void)cli_report(NULL, &err);
	}
	_exit(127);
}

int cli_run(char *const *words, struct cli_error *err)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)cli_become(words, err);
		(void)cli_report(NULL, err);
		_exit(127);
	}
	if (pid < 0) {
		cli_fail(err, CLI_FAILED, "%s: %s", words[0], strerror(errno));
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return cli_status_of(status);
}
