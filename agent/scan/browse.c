// SPDX-License-Identifier: Apache-2.0
// DNS-SD by way of avahi-browse, see browse.h.
#include "scan/browse.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scan/root.h"

#define SERVICE   "_redfish._tcp" /* what Redfish services are announced as */
#define BYTES_MAX (1u << 20)      /* of its output that are read            */

extern char **environ;

struct scan_browser {
	pid_t pid;
	int fd;
	char line[1024];
	size_t len, total;
};

static int spawn(pid_t *pid, int out)
{
	static const char *const words[] = { "avahi-browse", "--parsable", "--resolve",
					     "--terminate",  SERVICE,      NULL };
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r)
		return r;
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, out, 1);
	r = posix_spawnp(pid, words[0], &actions, NULL, (char **)(uintptr_t)words,
			 environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return r;
}

struct scan_browser *scan_browser_new(void)
{
	struct scan_browser *b = calloc(1, sizeof(*b));
	int ends[2], r;

	if (!b || pipe2(ends, O_CLOEXEC) < 0) {
		free(b);
		return NULL;
	}
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	b->fd = ends[0];
	r = spawn(&b->pid, ends[1]);
	(void)close(ends[1]);
	if (r) {
		(void)close(b->fd);
		free(b);
		return NULL;
	}
	return b;
}

int scan_browser_fd(const struct scan_browser *b)
{
	return b ? b->fd : -1;
}

static void end(struct scan_browser *b)
{
	if (b->fd < 0)
		return;
	(void)close(b->fd);
	b->fd = -1;
	(void)kill(b->pid, SIGKILL);
	(void)waitpid(b->pid, NULL, 0);
}

/* A line that is too long is cut, so that it is none of the right form. */
static void take(struct scan_browser *b, char c,
		 void (*found)(void *arg, const struct scan_endpoint *e), void *arg)
{
	struct scan_endpoint e;

	if (c != '\n') {
		if (b->len < sizeof(b->line) - 1)
			b->line[b->len++] = c;
		return;
	}
	b->line[b->len] = '\0';
	b->len = 0;
	if (scan_browse_read(b->line, &e))
		found(arg, &e);
}

void scan_browser_read(struct scan_browser *b,
		       void (*found)(void *arg, const struct scan_endpoint *e),
		       void *arg)
{
	char data[4096];
	ssize_t n;

	if (!b || b->fd < 0)
		return;
	while ((n = read(b->fd, data, sizeof(data))) > 0) {
		b->total += (size_t)n;
		for (ssize_t i = 0; i < n; i++)
			take(b, data[i], found, arg);
		if (b->total > BYTES_MAX)
			break;
	}
	if (n >= 0 || (errno != EAGAIN && errno != EINTR))
		end(b);
}

void scan_browser_free(struct scan_browser *b)
{
	if (b)
		end(b);
	free(b);
}
