// SPDX-License-Identifier: Apache-2.0
// bmc redfish: any request to the agent's Redfish service, for what bmc has no command.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/list.h"
#include "cli/sub.h"
#include "core/base/util.h"

#define BODY_MAX (4u << 20)

static bool is_method(const char *word)
{
	static const char *const words[] = { "GET", "POST", "PATCH", "PUT", "DELETE" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

/* "Systems/sub1-01" is below /redfish/v1. */
static bool make_path(const char *arg, char *ret, size_t size)
{
	int n = snprintf(ret, size, arg[0] == '/' ? "%s" : CLI_ROOT "/%s", arg);

	return n > 0 && (size_t)n < size && !ret[strcspn(ret, " \r\n\t")];
}

static json_t *load_file(const char *name, json_error_t *e)
{
	FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	json_t *body;

	if (!f) {
		(void)snprintf(e->text, sizeof(e->text), "%s", strerror(errno));
		return NULL;
	}
	body = json_loadf(f, 0, e);
	if (f != stdin)
		(void)fclose(f);
	return body;
}

/* JSON as it is, of a file ("@FILE") or of stdin ("-"). */
static json_t *load_body(const char *arg, struct cli_error *err)
{
	json_error_t e;
	bool file = arg[0] == '@' || strcmp(arg, "-") == 0;
	json_t *body = NULL;

	if (file)
		body = load_file(arg + (arg[0] == '@'), &e);
	else if (strlen(arg) <= BODY_MAX)
		body = json_loads(arg, 0, &e);
	if (!body)
		cli_fail(err, CLI_USAGE, "the body is no JSON: %s", e.text);
	return body;
}

static void print_reply(const struct cli *c, const struct cli_reply *r)
{
	if (r->json) {
		cli_print_value(stdout, c->format == CLI_YAML ? CLI_YAML : CLI_JSON,
				r->json);
	} else if (r->text) {
		auto_free char *text = strdup(r->text);
		if (text)
			cli_clean(text, 1);
		fputs(text ? text : "", stdout);
	}
	if (r->location[0])
		cli_note("%ld, at %s", r->status, r->location);
}

static int run(struct cli *c)
{
	struct cli_error err = { 0 };
	struct cli_reply r = { 0 };
	char path[CLI_PATH_MAX];
	struct cli_call call = { .path = path };

	if (c->argc < 2 || c->argc > 3)
		return cli_usage(c, "it is: bmc %s", c->command->usage);
	if (!is_method(c->argv[0]))
		return cli_usage(c, "%s is no GET, POST, PATCH, PUT or DELETE",
				 c->argv[0]);
	if (!make_path(c->argv[1], path, sizeof(path)))
		return cli_usage(c, "%s is no path", c->argv[1]);
	call.method = strcmp(c->argv[0], "GET") == 0 ? NULL : c->argv[0];
	json_t *body = c->argc == 3 ? load_body(c->argv[2], &err) : NULL;
	if (c->argc == 3 && !body)
		return cli_report(NULL, &err);
	call.body = body;
	call.object = c->argv[1];
	int code = cli_ask(cli_link(c), &call, &r, &err);
	if (!code)
		print_reply(c, &r);
	cli_reply_done(&r);
	json_decref(body);
	return cli_done(code, &err);
}

const struct cli_command cli_redfish = {
	.name = "redfish",
	.usage = "redfish GET|POST|PATCH|PUT|DELETE <path> [<json>|@<file>|-]",
	.summary = "Send a request to the Redfish service and print its answer.",
	.help = "A path without a slash before it is below /redfish/v1. The body is\n"
		"JSON, of a file (@body.json) or of stdin (-).\n"
		"\n"
		"Examples:\n"
		"  bmc redfish GET Systems/sub1-01\n"
		"  bmc redfish GET 'Systems?$select=PowerState&$expand=.' -o yaml\n"
		"  bmc redfish PATCH Systems/sub1-01 '{\"AssetTag\": \"rack 7\"}'\n",
	.run = run,
};
