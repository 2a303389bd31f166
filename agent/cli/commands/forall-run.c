// SPDX-License-Identifier: Apache-2.0
// Several programs at once, their output one after the other. Called by forall.c.
#include "cli/commands/forall-run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/run.h"
#include "core/base/util.h"

#define KEPT_MAX     (256U << 10) /* bytes of an output that is not shown yet        */
#define KEPT_ALL_MAX (64U << 20)  /* of all; no more is started while there are more */
#define CHUNK        16384
#define LOOK_MS      50 /* at what has ended without closing its output */
#define END_MS       5  /* at what has closed it without ending         */

struct output {
	int fd; /* -1: at its end */
	char *kept;
	size_t len;
	FILE *to;
};

struct child {
	pid_t pid; /* 0: it has ended, or was never there */
	int status;
	char **words;
	struct output out[2];
	struct cli_error *err; /* why it was not started; owned */
};

struct batch {
	const struct cli_batch *b;
	struct child *children; /* of b->n */
	size_t first, started, running, kept;
	bool shown; /* begin() was called for `first` */
	bool broken;
};

/* ---- output ---- */

static void write_out(struct batch *s, struct output *o, const char *bytes, size_t n)
{
	if (!n || s->broken)
		return;
	bool ok = fwrite(bytes, 1, n, o->to) == n && fflush(o->to) == 0;
	s->broken = !ok && o->to == stdout;
}

static bool keep(struct batch *s, struct output *o, const char *bytes, size_t n)
{
	char *more = realloc(o->kept, o->len + n);

	if (!more)
		return false;
	memcpy(more + o->len, bytes, n);
	o->kept = more;
	o->len += n;
	s->kept += n;
	return true;
}

static void close_output(struct output *o)
{
	if (o->fd >= 0)
		(void)close(o->fd);
	o->fd = -1;
}

static bool takes(const struct batch *s, size_t i, const struct output *o)
{
	return o->fd >= 0 && (i == s->first || o->len < KEPT_MAX);
}

/* One read. False: nothing came. */
static bool take(struct batch *s, size_t i, struct output *o)
{
	char bytes[CHUNK];
	ssize_t n = read(o->fd, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n > 0 && i == s->first)
		write_out(s, o, bytes, (size_t)n);
	else if (n > 0 && !keep(s, o, bytes, (size_t)n))
		n = 0;
	if (n <= 0 || s->broken)
		close_output(o);
	return n > 0;
}

/* ---- programs ---- */

static bool open_outputs(struct child *c, int ends[2])
{
	int p[2];

	for (int k = 0; k < 2; k++) {
		c->out[k].fd = ends[k] = -1;
		c->out[k].to = k ? stderr : stdout;
	}
	for (int k = 0; k < 2; k++) {
		if (pipe2(p, O_CLOEXEC) != 0)
			return false;
		c->out[k].fd = p[0];
		ends[k] = p[1];
		(void)fcntl(p[0], F_SETFL, O_NONBLOCK);
	}
	return true;
}

static void start(struct batch *s)
{
	size_t i = s->started++;
	struct child *c = &s->children[i];
	int ends[2], e;

	c->words = s->b->words(s->b->arg, i);
	c->pid = c->words && open_outputs(c, ends) ? cli_start(c->words, ends) : -1;
	e = errno;
	for (int k = 0; c->words && k < 2; k++) {
		if (ends[k] >= 0)
			(void)close(ends[k]);
	}
	if (c->pid > 0) {
		s->running++;
		return;
	}
	c->pid = 0;
	c->status = -1;
	c->err = calloc(1, sizeof(*c->err));
	if (c->err)
		cli_fail(c->err, CLI_FAILED, "%s", strerror(c->words ? e : ENOMEM));
	close_output(&c->out[0]);
	close_output(&c->out[1]);
}

/* Its last bytes; what a program of its own still holds open is not waited for. */
static void drain(struct batch *s, size_t i)
{
	struct child *c = &s->children[i];

	for (int k = 0; k < 2; k++) {
		struct output *o = &c->out[k];
		while (takes(s, i, o) && take(s, i, o))
			;
		if (takes(s, i, o))
			close_output(o);
	}
}

static void reap(struct batch *s)
{
	for (size_t i = s->first; i < s->started; i++) {
		struct child *c = &s->children[i];
		int status;

		if (c->pid && waitpid(c->pid, &status, WNOHANG) == c->pid) {
			c->pid = 0;
			c->status = cli_status_of(status);
			s->running--;
		}
		if (!c->pid)
			drain(s, i);
	}
}

static void free_child(struct child *c)
{
	for (char **w = c->words; w && *w; w++)
		free(*w);
	free(c->words);
	free(c->out[0].kept);
	free(c->out[1].kept);
	free(c->err);
}

/* What was kept of the first, and its end; then the next is the first. */
static void show(struct batch *s)
{
	while (s->first < s->started) {
		struct child *c = &s->children[s->first];

		if (!s->shown && !s->broken)
			s->b->begin(s->b->arg, s->first, c->words);
		for (int k = 0; k < 2 && !s->shown; k++) {
			write_out(s, &c->out[k], c->out[k].kept, c->out[k].len);
			s->kept -= c->out[k].len;
			free(c->out[k].kept);
			c->out[k].kept = NULL;
		}
		s->shown = true;
		if (!c->pid)
			drain(s, s->first);
		if (c->pid || c->out[0].fd >= 0 || c->out[1].fd >= 0)
			return;
		if (!s->broken)
			s->b->end(s->b->arg, s->first, c->status, c->err);
		free_child(c);
		s->first++;
		s->shown = false;
	}
}

/* ---- all ---- */

static void wait_for_output(struct batch *s, struct pollfd *fds)
{
	bool ends = false;
	nfds_t n = 0;

	for (size_t i = s->first; i < s->started; i++) {
		const struct child *c = &s->children[i];
		ends |= c->pid && c->out[0].fd < 0 && c->out[1].fd < 0;
		for (int k = 0; k < 2; k++) {
			struct output *o = &s->children[i].out[k];
			if (s->children[i].pid && takes(s, i, o))
				fds[n++] = (struct pollfd){ o->fd, POLLIN, 0 };
		}
	}
	(void)poll(fds, n, ends ? END_MS : LOOK_MS);
	n = 0;
	for (size_t i = s->first; i < s->started; i++) {
		for (int k = 0; k < 2; k++) {
			struct output *o = &s->children[i].out[k];
			if (s->children[i].pid && takes(s, i, o) && fds[n++].revents)
				(void)take(s, i, o);
		}
	}
}

/* The reader has gone away: what still writes gets SIGPIPE. */
static void close_all(struct batch *s)
{
	for (size_t i = s->first; i < s->started; i++) {
		close_output(&s->children[i].out[0]);
		close_output(&s->children[i].out[1]);
	}
}

bool cli_run_batch(const struct cli_batch *b)
{
	struct batch s = { .b = b };
	struct pollfd *fds = calloc(2 * (size_t)b->parallel, sizeof(*fds));

	s.children = calloc(b->n + 1, sizeof(*s.children));
	s.broken = !fds || !s.children;
	while (s.children && (s.broken ? s.running > 0 : s.first < b->n)) {
		while (!s.broken && s.started < b->n && s.running < b->parallel &&
		       s.kept < KEPT_ALL_MAX)
			start(&s);
		show(&s);
		wait_for_output(&s, fds);
		reap(&s);
		if (s.broken)
			close_all(&s);
		show(&s);
	}
	for (size_t i = s.first; i < s.started; i++)
		free_child(&s.children[i]);
	free(s.children);
	free(fds);
	return !s.broken;
}
