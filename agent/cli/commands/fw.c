// SPDX-License-Identifier: Apache-2.0
// bmc fw: updates of boards' firmware.
#include <stdlib.h>
#include <string.h>

#include "cli/commands/fw.h"
#include "cli/list.h"
#include "cli/sub.h"
#include "core/base/util.h"

#define OEM "Oem/ClusterBmc/"

/* ---- queue ---- */

/* Options that are numbers of the plan; the agent checks them, too. */
static const struct {
	const char *option, *member;
	long min, max;
} plan[] = {
	{ "batch", "BatchSize", 1, 2048 },
	{ "canary", "CanarySize", 0, 2048 },
	{ "delay", "DelayBetweenBatchesInSeconds", 0, 86400 },
	{ "max-failed", "MaxFailed", 0, 2048 },
	{ "per-blade", "MaxPerBlade", 1, 2048 },
	{ "priority", "Priority", 0, 9 },
};

static int take_verify(const struct cli *c, json_t *options)
{
	static const char *const words[] = { "None", "Sampled", "Full" };
	const char *text = cli_option(c, "verify");

	for (size_t i = 0; text && i < ARRAY_SIZE(words); i++) {
		if (strcasecmp(text, words[i]) == 0) {
			cli_set_text(options, "Verify", words[i]);
			return CLI_OK;
		}
	}
	return text ? cli_usage(c, "--verify %s: none, sampled or full", text) : CLI_OK;
}

static int take_plan(const struct cli *c, json_t *options)
{
	for (size_t i = 0; i < ARRAY_SIZE(plan); i++) {
		long n = cli_option_number(c, plan[i].option, plan[i].min, plan[i].max,
					   -2);
		if (n == -1)
			return CLI_USAGE;
		if (n >= 0)
			(void)json_object_set_new(options, plan[i].member,
						  json_integer(n));
	}
	if (cli_option(c, "dry-run"))
		(void)json_object_set_new(options, "DryRun", json_true());
	return take_verify(c, options);
}

static void print_queued(const struct cli *c, const char *task,
			 const struct cli_image *image)
{
	size_t n = json_array_size(c->nodes);
	json_t *row;

	if (c->format == CLI_NAME) {
		printf("%s\n", task);
		return;
	}
	if (c->format == CLI_PLAIN) {
		printf("task %s: %s for %zu board%s\n", task, image->label, n,
		       n == 1 ? "" : "s");
		return;
	}
	row = json_pack("{s:s, s:s, s:i}", "task", task, "image", image->label,
			"boards", (int)n);
	cli_print_value(stdout, c->format == CLI_YAML ? CLI_YAML : CLI_JSON, row);
	json_decref(row);
}

/* Of a file that the agent has not: boards, plan, account and size are checked, and
 * nothing is sent. */
static int check_file(struct cli *c, const struct cli_image *image, json_t *options)
{
	struct cli_error err = { 0 };
	json_t *boards = json_array(), *task;
	const json_t *b;
	int64_t size = 0;
	char words[120];
	size_t i;
	int code = cli_update_check(c, image, options, &size, &err);

	(void)snprintf(words, sizeof(words),
		       "%lld bytes would be sent; the agent has not seen the image yet",
		       (long long)size);
	json_array_foreach (c->nodes, i, b)
		(void)json_array_append_new(
			boards,
			json_pack("{s:s, s:s, s:n, s:s, s:s, s:s, s:n, s:n, "
				  "s:n}",
				  "node", cli_text_at(b, "node"), "state", "possible",
				  "percent", "code", "", "message", words, "history",
				  "", "bytes_done", "bytes_total", "bytes_per_second"));
	task = json_pack("{s:s, s:s, s:n, s:{s:{s:s, s:b}}}", "Id", "", "TaskState",
			 "possible", "PercentComplete", "Oem", "ClusterBmc", "Image",
			 image->label, "DryRun", 1);
	if (!code)
		cli_update_print(c, task, boards);
	json_decref(task);
	json_decref(boards);
	return cli_done(code, &err);
}

static int queue(struct cli *c, const struct cli_image *image, json_t *options)
{
	struct cli_error err = { 0 };
	bool dry = cli_option(c, "dry-run");
	char task[32];
	int code = dry ? CLI_OK : cli_confirm(c, "update");

	if (code)
		return code;
	if (dry && image->file)
		return check_file(c, image, options);
	code = cli_update_queue(c, image, options, task, &err);
	if (code)
		return cli_report(NULL, &err);
	if (dry || cli_option(c, "wait"))
		return cli_update_watch(c, task);
	print_queued(c, task, image);
	return CLI_OK;
}

static int run_queue(struct cli *c, int n, char **args)
{
	struct cli_error err = { 0 };
	struct cli_image image;
	json_t *options = json_object();
	int code = take_plan(c, options);

	if (!code)
		c->nodes = cli_select(c, n - 1, args + 1, &code);
	if (!code && !json_array_size(c->nodes))
		code = cli_report(
			NULL,
			(cli_fail(&err, CLI_NOT_SUPPORTED, "no board is meant"), &err));
	if (!code)
		code = cli_done(cli_image_find(c, args[0], &image, &err), &err);
	if (!code)
		code = queue(c, &image, options);
	json_decref(options);
	return code;
}

/* ---- what there is ---- */

static bool is_update(const json_t *task)
{
	return strcmp(cli_text_at(task, OEM "Operation"), "Update") == 0;
}

static json_t *row_of_update(const json_t *t)
{
	if (!is_update(t))
		return NULL;
	return json_pack(
		"{s:s, s:s, s:O?, s:O?, s:O?, s:O?, s:s, s:s, s:s, s:s, s:s}", "task",
		cli_text_at(t, "Id"), "state", cli_text_at(t, "TaskState"), "percent",
		json_object_get(t, "PercentComplete"), "boards",
		cli_at(t, OEM "Targets"), "ok", cli_at(t, OEM "TargetsOk"), "failed",
		cli_at(t, OEM "TargetsFailed"), "image", cli_text_at(t, OEM "Image"),
		"code", cli_text_at(t, OEM "Code"), "by", cli_text_at(t, OEM "Actor"),
		"started", cli_text_at(t, "StartTime"), "ended",
		cli_text_at(t, "EndTime"));
}

static int run_list(struct cli *c, int n, char **args)
{
	static const struct cli_column columns[] = {
		{ "TASK", "task", false },       { "STATE", "state", false },
		{ "PERCENT", "percent", false }, { "BOARDS", "boards", false },
		{ "OK", "ok", false },           { "FAILED", "failed", false },
		{ "IMAGE", "image", false },     { "CODE", "code", false },
		{ "BY", "by", false },           { "STARTED", "started", false },
		{ "ENDED", "ended", true },      { .title = NULL },
	};

	(void)n, (void)args;
	return cli_show_members(c, CLI_TASKS "?$expand=.", row_of_update, columns);
}

static json_t *row_of_image(const json_t *m)
{
	return json_pack(
		"{s:s, s:s, s:O?, s:s, s:s, s:s, s:s, s:s, s:s}", "id",
		cli_text_at(m, "Id"), "name", cli_text_at(m, "Name"), "bytes",
		json_object_get(m, "SizeBytes"), "format", cli_text_at(m, OEM "Format"),
		"chip", cli_text_at(m, OEM "Chip"), "version",
		cli_text_at(m, "Version"), "trust", cli_text_at(m, OEM "Trust"),
		"state", cli_text_at(m, OEM "State"), "sha256",
		cli_text_at(m, OEM "Sha256"));
}

static int run_images(struct cli *c, int n, char **args)
{
	static const struct cli_column columns[] = {
		{ "ID", "id", false },        { "NAME", "name", false },
		{ "BYTES", "bytes", false },  { "FORMAT", "format", false },
		{ "CHIP", "chip", false },    { "VERSION", "version", false },
		{ "TRUST", "trust", false },  { "STATE", "state", false },
		{ "SHA256", "sha256", true }, { .title = NULL },
	};

	(void)n, (void)args;
	return cli_show_members(c, CLI_UPDATE "/LocalImageStore?$expand=.",
				row_of_image, columns);
}

/* ---- one update ---- */

/* Updates only: a number that is another task's is a mistake. */
static int find_update(struct cli *c, const char *word, json_t **ret_boards,
		       json_t **ret_task, struct cli_error *err)
{
	if (!cli_is_task(word))
		return cli_fail(err, CLI_USAGE, "%s is no number of a task", word);
	*ret_boards = cli_update_boards(cli_link(c), word, ret_task, err);
	if (!*ret_boards)
		return err->code;
	if (is_update(*ret_task))
		return CLI_OK;
	return cli_fail(err, CLI_NOT_SUPPORTED, "task %s is no update", word);
}

static void print_history(const json_t *boards)
{
	const json_t *b;
	size_t i;

	json_array_foreach (boards, i, b) {
		const char *step = cli_text_at(b, "history");
		while (*step) {
			auto_free char *line = strndup(step, strcspn(step, ";"));
			step += strcspn(step, ";");
			step += strspn(step, "; ");
			fputs("  ", stdout);
			cli_put(stdout, line);
			fputc('\n', stdout);
		}
	}
}

/* Of all boards the results, of the ones that are named what they did, too. */
static int run_log(struct cli *c, int n, char **args)
{
	struct cli_error err = { 0 };
	json_t *boards = NULL, *task = NULL, *some = json_array(), *b;
	int code = find_update(c, args[0], &boards, &task, &err);
	size_t i;

	json_array_foreach (boards, i, b) {
		bool wanted = n == 1;
		for (int a = 1; a < n; a++)
			wanted |= cli_matches(args[a], cli_text_at(b, "node"));
		if (wanted)
			(void)json_array_append(some, b);
	}
	if (!code && !json_array_size(some))
		code = cli_fail(&err, CLI_NOT_SUPPORTED, "%s is no board of task %s",
				n > 1 ? args[1] : "there", args[0]);
	if (!code)
		cli_update_print(c, task, some);
	if (!code && n > 1 && c->format == CLI_PLAIN)
		print_history(some);
	json_decref(some);
	json_decref(boards);
	json_decref(task);
	return cli_done(code, &err);
}

static int run_cancel(struct cli *c, int n, char **args)
{
	struct cli_error err = { 0 };
	json_t *boards = NULL, *task = NULL;
	char path[CLI_PATH_MAX];
	struct cli_call call = { .method = "DELETE", .path = path };
	int code = find_update(c, args[0], &boards, &task, &err);

	(void)n;
	(void)snprintf(path, sizeof(path), CLI_TASKS "/%s", args[0]);
	if (!code && cli_task_ended(cli_text_at(task, "TaskState"))) {
		code = cli_fail(&err, CLI_BUSY, "task %s has ended already", args[0]);
		cli_next(&err, "bmc fw log %s shows how.", args[0]);
	}
	if (!code)
		code = cli_ask(cli_link(c), &call, NULL, &err);
	json_decref(boards);
	json_decref(task);
	if (!code && cli_option(c, "wait"))
		return cli_update_watch(c, args[0]);
	return cli_done(code, &err);
}

static int run_wait(struct cli *c, int n, char **args)
{
	struct cli_error err = { 0 };
	json_t *boards = NULL, *task = NULL;
	int code = find_update(c, args[0], &boards, &task, &err);

	(void)n;
	json_decref(boards);
	json_decref(task);
	return code ? cli_report(NULL, &err) : cli_update_watch(c, args[0]);
}

static int run(struct cli *c)
{
	static const struct cli_sub subs[] = {
		{ "queue", "<image> <node>...", 2, -1, run_queue },
		{ "list", "", 0, 0, run_list },
		{ "images", "", 0, 0, run_images },
		{ "log", "<task> [<node>...]", 1, -1, run_log },
		{ "wait", "<task>", 1, 1, run_wait },
		{ "cancel", "<task>", 1, 1, run_cancel },
		{ .name = NULL },
	};

	return cli_run_sub(c, subs, NULL);
}

static const struct cli_option options[] = {
	{ "dry-run", 'n', NULL,
	  "checks boards and image, says how long; sends and writes nothing" },
	{ "batch", 0, "N", "so many boards in a wave" },
	{ "canary", 0, "N", "so many first; the rest when they are well" },
	{ "delay", 0, "SECONDS", "between waves" },
	{ "max-failed", 0, "N", "no further wave after more failures" },
	{ "per-blade", 0, "N", "so many of a blade at a time" },
	{ "priority", 0, "0-9", "before updates that wait with a lower one" },
	{ "verify", 0, "none|sampled|full", "what is read back after writing" },
	{ "force", 0, NULL, "also what is the same version, or an older one" },
	{ .name = NULL },
};

const struct cli_command cli_fw = {
	.name = "fw",
	.usage = "fw queue <image> <node>...\n"
		 "fw list|images\n"
		 "fw log <task> [<node>...]\n"
		 "fw wait|cancel <task>",
	.summary = "Update the firmware of boards.",
	.help = "An image is a file of this machine, which is sent to the agent, one "
		"that\n"
		"the agent has stored (bmc fw images), or an address it fetches it "
		"from.\n"
		"A file is sent when the agent has agreed to boards, options and its "
		"size;\n"
		"--dry-run sends none, so what is in it is checked of stored images "
		"only.\n"
		"With --wait each board's end is shown, then all results; 3 is the "
		"exit\n"
		"code when some boards failed. ^C ends the waiting, not the update.\n"
		"\n"
		"Examples:\n"
		"  bmc fw queue ./android.img @blade1 sub2-{01..04} --dry-run\n"
		"  bmc fw queue ./android.img @boards --canary 1 --batch 8 --wait "
		"--yes\n"
		"  bmc fw list\n"
		"  bmc fw log 7 sub1-03\n"
		"  bmc fw cancel 7\n",
	.options = options,
	.flags = CLI_NOT_MAIN,
	.run = run,
};
