// SPDX-License-Identifier: Apache-2.0
// How far an update is: on a terminal a bar that is drawn again, else a line for each
// tenth. A board that has ended is a line of its own. Called by commands/fw.c.
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/commands/fw.h"
#include "core/base/util.h"

#define POLL_MS   500
#define WAIT_MS   (24 * 3600 * INT64_C(1000))
#define BAR_WIDTH 30

struct watch {
	struct cli *c;
	const char *task;
	bool terminal, quiet, drawn;
	int reported;  /* percent of the last plain line */
	json_t *ended; /* names of boards that were reported */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

/* ---- drawing ---- */

static void erase(struct watch *w)
{
	if (w->drawn)
		fputs("\r\033[K", stderr);
	w->drawn = false;
}

static size_t columns_of_terminal(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20
		       ? size.ws_col
		       : 80;
}

static size_t count(const json_t *boards, const char *state)
{
	size_t n = 0, i;
	const json_t *b;

	json_array_foreach (boards, i, b)
		n += strcmp(cli_text_at(b, "state"), state) == 0;
	return n;
}

static json_int_t rate_of(const json_t *boards)
{
	json_int_t sum = 0;
	const json_t *b;
	size_t i;

	json_array_foreach (boards, i, b) {
		if (strcmp(cli_text_at(b, "state"), "running") == 0)
			sum += json_integer_value(
				json_object_get(b, "bytes_per_second"));
	}
	return sum;
}

static void describe(const json_t *boards, char *ret, size_t size)
{
	size_t failed = count(boards, "failed") + count(boards, "cancelled");
	int n = snprintf(ret, size, "%zu of %zu boards done, %zu running",
			 count(boards, "done"), json_array_size(boards),
			 count(boards, "running"));

	if (failed)
		n += snprintf(ret + n, size - (size_t)n, ", %zu failed", failed);
	if (rate_of(boards) > 0)
		(void)snprintf(ret + n, size - (size_t)n, ", %.1f MB/s",
			       (double)rate_of(boards) / 1e6);
}

static void draw_bar(struct watch *w, int percent, const char *words)
{
	char bar[BAR_WIDTH + 1], line[256];
	int full = percent * BAR_WIDTH / 100;

	memset(bar, '#', (size_t)full);
	memset(bar + full, '.', (size_t)(BAR_WIDTH - full));
	bar[BAR_WIDTH] = 0;
	(void)snprintf(line, sizeof(line), "[%s] %3d %%  %s", bar, percent, words);
	erase(w);
	/* one that wraps could not be drawn over */
	fprintf(stderr, "%.*s", (int)MIN(columns_of_terminal() - 1, sizeof(line)),
		line);
	w->drawn = true;
	(void)fflush(stderr);
}

static void report_ended(struct watch *w, const json_t *boards)
{
	const json_t *b;
	size_t i;

	json_array_foreach (boards, i, b) {
		const char *node = cli_text_at(b, "node"),
			   *state = cli_text_at(b, "state"),
			   *code = cli_text_at(b, "code");
		if (strcmp(state, "running") == 0 || strcmp(state, "waiting") == 0 ||
		    json_object_get(w->ended, node))
			continue;
		(void)json_object_set_new(w->ended, node, json_true());
		erase(w);
		cli_put(stderr, node);
		fputs(": ", stderr);
		cli_put(stderr, state);
		fputs(*code ? ", " : "", stderr);
		cli_put(stderr, code);
		fputc('\n', stderr);
	}
}

static void draw(struct watch *w, const json_t *task, const json_t *boards)
{
	json_int_t said = json_integer_value(json_object_get(task, "PercentComplete"));
	int percent = (int)MAX(0, MIN(said, 100));
	char words[128];

	if (w->quiet)
		return;
	describe(boards, words, sizeof(words));
	report_ended(w, boards);
	if (w->terminal) {
		draw_bar(w, percent, words);
	} else if (percent / 10 > w->reported / 10) {
		fprintf(stderr, "%d %%: %s\n", percent, words);
		w->reported = percent;
	}
}

/* ---- waiting ---- */

/* An interrupt ends bmc, not the update. */
static void end_interrupted(struct watch *w)
{
	erase(w);
	cli_note("the update goes on as task %s: bmc fw log %s, bmc fw cancel %s",
		 w->task, w->task, w->task);
	(void)signal((int)interrupted, SIG_DFL);
	(void)raise((int)interrupted);
}

static int end(struct watch *w, const json_t *task, const json_t *boards)
{
	struct cli_error err = { 0 };
	const char *state = cli_text_at(task, "TaskState");
	int code = cli_update_code(boards);

	erase(w);
	cli_update_print(w->c, task, boards);
	if (code || strcmp(state, "Completed") == 0)
		return code;
	cli_fail(&err, CLI_FAILED, "the update has ended as %s, %s", state,
		 cli_text_at(task, "Oem/ClusterBmc/Code"));
	cli_next(&err, "%s", cli_text_at(task, "Oem/ClusterBmc/Error"));
	return cli_report(NULL, &err);
}

/* -1: it goes on. */
static int look(struct watch *w, int64_t until)
{
	struct cli_error err = { 0 };
	json_t *task = NULL;
	json_t *boards = cli_update_boards(cli_link(w->c), w->task, &task, &err);
	int code = -1;

	if (!boards) {
		erase(w);
		return cli_report(NULL, &err);
	}
	if (cli_task_ended(cli_text_at(task, "TaskState"))) {
		report_ended(w, w->quiet ? NULL : boards);
		code = end(w, task, boards);
	} else if (bmc_now() >= until) {
		erase(w);
		cli_fail(&err, CLI_TIMEOUT, "not done in time");
		cli_next(&err, "It goes on as task %s: bmc fw log %s.", w->task,
			 w->task);
		code = cli_report(NULL, &err);
	} else {
		draw(w, task, boards);
	}
	json_decref(boards);
	json_decref(task);
	return code;
}

int cli_update_watch(struct cli *c, const char *task)
{
	struct watch w = { .c = c,
			   .task = task,
			   .terminal = isatty(STDERR_FILENO),
			   .quiet = cli_option(c, "quiet") != NULL,
			   .ended = json_object() };
	int64_t until = bmc_now() + (c->timeout_ms > 0 ? c->timeout_ms : WAIT_MS);
	struct sigaction act = { .sa_handler = on_signal }, was_int, was_term;
	int code;

	interrupted = 0;
	(void)sigaction(SIGINT, &act, &was_int);
	(void)sigaction(SIGTERM, &act, &was_term);
	while ((code = look(&w, until)) < 0 && !interrupted)
		(void)poll(NULL, 0, POLL_MS);
	if (code < 0)
		end_interrupted(&w);
	(void)sigaction(SIGINT, &was_int, NULL);
	(void)sigaction(SIGTERM, &was_term, NULL);
	json_decref(w.ended);
	return code < 0 ? CLI_FAILED : code;
}
