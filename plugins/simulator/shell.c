// SPDX-License-Identifier: Apache-2.0
/* A board's shell, small enough to be seen through: it echoes what is typed, knows a
 * handful of commands, and has the ways of ending that a real one has. */
#include <errno.h>
#include <stdlib.h>

#include "sim.h"

#define LINE_MAX_LEN 1024
#define POLL_MS      500 /* between checks that the board is still there */
enum { CTRL_C = 3, CTRL_D = 4, BACKSPACE = 127 };

struct shell {
	struct sim *sim;
	const struct bmc_host_ops *ops;
	struct bmc_call *call;
	const char *board;
	bool terminal; /* echoes, and ends lines with CR LF */
	char line[LINE_MAX_LEN];
	size_t len;
	uint16_t columns, rows;
	int code; /* of the last command */
};

/* What a command returns beside 0.. and errors. */
enum { SHELL_EXIT = -1000 };

static int put(struct shell *s, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = s->ops->stream_write(s->call, bytes, len, -1);
		if (n < 0)
			return (int)n;
		bytes += n;
		len -= (size_t)n;
	}
	return BMC_OK;
}

static int put_text(struct shell *s, const char *text)
{
	return put(s, text, strlen(text));
}

static int put_line(struct shell *s, const char *text)
{
	int r = put_text(s, text);

	return r < 0 ? r : put_text(s, s->terminal ? "\r\n" : "\n");
}

/* Lines, each with the terminal's end. */
static int put_lines(struct shell *s, const char *text)
{
	int r = BMC_OK;

	while (*text && r == BMC_OK) {
		size_t n = strcspn(text, "\n");
		r = put(s, text, n);
		text += n;
		if (*text && r == BMC_OK) {
			r = put_text(s, s->terminal ? "\r\n" : "\n");
			text++;
		}
	}
	return r;
}

static bool is_there(struct shell *s)
{
	struct sim_board *b = sim_find_board(s->sim, s->board);
	int64_t now = s->ops->now();
	bool is;

	pthread_mutex_lock(&s->sim->lock);
	is = b && sim_board_is_in(b) &&
	     sim_board_seen(&b->model, now).adb == BMC_ADB_DEVICE;
	pthread_mutex_unlock(&s->sim->lock);
	return is;
}

/* Bytes, 0 at the end of the input, or an error: also when the board has gone. */
static ssize_t take(struct shell *s, char *buf, size_t len)
{
	ssize_t n;

	do {
		if (!is_there(s))
			return BMC_EIO;
		n = s->ops->stream_read(s->call, buf, len, POLL_MS);
	} while (n == BMC_EAGAIN);
	return n;
}

/* ---- commands ---- */

static int do_echo(struct shell *s, const char *args)
{
	return put_line(s, args);
}

static int do_hostname(struct shell *s, const char *args)
{
	(void)args;
	return put_line(s, s->board);
}

static int do_true(struct shell *s, const char *args)
{
	(void)s;
	(void)args;
	return 0;
}

static int do_false(struct shell *s, const char *args)
{
	(void)s;
	(void)args;
	return 1;
}

static int do_size(struct shell *s, const char *args)
{
	char text[32];

	(void)args;
	(void)s->ops->stream_size(s->call, &s->columns, &s->rows);
	(void)snprintf(text, sizeof(text), "%u %u", s->rows, s->columns);
	return put_line(s, text);
}

static int do_cat(struct shell *s, const char *args)
{
	char buf[4096];
	ssize_t n;

	(void)args;
	while ((n = take(s, buf, sizeof(buf))) > 0) {
		int r = put(s, buf, (size_t)n);
		if (r < 0)
			return r;
	}
	return (int)n;
}

/* Until the client closes. */
static int do_yes(struct shell *s, const char *args)
{
	int r;

	do
		r = put_line(s, *args ? args : "y");
	while (r == BMC_OK && is_there(s));
	return r < 0 ? r : BMC_EIO;
}

static int do_exit(struct shell *s, const char *args)
{
	s->code = *args ? atoi(args) & 0xff : s->code;
	return SHELL_EXIT;
}

static const struct {
	const char *name;
	int (*run)(struct shell *s, const char *args);
} commands[] = {
	{ "cat", do_cat },     { "echo", do_echo },         { "exit", do_exit },
	{ "false", do_false }, { "hostname", do_hostname }, { "size", do_size },
	{ "true", do_true },   { "yes", do_yes },
};

static int run_program(struct shell *s, const char *line)
{
	char *text;
	int code = sim_shell_program(s->sim, s->board, line, &text), r;

	if (code == SIM_SHELL_NONE) {
		free(text);
		s->code = 127;
		(void)put_text(s, "sh: ");
		(void)put(s, line, strcspn(line, " "));
		return put_line(s, ": not found");
	}
	s->code = code;
	r = text ? put_lines(s, text) : BMC_OK;
	free(text);
	return r;
}

/* 0, or why the shell ends. */
static int run(struct shell *s, const char *line)
{
	size_t len = strcspn(line, " ");
	bool file =
		strncmp(line, "cat /", 5) == 0; /* without one it copies its input */
	int r;

	if (*line == '\0')
		return BMC_OK;
	if (file)
		return run_program(s, line);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strlen(commands[i].name) != len ||
		    memcmp(commands[i].name, line, len) != 0)
			continue;
		r = commands[i].run(s, line + len + strspn(line + len, " "));
		if (r >= 0)
			s->code = r;
		return r < 0 ? r : BMC_OK;
	}
	return run_program(s, line);
}

/* ---- lines ---- */

static int prompt(struct shell *s)
{
	int r = put_text(s, s->board);

	s->len = 0;
	return r < 0 ? r : put_text(s, ":/ $ ");
}

static int line_ended(struct shell *s)
{
	int r = s->terminal ? put_text(s, "\r\n") : BMC_OK;

	s->line[s->len] = '\0';
	if (r == BMC_OK)
		r = run(s, s->line);
	return r < 0 ? r : prompt(s);
}

static int rubbed_out(struct shell *s)
{
	if (s->len == 0)
		return BMC_OK;
	s->len--;
	return s->terminal ? put_text(s, "\b \b") : BMC_OK;
}

static int typed(struct shell *s, char c)
{
	switch (c) {
	case '\r':
	case '\n':
		return line_ended(s);
	case BACKSPACE:
	case '\b':
		return rubbed_out(s);
	case CTRL_C:
		s->code = 130;
		(void)put_line(s, "^C");
		return prompt(s);
	case CTRL_D:
		return s->len == 0 ? SHELL_EXIT : BMC_OK;
	default:
		if (s->len + 1 < sizeof(s->line))
			s->line[s->len++] = c;
		return s->terminal ? put(s, &c, 1) : BMC_OK;
	}
}

static int interact(struct shell *s)
{
	char buf[256];
	int r = prompt(s);

	while (r == BMC_OK) {
		ssize_t n = take(s, buf, sizeof(buf));
		if (n <= 0)
			return n == 0 ? SHELL_EXIT : (int)n;
		for (ssize_t i = 0; i < n && r == BMC_OK; i++)
			r = typed(s, buf[i]);
	}
	return r;
}

static int run_shell(void *self, struct bmc_call *call,
		     const struct bmc_stream_args *args, struct bmc_error *err)
{
	struct sim *sim = self;
	struct shell s = { .sim = sim,
			   .ops = sim->reporter.ops,
			   .call = call,
			   .board = sim->reporter.ops->target_id(call),
			   .terminal = args->columns && args->rows,
			   .columns = args->columns,
			   .rows = args->rows };
	int r;

	if (!is_there(&s))
		return bmc_fail(
			err, BMC_ESTATE,
			"%s: adb: no device; wait for its OS or reset the board",
			s.board);
	r = args->text ? run(&s, args->text) : interact(&s);
	if (r == BMC_OK || r == SHELL_EXIT)
		return s.code;
	return bmc_fail(err, r, "%s: the shell has ended: the board is gone", s.board);
}

const struct bmc_stream_type sim_streams[] = {
	{ .what = BMC_STREAM_SHELL,
	  .deadline = 10000,
	  .grace = 2000,
	  .run = run_shell },
	{ .run = NULL },
};
