// SPDX-License-Identifier: Apache-2.0
/* The shell of `main`: the core's stream at one end, at the other a terminal that
 * clusterbmc-shell has opened as an account of this machine. Its connection is the
 * shell's life: when this function returns, all that runs in it is ended there. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host.h"
#include "shell-proto.h"

#define OPEN_MS 8000 /* for the first answer */
#define LAST_MS 500  /* for the last bytes, when the exit code is there */
#define CHUNK   4096
#define END     4 /* Ctrl-D: a terminal's end of the input */

struct watched {
	int fd;          /* -1: not open */
	uint32_t events; /* of epoll(7); 0: not watched */
};

struct host_shell {
	const struct bmc_host_ops *ops;
	struct bmc_call *call;
	bool terminal;
	int epoll;
	struct watched conn, end; /* `end`: of the terminal, or of a socket */
	bool in_ended, end_ended, exited;
	int code; /* when it has exited */
	int64_t exited_at;
	size_t in_len, in_at, out_len, out_at;
	char in[CHUNK], out[CHUNK];
};

/* ---- the service ---- */

static int no_service(const struct host *h, struct bmc_error *err)
{
	return bmc_fail(err, BMC_ESTATE,
			"%.16s: no shell: %s at %.60s: systemctl enable --now "
			"clusterbmc-shell@ACCOUNT (doc/shell.md)",
			h->board, strerror(errno), h->shell);
}

static int connect_service(const struct host *h, int *ret, struct bmc_error *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", h->shell);
	*ret = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*ret < 0)
		return bmc_fail(err, BMC_EIO, "socket: %s", strerror(errno));
	/* the answer to a full queue is EAGAIN: it does not wait */
	if (connect(*ret, (const struct sockaddr *)&at, sizeof(at)) < 0)
		return no_service(h, err);
	return BMC_OK;
}

static int send_request(const struct host_shell *s, const struct bmc_stream_args *args,
			struct bmc_error *err)
{
	struct host_shell_request rq = { .version = HOST_SHELL_VERSION };

	if (s->terminal) {
		rq.columns = args->columns;
		rq.rows = args->rows;
	}
	(void)snprintf(rq.command, sizeof(rq.command), "%s",
		       args->text ? args->text : "");
	ssize_t n = send(s->conn.fd, &rq, sizeof(rq), MSG_NOSIGNAL);
	explicit_bzero(&rq, sizeof(rq));
	/* one that refuses us does not wait for the request: its answer says why */
	return n == (ssize_t)sizeof(rq) || errno == EPIPE
		       ? BMC_OK
		       : bmc_fail(err, BMC_EIO, "clusterbmc-shell: %s",
				  strerror(errno));
}

/* 0: it is in `ret`, with its descriptor or -1; BMC_EAGAIN: none yet; BMC_EIO. */
static int take_reply(int conn, struct host_shell_reply *ret, int *ret_fd)
{
	union {
		struct cmsghdr header; /* for its alignment */
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec data = { ret, sizeof(*ret) };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = CMSG_LEN(sizeof(int)) };
	ssize_t n = recvmsg(conn, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	/* it did not read the request: its answer stands behind this */
	if (n < 0 && errno == ECONNRESET)
		n = recvmsg(conn, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*ret_fd = -1;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return BMC_EAGAIN;
	/* there is room for one, not for what CMSG_SPACE aligns: the kernel drops the
	 * others */
	for (struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL; c;
	     c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
	}
	ret->what[sizeof(ret->what) - 1] = '\0';
	return n == (ssize_t)sizeof(*ret) && ret->version == HOST_SHELL_VERSION
		       ? BMC_OK
		       : BMC_EIO;
}

/* What is neither may block whoever reads it, also without waiting: a file of FUSE. */
static bool is_asked_for(const struct host_shell *s)
{
	struct stat st;

	return s->terminal ? isatty(s->end.fd)
			   : fstat(s->end.fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

static int take_terminal(struct host_shell *s, struct bmc_error *err)
{
	struct host_shell_reply rp = { 0 };
	int r = s->ops->stream_wait(s->call, s->conn.fd, POLLIN, 0, OPEN_MS);

	if (r < 0)
		return r;
	if (r == 0)
		return bmc_fail(err, BMC_ETIMEDOUT, "clusterbmc-shell does not answer");
	r = take_reply(s->conn.fd, &rp, &s->end.fd);
	if (r < 0 || (rp.code == 0 && s->end.fd < 0))
		return bmc_fail(
			err, BMC_EIO,
			"clusterbmc-shell refuses us, or is of another version: "
			"see its log");
	if (rp.code != 0)
		return bmc_fail(err, rp.code < 0 ? rp.code : BMC_EIO, "%s", rp.what);
	if (!is_asked_for(s))
		return bmc_fail(err, BMC_EIO,
				"clusterbmc-shell gives no terminal: see its log");
	r = fcntl(s->end.fd, F_GETFL);
	if (r < 0 || fcntl(s->end.fd, F_SETFL, r | O_NONBLOCK) < 0)
		return bmc_fail(err, BMC_EIO, "terminal: %s", strerror(errno));
	return BMC_OK;
}

/* ---- bytes ---- */

static bool again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* From the shell. A terminal whose other end is closed fails with EIO. */
static int pump_out(struct host_shell *s)
{
	ssize_t n;

	if (s->out_len == 0 && !s->end_ended) {
		n = read(s->end.fd, s->out, sizeof(s->out));
		s->end_ended = n == 0 || (n < 0 && !again());
		s->out_len = n > 0 ? (size_t)n : 0;
		s->out_at = 0;
	}
	if (s->out_len == 0)
		return BMC_OK;
	n = s->ops->stream_write(s->call, s->out + s->out_at, s->out_len, 0);
	if (n < 0)
		return n == BMC_EAGAIN ? BMC_OK : (int)n;
	s->out_at += (size_t)n;
	s->out_len -= (size_t)n;
	return BMC_OK;
}

static void end_input(struct host_shell *s)
{
	s->in_ended = true;
	if (s->terminal) {
		s->in[0] = END;
		s->in_len = 1;
	} else {
		(void)shutdown(s->end.fd, SHUT_WR);
	}
}

static int pump_in(struct host_shell *s)
{
	ssize_t n;

	if (s->in_len == 0 && !s->in_ended) {
		n = s->ops->stream_read(s->call, s->in, sizeof(s->in), 0);
		if (n < 0 && n != BMC_EAGAIN)
			return (int)n;
		s->in_len = n > 0 ? (size_t)n : 0;
		s->in_at = 0;
		if (n == 0)
			end_input(s);
	}
	if (s->in_len == 0)
		return BMC_OK;
	n = s->terminal ? write(s->end.fd, s->in + s->in_at, s->in_len)
			: send(s->end.fd, s->in + s->in_at, s->in_len, MSG_NOSIGNAL);
	if (n < 0 && !again())
		n = (ssize_t)s->in_len; /* nothing reads it any more */
	s->in_at += n > 0 ? (size_t)n : 0;
	s->in_len -= n > 0 ? (size_t)n : 0;
	return BMC_OK;
}

static void follow_size(const struct host_shell *s)
{
	struct winsize size = { 0 };
	uint16_t columns, rows;

	if (!s->terminal || !s->ops->stream_size(s->call, &columns, &rows) ||
	    !columns || !rows)
		return;
	size.ws_col = columns;
	size.ws_row = rows;
	(void)ioctl(s->end.fd, TIOCSWINSZ, &size);
}

static int take_exit(struct host_shell *s, struct bmc_error *err)
{
	struct host_shell_reply rp = { 0 };
	int none, r = s->exited ? BMC_EAGAIN : take_reply(s->conn.fd, &rp, &none);

	if (r == BMC_EAGAIN)
		return BMC_OK;
	if (none >= 0)
		(void)close(none);
	if (r < 0 || rp.code < 0)
		return bmc_fail(err, BMC_EIO, "the service clusterbmc-shell has ended");
	s->exited = true;
	s->code = rp.code;
	s->exited_at = s->ops->now();
	return BMC_OK;
}

/* ---- waiting ---- */

static int watch(const struct host_shell *s, struct watched *w, uint32_t events)
{
	struct epoll_event e = { .events = events };
	int how = w->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (w->events == events)
		return 0;
	/* a hangup is reported while it is watched at all */
	how = events ? how : EPOLL_CTL_DEL;
	w->events = events;
	return epoll_ctl(s->epoll, how, w->fd, &e);
}

static int wait_for_more(struct host_shell *s)
{
	uint32_t want = s->terminal ? BMC_STREAM_RESIZED : 0;
	uint32_t events = s->in_len ? EPOLLOUT : 0;

	if (s->out_len)
		want |= BMC_STREAM_OUT;
	else if (!s->end_ended)
		events |= EPOLLIN;
	if (s->in_len == 0 && !s->in_ended)
		want |= BMC_STREAM_IN;
	if (watch(s, &s->end, s->end_ended ? 0 : events) < 0 ||
	    watch(s, &s->conn, s->exited ? 0 : EPOLLIN) < 0)
		return BMC_EIO;
	return s->ops->stream_wait(s->call, s->epoll, POLLIN, want,
				   s->exited && !s->out_len ? LAST_MS : -1);
}

/* The service has ended what ran in it, so the other end is closed soon; one that a
 * process of another user holds open is not waited for. */
static bool is_over(const struct host_shell *s)
{
	return s->exited && s->out_len == 0 &&
	       (s->end_ended || s->ops->now() >= s->exited_at + LAST_MS);
}

static int pump(struct host_shell *s, struct bmc_error *err)
{
	int r;

	do {
		r = take_exit(s, err);
		follow_size(s);
		if (r == BMC_OK)
			r = pump_in(s);
		if (r == BMC_OK)
			r = pump_out(s);
		if (r == BMC_OK && is_over(s))
			return s->code;
		if (r == BMC_OK)
			r = wait_for_more(s);
	} while (r >= 0);
	return r;
}

static void close_one(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

static int run(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
	       struct bmc_error *err)
{
	const struct host *h = self;
	struct host_shell s = { .ops = h->ops,
				.call = call,
				.terminal = args->columns && args->rows,
				.conn.fd = -1,
				.end.fd = -1 };
	int r;

	if (strcmp(h->ops->target_id(call), h->board) != 0)
		return bmc_fail(err, BMC_ENOTSUP,
				"the plugin host has a shell of %.32s only", h->board);
	r = connect_service(h, &s.conn.fd, err);
	if (r == BMC_OK)
		r = send_request(&s, args, err);
	if (r == BMC_OK)
		r = take_terminal(&s, err);
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r == BMC_OK)
		r = s.epoll < 0 ? BMC_EIO : pump(&s, err);
	close_one(s.epoll);
	close_one(s.end.fd);
	close_one(s.conn.fd);
	explicit_bzero(&s, sizeof(s)); /* what was typed */
	return r;
}

const struct bmc_stream_type host_streams[] = {
	{ .what = BMC_STREAM_SHELL, .deadline = 20000, .grace = 2000, .run = run },
	{ .run = NULL },
};
