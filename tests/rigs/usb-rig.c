// SPDX-License-Identifier: Apache-2.0
/* Runs any program in an emulated USB world (usb-world.h):
 *
 *   umockdev-wrapper usb-rig [--world FILE] [--control SOCKET] --exec PROGRAM [ARG ...]
 *
 * FILE has lines that build the world. SOCKET (a Unix stream) takes one line per
 * connection and answers "ok" or "error N", then what the line gives. The rig ends with
 * the program, with its status, and passes SIGTERM and SIGINT on to it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "usb-world.h"

#define LINE_MAX_ 17000

static pid_t child;

static void pass_on(int number)
{
	if (child > 0)
		(void)kill(child, number);
}

static int build(struct usb_world *w, const char *file)
{
	static char line[LINE_MAX_];
	FILE *f = fopen(file, "re");
	int code = f ? 0 : -errno;

	if (!f)
		perror(file);
	while (f && code == 0 && fgets(line, sizeof(line), f)) {
		if (*line != '#' && *line != '\n')
			code = usb_world_run(w, line, NULL, 0);
		if (code < 0)
			(void)fprintf(stderr, "usb-rig: %s: %s", strerror(-code), line);
	}
	if (f)
		(void)fclose(f);
	return code;
}

static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	(void)unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(fd, 8) < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

static void serve_one(struct usb_world *w, int fd)
{
	static char line[LINE_MAX_], answer[65536];
	FILE *f = fdopen(fd, "r+e");
	int code;

	if (!f) {
		(void)close(fd);
		return;
	}
	if (fgets(line, sizeof(line), f)) {
		code = usb_world_run(w, line, answer, sizeof(answer));
		if (code < 0)
			(void)fprintf(f, "error %d\n", -code);
		else
			(void)fprintf(f, "ok\n%s", answer);
	}
	(void)fclose(f);
}

static int serve(struct usb_world *w, int fd)
{
	int status = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (poll(&p, 1, 100) > 0) {
			int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

			if (client >= 0)
				serve_one(w, client);
		}
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
	}
}

static void start(char **argv)
{
	child = fork();
	if (child < 0) {
		perror("fork");
		exit(1);
	}
	if (child == 0) {
		(void)execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	(void)signal(SIGTERM, pass_on);
	(void)signal(SIGINT, pass_on);
}

int main(int argc, char **argv)
{
	const char *control = NULL, *world = NULL;
	struct usb_world *w;
	int fd = -1, i, status;

	for (i = 1; i + 1 < argc && strcmp(argv[i], "--exec") != 0; i += 2) {
		if (strcmp(argv[i], "--control") == 0)
			control = argv[i + 1];
		else if (strcmp(argv[i], "--world") == 0)
			world = argv[i + 1];
	}
	if (i + 1 >= argc) {
		(void)fprintf(stderr,
			      "usage: usb-rig [--world FILE] [--control SOCKET] "
			      "--exec PROGRAM [ARG ...]\n");
		return 2;
	}
	w = usb_world_new();
	if (!w) {
		(void)fprintf(stderr, "usb-rig: start it by umockdev-wrapper\n");
		return 2;
	}
	if (world && build(w, world) < 0)
		return 1;
	if (control)
		fd = listen_at(control);
	start(argv + i + 1);
	status = serve(w, fd);
	usb_world_free(w);
	return status;
}
