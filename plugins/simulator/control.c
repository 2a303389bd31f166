// SPDX-License-Identifier: Apache-2.0
/* The control socket: its thread, its clients, their lines. What a line means is
 * ops.c's. Only for its owner (mode 0600); bounded in clients, line length and unread
 * answers. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim.h"

#define MAX_CLIENTS 16
#define MAX_LINE    65536
#define MAX_ANSWER  (8u * 1024 * 1024) /* unread: a whole trace has 2 MiB */

struct client {
	int fd; /* -1: free */
	char *in, *out;
	size_t n_in, n_out, sent;
	bool ending; /* closed when all of `out` is sent */
};

struct sim_control {
	struct sim *sim;
	struct sockaddr_un address;
	int listener, stop;
	pthread_t thread;
	bool running;
	struct client clients[MAX_CLIENTS];
};

static void drop(struct client *c)
{
	close(c->fd);
	free(c->in);
	free(c->out);
	*c = (struct client){ .fd = -1 };
}

static void answer(struct client *c, const char *text)
{
	size_t len = strlen(text), left = c->n_out - c->sent;
	char *out;

	if (left + len + 1 > MAX_ANSWER) {
		c->ending = true; /* it does not read what it asked for */
		return;
	}
	out = malloc(left + len + 1);
	if (!out) {
		c->ending = true;
		return;
	}
	if (left)
		memcpy(out, c->out + c->sent, left);
	memcpy(out + left, text, len);
	out[left + len] = '\n';
	free(c->out);
	c->out = out;
	c->n_out = left + len + 1;
	c->sent = 0;
}

static void answer_line(struct sim_control *s, struct client *c, const char *line,
			size_t len)
{
	char *text = sim_op(s->sim, line, len);

	answer(c, text ? text : "{\"ok\":false,\"error\":\"out of memory\"}");
	free(text);
}

/* Answers the whole lines in c->in and keeps the rest. */
static void take_lines(struct sim_control *s, struct client *c)
{
	char *line = c->in, *end = c->in + c->n_in, *nl;

	while (!c->ending && (nl = memchr(line, '\n', (size_t)(end - line)))) {
		answer_line(s, c, line, (size_t)(nl - line));
		line = nl + 1;
	}
	c->n_in = (size_t)(end - line);
	memmove(c->in, line, c->n_in);
	if (c->n_in < MAX_LINE || c->ending)
		return;
	answer(c, "{\"ok\":false,\"error\":\"a line has at most 65536 bytes\"}");
	c->ending = true;
}

static bool receive(struct sim_control *s, struct client *c)
{
	ssize_t n = recv(c->fd, c->in + c->n_in, MAX_LINE - c->n_in, 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return false;
	if (n > 0) {
		c->n_in += (size_t)n;
		take_lines(s, c);
	}
	return true;
}

static bool send_out(struct client *c)
{
	ssize_t n;

	if (c->sent < c->n_out) {
		n = send(c->fd, c->out + c->sent, c->n_out - c->sent, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		c->sent += (size_t)n;
	}
	return !(c->ending && c->sent == c->n_out);
}

static void accept_client(struct sim_control *s)
{
	static const char busy[] =
		"{\"ok\":false,\"error\":\"16 clients already: close one\"}\n";
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		struct client *c = &s->clients[i];

		if (c->fd >= 0)
			continue;
		c->in = malloc(MAX_LINE);
		if (!c->in)
			break;
		c->fd = fd;
		return;
	}
	(void)send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL);
	close(fd);
}

static void serve(struct sim_control *s, struct client *c, short events)
{
	bool ok = true;

	if (events & (POLLIN | POLLHUP | POLLERR))
		ok = receive(s, c);
	if (ok)
		ok = send_out(c);
	if (!ok)
		drop(c);
}

/* A client whose answers pile up is not read further. */
static short wanted(const struct client *c)
{
	bool pending = c->sent < c->n_out;

	return (short)((pending ? POLLOUT : 0) | (pending || c->ending ? 0 : POLLIN));
}

static void *run(void *arg)
{
	struct sim_control *s = arg;
	struct pollfd fds[MAX_CLIENTS + 2];

	for (;;) {
		fds[0] = (struct pollfd){ .fd = s->stop, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = s->listener, .events = POLLIN };
		for (size_t i = 0; i < MAX_CLIENTS; i++)
			fds[i + 2] =
				(struct pollfd){ .fd = s->clients[i].fd,
						 .events = wanted(&s->clients[i]) };
		if (poll(fds, MAX_CLIENTS + 2, -1) < 0)
			continue;
		if (fds[0].revents)
			return NULL;
		for (size_t i = 0; i < MAX_CLIENTS; i++) {
			if (s->clients[i].fd >= 0 && fds[i + 2].revents)
				serve(s, &s->clients[i], fds[i + 2].revents);
		}
		if (fds[1].revents)
			accept_client(s);
	}
}

/* Removes a socket that a killed agent left behind, and nothing else. */
static void remove_old(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);
}

static int open_socket(struct sim_control *s, const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	s->listener = fd;
	remove_old(path);
	/* Linux takes the mode of the socket's inode for the file that bind makes. */
	if (fchmod(fd, 0600) < 0 ||
	    bind(fd, (struct sockaddr *)&s->address, sizeof(s->address)) < 0)
		return -1;
	return listen(fd, MAX_CLIENTS);
}

static struct sim_control *make(struct sim *sim, const char *path)
{
	struct sim_control *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sim = sim;
	s->listener = -1;
	s->address.sun_family = AF_UNIX;
	memcpy(s->address.sun_path, path, strlen(path));
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		s->clients[i].fd = -1;
	s->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return s;
}

int sim_control_new(struct sim *sim, const char *path, struct sim_control **ret,
		    struct bmc_error *reterr)
{
	struct sim_control *s;
	int e;

	if (strlen(path) >= sizeof(s->address.sun_path))
		return bmc_fail(reterr, BMC_ERANGE,
				"setting `socket`: a path of at most %zu bytes, please",
				sizeof(s->address.sun_path) - 1);
	s = make(sim, path);
	if (!s)
		return bmc_fail(reterr, BMC_ENOMEM, "no memory for the control socket");
	e = s->stop < 0 || open_socket(s, path) < 0 ? errno : 0;
	if (!e)
		e = pthread_create(&s->thread, NULL, run, s);
	if (e) {
		(void)sim_control_free(s);
		return bmc_fail(reterr, bmc_from_errno(e), "control socket %.90s: %s",
				path, strerror(e));
	}
	s->running = true;
	*ret = s;
	return BMC_OK;
}

struct sim_control *sim_control_free(struct sim_control *s)
{
	const uint64_t one = 1;

	if (!s)
		return NULL;
	if (s->running) {
		(void)!write(s->stop, &one, sizeof(one));
		pthread_join(s->thread, NULL);
		(void)unlink(s->address.sun_path);
	}
	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		if (s->clients[i].fd >= 0)
			drop(&s->clients[i]);
	}
	if (s->listener >= 0)
		close(s->listener);
	if (s->stop >= 0)
		close(s->stop);
	free(s);
	return NULL;
}
