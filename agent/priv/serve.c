// SPDX-License-Identifier: Apache-2.0
// The helper's loop: one peer's packets, the ends of pulses, the answers of children.
// Called by main.c. When the peer goes, pulses under way still end in time and levels
// stay.
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/helper.h"
#include "priv/pass-fd.h"
#include "priv/workers.h"

struct server {
	struct priv_helper helper;
	struct priv_workers *workers;
	int listener, peer, signals; /* -1: none */
	bool once, ended;
	bool edges_lost; /* the peer has yet to be told */
};

static void hang_up(struct server *s)
{
	if (s->peer < 0)
		return;
	(void)close(s->peer);
	s->peer = -1;
	s->helper.handshaken = false;
	s->edges_lost = false;
	priv_pwms_release(s->helper.pwms);
	priv_lines_disown(s->helper.lines);
	priv_workers_drop(s->workers);
	s->ended = s->ended || s->once;
}

static void answer(void *arg, const struct priv_reply *rp, size_t size, int pass)
{
	struct server *s = arg;

	if (s->peer < 0)
		return;
	if (priv_send(s->peer, rp, size, pass) < 0) {
		log_limited(LOG_WARNING, "clusterbmcd does not take its answers: %s",
			    strerror(errno));
		hang_up(s);
	}
}

static void refuse(struct server *s, uint64_t id, const struct bmc_error *err)
{
	const struct priv_reply rp = { .id = id, .err = *err };

	answer(s, &rp, PRIV_REPLY_EMPTY, -1);
}

static void pulse_ended(void *arg, uint64_t request, const struct bmc_error *err)
{
	if (request)
		refuse(arg, request, err);
}

/* A peer that takes no notices now is told later that some are lost: it reads the lines
 * again then. It must not hold up the helper, nor lose its answers. */
static void notify(struct server *s, const struct priv_notice *notice)
{
	const struct priv_reply rp = { .id = PRIV_NOTICE, .u.notice = *notice };

	if (s->peer < 0 || !s->helper.handshaken || !s->helper.same_platform)
		return;
	bool lost = priv_send(s->peer, &rp, PRIV_REPLY_SIZE(notice), -1) < 0;
	if (lost && !s->edges_lost)
		log_limited(LOG_WARNING,
			    "clusterbmcd does not take its edges: it has to read the "
			    "lines again");
	s->edges_lost = lost;
}

static void take_edge(void *arg, const struct priv_edge *edge)
{
	struct server *s = arg;

	if (!s->edges_lost)
		notify(s, &(struct priv_notice){ PRIV_EDGE, *edge });
}

static void run_here(struct server *s, const struct priv_op *op,
		     const struct priv_request *rq)
{
	struct priv_reply rp = { .id = rq->id };
	int r = op->run(&s->helper, rq, &rp);

	if (r == PRIV_LATER)
		return;
	rp.err.code = r;
	answer(s, &rp, op->reply_size, -1);
}

static void take_packet(struct server *s)
{
	struct priv_request rq = { 0 };
	struct bmc_error err = { 0 };
	ssize_t n = recv(s->peer, &rq, sizeof(rq), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		hang_up(s);
		return;
	}
	const struct priv_op *op = priv_admit(&s->helper, &rq, (size_t)n, &err);
	if (!op)
		refuse(s, rq.id, &err);
	else if (op->class == PRIV_HERE)
		run_here(s, op, &rq);
	else if (priv_workers_submit(s->workers, op, &rq, &err) < 0)
		refuse(s, rq.id, &err);
	bmc_wipe(&rq, sizeof(rq));
}

static bool trusted(const struct server *s, int fd)
{
	struct ucred who = { 0 };
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return false;
	if (who.uid == 0 || who.uid == geteuid() || who.uid == s->helper.settings->uid)
		return true;
	log_limited(LOG_WARNING, "uid %u may not use the helper", (unsigned)who.uid);
	return false;
}

static void take_peer(struct server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (!trusted(s, fd)) {
		(void)close(fd);
		return;
	}
	s->peer = fd;
}

static int listen_at(const struct priv_settings *settings, int *ret,
		     struct bmc_error *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char folder[PATH_MAX];

	(void)bmc_copy(at.sun_path, sizeof(at.sun_path), settings->socket);
	/* there, another file could take the socket's place before it changes hands */
	(void)bmc_copy(folder, sizeof(folder), settings->socket);
	int guarded = priv_settings_guarded(settings, dirname(folder), err);
	if (guarded < 0)
		return guarded;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return bmc_fail(err, bmc_from_errno(errno), "socket: %s",
				strerror(errno));
	(void)unlink(at.sun_path);
	mode_t before = umask(0177);
	int r = bind(fd, (const struct sockaddr *)&at, sizeof(at));
	(void)umask(before);
	if (r == 0 && geteuid() == 0)
		r = lchown(at.sun_path, settings->uid, settings->gid);
	if (r == 0)
		r = listen(fd, 4);
	if (r < 0) {
		int e = errno;
		(void)close(fd);
		return bmc_fail(err, bmc_from_errno(e), "%s: %s", at.sun_path,
				strerror(e));
	}
	*ret = fd;
	return 0;
}

static int open_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	/* a shell's background job has INT ignored; workers are waited for */
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGCHLD, SIG_DFL);
	/* a terminal's end and a reload of the daemon's group reach the helper, too */
	(void)signal(SIGHUP, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A terminal's ^C reaches the spawned helper too: there the daemon decides when to end.
 */
static void take_signal(struct server *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		s->ended = s->ended || !s->once || info.ssi_signo == SIGTERM;
}

static int64_t next_time(const struct server *s)
{
	int64_t next = priv_workers_next(s->workers);

	next = MIN(next, priv_lines_next(s->helper.lines));
	return MIN(next, priv_pwms_next(s->helper.pwms));
}

#define FIXED_FDS 4

static void wait_for_work(struct server *s)
{
	struct pollfd fds[FIXED_FDS + PRIV_CHILDREN] = {
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = s->peer, .events = s->edges_lost ? POLLIN | POLLOUT : POLLIN },
		{ .fd = s->peer < 0 ? s->listener : -1, .events = POLLIN },
		{ .fd = priv_lines_fd(s->helper.lines), .events = POLLIN },
	};
	nfds_t n = FIXED_FDS + priv_workers_watch(s->workers, fds + FIXED_FDS);
	int64_t next = next_time(s);
	int64_t wait = MAX(next - priv_now(), 0);
	struct timespec ts = { .tv_sec = wait / 1000000000,
			       .tv_nsec = wait % 1000000000 };

	if (ppoll(fds, n, next == INT64_MAX ? NULL : &ts, NULL) < 0)
		return;
	if (fds[0].revents)
		take_signal(s);
	if (fds[1].revents & ~POLLOUT)
		take_packet(s);
	else if (fds[1].revents)
		notify(s, &(struct priv_notice){ .kind = PRIV_EDGES_LOST });
	if (fds[2].revents)
		take_peer(s);
}

static int start(struct server *s, int fd, struct bmc_error *err)
{
	const struct priv_settings *settings = s->helper.settings;
	const struct priv_lines_conf lines = { .platform = settings->platform,
					       .state_dir = settings->state_dir,
					       .uid = settings->uid,
					       .ended = pulse_ended,
					       .edge = take_edge,
					       .arg = s };
	const struct priv_pwms_conf pwms = { .platform = settings->platform,
					     .state_dir = settings->state_dir,
					     .uid = settings->uid };
	int r = priv_lines_new(&lines, &s->helper.lines, err);

	if (r == 0)
		r = priv_pwms_new(&pwms, &s->helper.pwms, err);
	if (r < 0)
		return r;
	s->workers = priv_workers_new(&s->helper, answer, s);
	if (!s->workers)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	if (fd < 0)
		return listen_at(settings, &s->listener, err);
	if (!trusted(s, fd))
		return bmc_fail(err, BMC_EPERM, "descriptor %d: not from the daemon",
				fd);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

static bool must_finish(const struct server *s)
{
	return priv_lines_pulsing(s->helper.lines) || priv_workers_changing(s->workers);
}

int priv_serve(const struct priv_settings *settings, int fd, struct bmc_error *err)
{
	struct server s = { .helper = { .settings = settings },
			    .listener = -1,
			    .peer = fd,
			    .signals = -1,
			    .once = fd >= 0 };
	int r = start(&s, fd, err);

	s.signals = open_signals();
	while (r == 0 && (!s.ended || must_finish(&s))) {
		wait_for_work(&s);
		priv_lines_step(s.helper.lines);
		priv_pwms_step(s.helper.pwms);
		priv_workers_step(s.workers);
	}
	s.peer = -1;
	(void)priv_workers_free(s.workers);
	(void)priv_pwms_free(s.helper.pwms);
	(void)priv_lines_free(s.helper.lines);
	if (s.listener >= 0) {
		(void)unlink(settings->socket);
		(void)close(s.listener);
	}
	return r;
}
