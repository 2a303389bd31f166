// SPDX-License-Identifier: Apache-2.0
// A board's shell: the terminal, or pipes, at one end, and the agent's WebSocket
// (doc/shell.md) at the other.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "cli/list.h"
#include "cli/run.h"
#include "cli/websocket.h"

#define QUEUE_MAX 65536 /* bytes that wait: then stdin is not read */
#define CHUNK     16384
#define LEAVE     0x1d /* Ctrl-] */
#define PING_MS   1000

struct shell {
	struct cli_websocket *w;
	const char *node;
	bool terminal, in_ended, left, reported;
	int code; /* what bmc returns */
	int signals;
	struct termios before;
};

/* ---- the terminal ---- */

static bool size_of(unsigned *ret_columns, unsigned *ret_rows)
{
	struct winsize size;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_col || !size.ws_row)
		return false;
	*ret_columns = size.ws_col < 1000 ? size.ws_col : 1000;
	*ret_rows = size.ws_row < 1000 ? size.ws_row : 1000;
	return true;
}

/* Bytes pass as they are typed; the board's terminal echoes them. */
static void make_raw(struct shell *s)
{
	struct termios raw;

	s->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
		      tcgetattr(STDIN_FILENO, &s->before) == 0;
	if (!s->terminal)
		return;
	raw = s->before;
	cfmakeraw(&raw);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

static void restore(const struct shell *s)
{
	if (s->terminal)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &s->before);
}

/* ---- from the board ---- */

static void write_all(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);
		if (n < 0 && errno != EINTR)
			return;
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

static void fail(struct shell *s, const char *why)
{
	size_t len = strlen(s->node);
	struct cli_error err;

	/* plugins' messages may begin with the board's name */
	if (strncmp(why, s->node, len) == 0 && strncmp(why + len, ": ", 2) == 0)
		why += len + 2;
	restore(s);
	s->terminal = false;
	s->code = cli_fail(&err, CLI_FAILED, "%s", why);
	(void)cli_next(&err, "%s", "");
	(void)cli_report(s->node, &err);
}

/* The last message. */
static void end(struct shell *s, const json_t *message)
{
	const json_t *exit = json_object_get(message, "exit");

	s->reported = true;
	if (json_is_integer(exit))
		s->code = (int)(json_integer_value(exit) & 0xff);
	else
		fail(s, cli_text_at(message, "error"));
}

static void on_message(void *arg, bool text, const void *bytes, size_t len)
{
	struct shell *s = arg;
	json_t *message;

	if (!text) {
		write_all(bytes, len);
		return;
	}
	message = json_loadb(bytes, len, 0, NULL);
	end(s, message);
	json_decref(message);
}

/* ---- to the board ---- */

static void say(struct shell *s, json_t *message)
{
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

	if (text)
		(void)cli_websocket_send(s->w, true, text, strlen(text));
	free(text);
	json_decref(message);
}

static void say_size(struct shell *s)
{
	unsigned columns, rows;

	if (s->terminal && size_of(&columns, &rows))
		say(s, json_pack("{si si}", "columns", columns, "rows", rows));
}

/* "A command's words", as ssh and adb join them. */
static char *join(int n, char *const *words)
{
	size_t len = 1;

	for (int i = 0; i < n; i++)
		len += strlen(words[i]) + 1;
	char *text = calloc(1, len);
	for (int i = 0; text && i < n; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, words[i]);
	}
	return text;
}

static void begin(struct shell *s, const char *command)
{
	json_t *message = json_object();
	unsigned columns = 80, rows = 24;

	if (command)
		(void)json_object_set_new(message, "command", json_string(command));
	if (s->terminal && !command) {
		(void)size_of(&columns, &rows);
		(void)json_object_set_new(message, "columns", json_integer(columns));
		(void)json_object_set_new(message, "rows", json_integer(rows));
	}
	say(s, message);
}

static void take_input(struct shell *s)
{
	char buf[CHUNK];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n < 0 && errno == EINTR)
		return;
	if (n > 0 && s->terminal && memchr(buf, LEAVE, (size_t)n)) {
		s->left = true;
	} else if (n > 0) {
		(void)cli_websocket_send(s->w, false, buf, (size_t)n);
	} else {
		s->in_ended = true;
		say(s, json_pack("{sb}", "eof", 1));
	}
}

static void take_signal(struct shell *s)
{
	struct signalfd_siginfo what;

	if (read(s->signals, &what, sizeof(what)) != sizeof(what))
		return;
	if (what.ssi_signo == SIGWINCH)
		say_size(s);
	else
		s->left = true;
	if (s->left)
		s->code = 128 + (int)what.ssi_signo;
}

static void step(struct shell *s)
{
	struct pollfd p[3] = { { .fd = -1, .events = POLLIN },
			       { .fd = s->signals, .events = POLLIN },
			       { .fd = -1 } };

	if (!s->in_ended && cli_websocket_queued(s->w) < QUEUE_MAX)
		p[0].fd = STDIN_FILENO;
	p[2].fd = cli_websocket_fd(s->w, &p[2].events);
	(void)poll(p, 3, PING_MS);
	if (p[0].revents)
		take_input(s);
	if (p[1].revents)
		take_signal(s);
	if (!cli_websocket_step(s->w) && !s->reported && !s->left) {
		s->reported = true;
		fail(s, "the agent has ended the connection");
	}
}

static int watch_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGWINCH);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* ---- the command ---- */

static int talk(struct cli *c, const char *node, const char *command)
{
	struct shell s = { .node = node, .code = CLI_FAILED };
	const struct cli_websocket_handler handler = { on_message, &s };
	char path[CLI_PATH_MAX];
	struct cli_error err;

	(void)snprintf(path, sizeof(path), "/shell/%s", node);
	int code = cli_websocket_open(cli_link(c), path, &handler, &s.w, &err);
	if (code)
		return cli_report(node, &err);
	(void)signal(SIGPIPE, SIG_IGN);
	s.signals = watch_signals();
	if (!command)
		make_raw(&s);
	begin(&s, command);
	while (!s.reported && !s.left)
		step(&s);
	restore(&s);
	cli_websocket_free(s.w);
	(void)close(s.signals);
	return s.code;
}

/* The machine that bmc runs on: a shell of its user, who needs no agent for it. */
static int here(const char *command)
{
	static char sh[] = "/bin/sh", option[] = "-c", login[] = "-l";
	char *own = getenv("SHELL");
	char *words[] = { own && *own == '/' ? own : sh, command ? option : login,
			  (char *)(uintptr_t)command, NULL };
	struct cli_error err;

	(void)cli_become(words, &err);
	return cli_report(NULL, &err);
}

static int run(struct cli *c)
{
	const json_t *board = json_array_get(c->nodes, 0);
	const char *node = cli_text_at(board, "node");

	if (json_array_size(c->nodes) != 1)
		return cli_usage(c, "a shell is of one board; several: bmc list | bmc "
				    "forall shell COMMAND");
	char *command = c->argc ? join(c->argc, c->argv) : NULL;
	int code = strcmp(node, "main") == 0 && !c->target.host
			   ? here(command)
			   : talk(c, node, command);
	free(command);
	return code;
}

const struct cli_command cli_shell = {
	.name = "shell",
	.usage = "<node> shell [<command>...]",
	.summary = "Invoke shell with command.",
	.help = "Without a command the terminal is the board's until its shell ends; "
		"Ctrl-]\nleaves at once. With one, or where input comes from a pipe, "
		"bytes pass as they\nare. The status is that of the command or shell; "
		"an error is that of bmc. Needs\nthe role Administrator. main is the "
		"machine that bmc runs on, unless --host is\ngiven: there it needs no "
		"agent; elsewhere it has to be set up\n(doc/shell.md).\n"
		"\n"
		"Examples:\n"
		"  bmc sub1-03 shell\n"
		"  bmc sub1-03 shell getprop ro.serialno\n"
		"  tar c etc | bmc --host bmc1.example sub1-03 shell tar x -C /data\n",
	.flags = CLI_NODES | CLI_RAW,
	.run = run,
};
