// SPDX-License-Identifier: Apache-2.0
// Listens for the daemon and starts a process for each shell.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../shell-proto.h"
#include "login.h"

#define LEAVE_MS 2000 /* for shells to end when the service does */

struct server {
	const struct login_conf *conf;
	int listener, signals;
	pid_t shells[LOGIN_MAX]; /* 0: free */
	bool ended;
};

void login_log(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fputs("clusterbmc-shell: ", stderr);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
}

/* ---- who asks ---- */

static bool is_trusted(const struct server *s, int fd)
{
	struct ucred who = { 0 };
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return false;
	if (who.uid == 0 || who.uid == geteuid() || who.uid == s->conf->peer)
		return true;
	login_log("uid %u may not open a shell here", (unsigned)who.uid);
	return false;
}

static void refuse(int fd, int code, const char *why)
{
	struct host_shell_reply rp = { .version = HOST_SHELL_VERSION, .code = code };

	(void)snprintf(rp.what, sizeof(rp.what), "%s", why);
	(void)send(fd, &rp, sizeof(rp), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* ---- shells ---- */

static pid_t *free_place(struct server *s)
{
	for (size_t i = 0; i < LOGIN_MAX; i++) {
		if (!s->shells[i])
			return &s->shells[i];
	}
	return NULL;
}

_Noreturn static void run_child(const struct server *s, int fd)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)close(s->listener);
	(void)close(s->signals);
	login_session(s->conf->account, fd);
	_exit(0);
}

static void start_shell(struct server *s, int fd)
{
	pid_t *place = free_place(s);

	if (!place) {
		refuse(fd, BMC_ENOSPC, "too many shells of main are open: close one");
		return;
	}
	pid_t pid = fork();
	if (pid == 0)
		run_child(s, fd);
	if (pid < 0)
		refuse(fd, BMC_EAGAIN, "no process for a shell: try again");
	*place = pid > 0 ? pid : 0;
}

static void take_peer(struct server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (is_trusted(s, fd))
		start_shell(s, fd);
	(void)close(fd);
}

/* A shell's process that was killed leaves what it had started to us. */
static void reap(struct server *s)
{
	for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;) {
		for (size_t i = 0; i < LOGIN_MAX; i++)
			s->shells[i] = s->shells[i] == pid ? 0 : s->shells[i];
	}
}

static bool is_shell(const struct server *s, pid_t pid)
{
	for (size_t i = 0; i < LOGIN_MAX; i++) {
		if (s->shells[i] == pid)
			return true;
	}
	return false;
}

static void kill_orphans(const struct server *s)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int pid;

	while (f && fscanf(f, "%d", &pid) == 1) {
		if (!is_shell(s, pid))
			(void)kill(pid, SIGKILL);
	}
	if (f)
		(void)fclose(f);
}

static void end_shells(struct server *s)
{
	int status;

	for (size_t i = 0; i < LOGIN_MAX; i++) {
		if (s->shells[i])
			(void)kill(s->shells[i], SIGTERM);
	}
	(void)login_end_children(-1, &status, LEAVE_MS);
}

/* ---- the service ---- */

static bool is_served(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool is = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0;

	if (fd >= 0)
		(void)close(fd);
	return is;
}

/* All may connect; who it is is asked of the kernel. */
static int open_listener(const char *path, struct bmc_error *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if (snprintf(at.sun_path, sizeof(at.sun_path), "%s", path) >=
	    (int)sizeof(at.sun_path))
		return bmc_fail(err, BMC_ERANGE, "%.40s...: this path is too long",
				path);
	if (is_served(&at))
		return bmc_fail(err, BMC_EEXIST, "%s: another process serves there",
				path);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)unlink(path);
	mode_t before = umask(0111);
	bool ok = fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
		  listen(fd, (int)LOGIN_MAX) == 0;
	int e = errno;
	(void)umask(before);
	if (ok)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return bmc_fail(err, BMC_EIO, "%s: %s", path, strerror(e));
}

static int open_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void take_signal(struct server *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		s->ended = s->ended || info.ssi_signo != SIGCHLD;
	reap(s);
	kill_orphans(s);
}

static void step(struct server *s)
{
	struct pollfd p[2] = { { .fd = s->signals, .events = POLLIN },
			       { .fd = s->listener, .events = POLLIN } };

	if (poll(p, 2, -1) < 0)
		return;
	if (p[0].revents)
		take_signal(s);
	if (p[1].revents && !s->ended)
		take_peer(s);
}

int login_serve(const struct login_conf *conf, struct bmc_error *err)
{
	struct server s = { .conf = conf };

	s.listener = open_listener(conf->socket, err);
	if (s.listener < 0)
		return s.listener;
	s.signals = open_signals();
	if (s.signals < 0)
		return bmc_fail(err, BMC_EIO, "signalfd: %s", strerror(errno));
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	login_log("shells of %s at %s", conf->account->name, conf->socket);
	while (!s.ended)
		step(&s);
	(void)unlink(conf->socket);
	(void)close(s.listener);
	end_shells(&s);
	(void)close(s.signals);
	return 0;
}
