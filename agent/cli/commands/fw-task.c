// SPDX-License-Identifier: Apache-2.0
// An update as a task: its boards and what became of each. Called by commands/fw.c and
// fw-watch.c.
#include <string.h>

#include "cli/commands/fw.h"
#include "cli/sub.h"
#include "core/base/util.h"

#define OEM "Oem/ClusterBmc/"

bool cli_is_task(const char *word)
{
	size_t n = strspn(word, "0123456789");

	return n && n < 11 && !word[n];
}

bool cli_task_ended(const char *state)
{
	static const char *const words[] = { "Completed", "Exception", "Cancelled",
					     "Killed", "Interrupted" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(state, words[i]) == 0)
			return true;
	}
	return false;
}

static const char *word_of(const char *state)
{
	static const struct {
		const char *state, *word;
	} words[] = {
		{ "New", "waiting" },      { "Pending", "waiting" },
		{ "Running", "running" },  { "Completed", "done" },
		{ "Exception", "failed" }, { "Cancelled", "cancelled" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].state, state) == 0)
			return words[i].word;
	}
	return state;
}

/* What a task says last beside its beginning and end: its step, or why it failed. */
static const char *message_of(const json_t *task)
{
	const json_t *all = json_object_get(task, "Messages"), *m;
	const char *error = cli_text_at(task, OEM "Error"), *words = "";
	size_t i;

	if (*error)
		return error;
	json_array_foreach (all, i, m) {
		const json_t *args = json_object_get(m, "MessageArgs");
		if (strstr(cli_text_at(m, "MessageId"), ".TaskStep"))
			words = json_string_value(json_array_get(args, 0));
	}
	return words ? words : "";
}

static json_t *board_of(const json_t *task)
{
	return json_pack("{s:s, s:s, s:O?, s:s, s:s, s:s, s:O?, s:O?, s:O?}", "node",
			 cli_text_at(task, OEM "TargetId"), "state",
			 word_of(cli_text_at(task, "TaskState")), "percent",
			 json_object_get(task, "PercentComplete"), "code",
			 cli_text_at(task, OEM "Code"), "message", message_of(task),
			 "history", cli_text_at(task, OEM "History"), "bytes_done",
			 cli_at(task, OEM "BytesDone"), "bytes_total",
			 cli_at(task, OEM "BytesTotal"), "bytes_per_second",
			 cli_at(task, OEM "BytesPerSecond"));
}

json_t *cli_update_boards(struct cli_link *l, const char *task, json_t **ret_task,
			  struct cli_error *err)
{
	json_t *whole = cli_get(l, err, CLI_TASKS "/%s", task), *parts, *part;
	json_t *boards = NULL;
	size_t i;

	if (!whole)
		return NULL;
	parts = cli_collect(l, err, CLI_TASKS "/%s/SubTasks?$expand=.", task);
	if (parts)
		boards = json_array();
	json_array_foreach (parts, i, part)
		(void)json_array_append_new(boards, board_of(part));
	/* of a single board there are no parts */
	if (parts && !json_array_size(parts) && *cli_text_at(whole, OEM "TargetId"))
		(void)json_array_append_new(boards, board_of(whole));
	if (ret_task && boards)
		*ret_task = json_incref(whole);
	json_decref(parts);
	json_decref(whole);
	return boards;
}

int cli_update_code(const json_t *boards)
{
	size_t n = json_array_size(boards), failed = 0, i;
	const json_t *b;

	json_array_foreach (boards, i, b) {
		const char *state = cli_text_at(b, "state");
		failed +=
			strcmp(state, "failed") == 0 || strcmp(state, "cancelled") == 0;
	}
	if (!failed)
		return CLI_OK;
	return n == 1 ? CLI_FAILED : CLI_SOME_FAILED;
}

static void print_lines(const json_t *boards)
{
	const json_t *b;
	size_t i;

	json_array_foreach (boards, i, b) {
		const char *code = cli_text_at(b, "code");
		cli_put(stdout, cli_text_at(b, "node"));
		fputs(": ", stdout);
		cli_put(stdout, cli_text_at(b, "state"));
		if (strcmp(cli_text_at(b, "state"), "running") == 0)
			printf(", %d %%",
			       (int)json_integer_value(json_object_get(b, "percent")));
		if (*code)
			fputs(", ", stdout);
		cli_put(stdout, code);
		if (*cli_text_at(b, "message"))
			fputs(": ", stdout);
		cli_put(stdout, cli_text_at(b, "message"));
		fputc('\n', stdout);
	}
}

void cli_update_print(const struct cli *c, const json_t *task, const json_t *boards)
{
	static const struct cli_column columns[] = {
		{ "NODE", "node", false },
		{ "STATE", "state", false },
		{ "PERCENT", "percent", false },
		{ "CODE", "code", false },
		{ "MESSAGE", "message", false },
		{ "HISTORY", "history", true },
		{ .title = NULL },
	};

	if (c->format == CLI_PLAIN) {
		print_lines(boards);
	} else if (c->format == CLI_JSON || c->format == CLI_YAML) {
		json_t *all =
			json_pack("{s:s, s:s, s:O?, s:s, s:O?, s:O}", "task",
				  cli_text_at(task, "Id"), "state",
				  word_of(cli_text_at(task, "TaskState")), "percent",
				  json_object_get(task, "PercentComplete"), "image",
				  cli_text_at(task, OEM "Image"), "dry_run",
				  cli_at(task, OEM "DryRun"), "boards", boards);
		cli_print_value(stdout, c->format, all);
		json_decref(all);
	} else {
		cli_print_rows(stdout, c->format, boards, columns);
	}
}
