// SPDX-License-Identifier: Apache-2.0
// One shell: its terminal, its process, its end. The daemon gets the terminal's master
// and this process keeps none of it, so that the kernel hangs the terminal up when the
// daemon is gone.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../shell-proto.h"
#include "login.h"

#define REQUEST_MS 5000 /* for the request to come */
#define ASK_MS     1000 /* between the hangup and the kill */
#define SIDE_MAX   1000 /* columns, rows */

struct session {
	const struct login_account *account;
	int conn, ours,
		theirs; /* the terminal's master and its other end; -1: closed */
	pid_t pid;
	struct host_shell_request rq;
};

/* ---- in the shell's process ---- */

static void set_environment(const struct session *s)
{
	const struct login_account *a = s->account;
	const char *lang = getenv("LANG");
	char *kept = strdup(lang ? lang : "C.UTF-8");

	(void)clearenv();
	(void)setenv("HOME", a->home, 1);
	(void)setenv("USER", a->name, 1);
	(void)setenv("LOGNAME", a->name, 1);
	(void)setenv("SHELL", a->shell, 1);
	(void)setenv("PATH",
		     geteuid() == 0
			     ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
			       "/sbin:/bin"
			     : "/usr/local/bin:/usr/bin:/bin",
		     1);
	if (kept)
		(void)setenv("LANG", kept, 1);
	if (s->rq.columns)
		(void)setenv("TERM", "xterm-256color", 1);
	free(kept);
}

/* As they are after a login, whatever the service manager and this program have set. */
static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool take_terminal(const struct session *s)
{
	bool ok = setsid() >= 0;

	if (s->rq.columns)
		ok = ok && ioctl(s->theirs, TIOCSCTTY, 0) == 0;
	for (int fd = 0; fd <= 2; fd++)
		ok = ok && dup2(s->theirs, fd) == fd;
	if (ok)
		closefrom(3);
	return ok;
}

_Noreturn static void run_shell(struct session *s)
{
	const char *base = strrchr(s->account->shell, '/') + 1;
	char login[80], option[] = "-c", *command = s->rq.command;
	char *words[] = { login, option, command, NULL };

	(void)snprintf(login, sizeof(login), "%s%.70s", *command ? "" : "-", base);
	if (!*command)
		words[1] = NULL;
	if (!take_terminal(s))
		_exit(126);
	set_environment(s);
	reset_signals();
	(void)umask(022);
	if (chdir(s->account->home) < 0 && chdir("/") < 0)
		_exit(126);
	(void)execv(s->account->shell, words);
	(void)dprintf(2, "%s: %s\n", s->account->shell, strerror(errno));
	_exit(127);
}

/* ---- its beginning ---- */

static int open_terminal(struct session *s)
{
	const struct winsize size = { .ws_col = s->rq.columns, .ws_row = s->rq.rows };
	char name[64];

	s->ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s->ours < 0 || grantpt(s->ours) < 0 || unlockpt(s->ours) < 0 ||
	    ptsname_r(s->ours, name, sizeof(name)) != 0)
		return -1;
	s->theirs = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return s->theirs < 0 ? -1 : ioctl(s->ours, TIOCSWINSZ, &size);
}

static int open_socket(struct session *s)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	s->ours = ends[0];
	s->theirs = ends[1];
	return 0;
}

static int start(struct session *s, struct bmc_error *err)
{
	if ((s->rq.columns ? open_terminal(s) : open_socket(s)) < 0)
		return bmc_fail(err, BMC_EIO, "no terminal: %s", strerror(errno));
	s->pid = fork();
	if (s->pid == 0)
		run_shell(s);
	if (s->pid < 0)
		return bmc_fail(err, BMC_EAGAIN, "no process for a shell: %s",
				strerror(errno));
	(void)close(s->theirs);
	s->theirs = -1;
	return 0;
}

static int check(const struct host_shell_request *rq, ssize_t len,
		 struct bmc_error *err)
{
	if (len < (ssize_t)sizeof(rq->version) || rq->version != HOST_SHELL_VERSION)
		return bmc_fail(err, BMC_ENOTSUP,
				"clusterbmc-shell and clusterbmcd are of different "
				"versions: restart the older of the two");
	if (len != (ssize_t)sizeof(*rq) ||
	    !memchr(rq->command, 0, sizeof(rq->command)) || !rq->columns != !rq->rows ||
	    rq->columns > SIDE_MAX || rq->rows > SIDE_MAX)
		return bmc_fail(err, BMC_EINVAL, "this request is not understood");
	return 0;
}

/* 0, with the request, or an error; BMC_ECANCELED: there is none. */
static int take_request(struct session *s, struct bmc_error *err)
{
	struct pollfd p = { .fd = s->conn, .events = POLLIN };

	if (poll(&p, 1, REQUEST_MS) <= 0)
		return BMC_ECANCELED;
	ssize_t n = recv(s->conn, &s->rq, sizeof(s->rq), MSG_DONTWAIT | MSG_TRUNC);
	return n <= 0 ? BMC_ECANCELED : check(&s->rq, n, err);
}

/* ---- what the daemon is told ---- */

static void answer(const struct session *s, int code, const struct bmc_error *err,
		   int pass)
{
	union {
		struct cmsghdr header; /* for its alignment */
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct host_shell_reply rp = { .version = HOST_SHELL_VERSION, .code = code };
	struct iovec data = { &rp, sizeof(rp) };
	struct msghdr m = { .msg_iov = &data, .msg_iovlen = 1 };

	if (err)
		(void)snprintf(rp.what, sizeof(rp.what), "%s", err->what);
	if (pass >= 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass, sizeof(int));
	}
	(void)sendmsg(s->conn, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- its end ---- */

/* Until the shell ends (true, with how) or has to: the connection or the service has
 * ended. The daemon says nothing more than its request. */
static bool wait_for_end(const struct session *s, int signals, int *status)
{
	struct pollfd p[2] = { { .fd = s->conn, .events = POLLIN },
			       { .fd = signals, .events = POLLIN } };
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return false;
		/* children first: what is left to us of the shell's is reaped here, too
		 */
		for (pid_t pid; (pid = waitpid(-1, status, WNOHANG)) > 0;) {
			if (pid == s->pid)
				return true;
		}
		if (p[0].revents)
			return false;
		if (p[1].revents &&
		    read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info) &&
		    info.ssi_signo != SIGCHLD)
			return false;
	}
}

static void run(struct session *s, int signals)
{
	int status = 0;

	answer(s, 0, NULL, s->ours);
	(void)close(s->ours);
	s->ours = -1;
	bool ended = wait_for_end(s, signals, &status);
	if (!ended)
		(void)kill(-s->pid, SIGHUP);
	if (!login_end_children(ended ? -1 : s->pid, &status, ended ? 0 : ASK_MS))
		login_log("processes of other users stay when the shell ends");
	answer(s, exit_code(status), NULL, -1);
}

static int watch_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGCHLD, SIG_DFL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void close_one(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

void login_session(const struct login_account *a, int conn)
{
	struct session s = { .account = a, .conn = conn, .ours = -1, .theirs = -1 };
	struct bmc_error err = { 0 };
	int signals = watch_signals(), r;

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	r = signals < 0 ? bmc_fail(&err, BMC_EIO, "signalfd: %s", strerror(errno))
			: take_request(&s, &err);
	if (r == 0)
		r = start(&s, &err);
	if (r == 0)
		run(&s, signals);
	else if (r != BMC_ECANCELED)
		answer(&s, r, &err, -1);
	close_one(s.ours);
	close_one(s.theirs);
	close_one(signals);
}
