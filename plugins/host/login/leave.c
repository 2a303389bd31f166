// SPDX-License-Identifier: Apache-2.0
// The end of what was started in a shell: its process group, jobs in groups of their
// own, and what has left both. Orphans become children of a subreaper, so that they
// are found there until there are none.
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "login.h"

#define STEP_MS 10
#define END_MS  3000

static void signal_children(int number)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int pid;

	while (f && fscanf(f, "%d", &pid) == 1) {
		(void)kill(pid, number);
		(void)kill(pid, SIGCONT);
	}
	if (f)
		(void)fclose(f);
}

/* False: there are no children any more. */
static bool reap(pid_t pid, int *status)
{
	int how;
	pid_t found;

	while ((found = waitpid(-1, &how, WNOHANG)) > 0) {
		if (found == pid)
			*status = how;
	}
	return found == 0;
}

bool login_end_children(pid_t pid, int *status, int ask_ms)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000 };

	if (!reap(pid, status))
		return true;
	signal_children(SIGHUP);
	for (int ms = 0; ms < END_MS; ms += STEP_MS) {
		(void)nanosleep(&step, NULL);
		if (!reap(pid, status))
			return true;
		if (ms >= ask_ms)
			signal_children(SIGKILL);
	}
	return false;
}
