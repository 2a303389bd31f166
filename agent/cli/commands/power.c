// SPDX-License-Identifier: Apache-2.0
// reset, reboot, poweron, poweroff: one action of a board each.
#include <string.h>

#include "cli/list.h"

struct action {
	const char *type; /* ResetType */
	const char *done; /* what is reported when it was waited for */
	bool wait;
	int64_t timeout_ms;
};

static int act(struct cli_job *job)
{
	const struct action *a = job->arg;
	char path[CLI_PATH_MAX];
	json_t *body = json_pack("{s:s}", "ResetType", a->type);
	struct cli_call call = { .method = "POST", .path = path, .body = body };
	struct cli_reply r;

	(void)snprintf(path, sizeof(path), "%s/Actions/ComputerSystem.Reset", job->uri);
	int code = cli_ask(job->link, &call, &r, &job->err);
	if (code == CLI_OK && a->wait && r.status == 202 && r.location[0])
		code = cli_wait_task(job, r.location, a->timeout_ms, NULL);
	job->result = json_pack("{s:s,s:s,s:s}", "node", job->node, "action", a->done,
				"result",
				code              ? "failed"
				: a->wait         ? "done"
				: r.status == 202 ? "started"
						  : "done");
	if (code == CLI_OK && a->wait)
		cli_progress(job, 100, a->done);
	cli_reply_done(&r);
	json_decref(body);
	return code;
}

static const struct cli_column columns[] = {
	{ "NODE", "node", false },
	{ "ACTION", "action", false },
	{ "RESULT", "result", false },
	{ .title = NULL },
};

/* Prints nothing unless a format was asked for, as Firefly's tool. */
static int run_action(struct cli *c, const char *type)
{
	struct action a = { .type = type,
			    .done = c->command->name,
			    .wait = cli_option(c, "wait"),
			    .timeout_ms = c->timeout_ms };
	json_t *results = NULL;

	int code = strcmp(type, "On") == 0 ? CLI_OK : cli_confirm(c, c->command->name);
	if (code)
		return code;
	code = cli_each(c, act, &a, &results);
	if (c->format != CLI_PLAIN)
		cli_print_rows(stdout, c->format, results, columns);
	json_decref(results);
	return code;
}

static int reset(struct cli *c)
{
	return run_action(c, "ForceRestart");
}

static int reboot(struct cli *c)
{
	return run_action(c, "GracefulRestart");
}

static int poweron(struct cli *c)
{
	return run_action(c, "On");
}

static int poweroff(struct cli *c)
{
	return run_action(c, "ForceOff");
}

#define HELP(word)                                                                 \
	"Without --wait it returns when the agent has taken it on. Of several "    \
	"boards\n"                                                                 \
	"at once it asks back, or needs --yes. With --wait it returns when that\n" \
	"is done; the system still takes its time to start: bmc <node> state.\n"   \
	"Sets (@all, @on, '*') leave main out: it is meant by its name only.\n"    \
	"\n"                                                                       \
	"Examples:\n"                                                              \
	"  bmc sub1-01 " word "\n"                                                 \
	"  bmc sub1-01 " word " --wait --timeout 2m\n"                             \
	"  bmc @blade2 " word " --yes --parallel 4\n"

const struct cli_command cli_reset = {
	.name = "reset",
	.usage = "<node> {reset|poweron|poweroff}",
	.summary = "Invoke reset, poweron or power off on <node>",
	.help = "reset pulls the board's RESET pin; without one its power goes off and "
		"on.\n" HELP("reset"),
	.flags = CLI_NODES | CLI_ALONE | CLI_NOT_MAIN,
	.run = reset,
};

const struct cli_command cli_poweron = {
	.name = "poweron",
	.usage = "<node> poweron",
	.summary = "Switch the power of <node> on.",
	.help = HELP("poweron"),
	.flags = CLI_NODES | CLI_HIDDEN | CLI_ALONE | CLI_NOT_MAIN,
	.run = poweron,
};

const struct cli_command cli_poweroff = {
	.name = "poweroff",
	.usage = "<node> poweroff",
	.summary = "Switch the power of <node> off at once.",
	.help = HELP("poweroff"),
	.flags = CLI_NODES | CLI_HIDDEN | CLI_ALONE | CLI_NOT_MAIN,
	.run = poweroff,
};

const struct cli_command cli_reboot = {
	.name = "reboot",
	.usage = "<node> reboot",
	.summary = "Ask the system of <node> to restart; reset it when it doesn't "
		   "within 10 s",
	.help = HELP("reboot"),
	.flags = CLI_NODES | CLI_ALONE | CLI_NOT_MAIN,
	.run = reboot,
};
