// SPDX-License-Identifier: Apache-2.0
// bmc events: the last ones of the event log, or with -f what happens now.
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands/follow.h"
#include "cli/list.h"
#include "cli/sub.h"
#include "core/base/util.h"

#define ENTRIES  CLI_ROOT "/Managers/bmc/LogServices/Events/Entries"
#define LAST     20
#define LAST_MAX 100000

/* ---- one event ---- */

static const char *behind_last(const char *text, char c)
{
	const char *at = strrchr(text, c);

	return at ? at + 1 : text;
}

/* Of an entry of the log, or of an event of the stream: a new object. */
static json_t *row_of(const json_t *e, const char *id)
{
	const char *time = cli_text_at(e, "EventTimestamp");
	const char *origin = cli_text_at(e, "Links/OriginOfCondition/@odata.id");

	if (!*origin)
		origin = cli_text_at(e, "OriginOfCondition/@odata.id");
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", id, "time",
			 *time ? time : cli_text_at(e, "Created"), "severity",
			 *cli_text_at(e, "MessageSeverity")
				 ? cli_text_at(e, "MessageSeverity")
				 : cli_text_at(e, "Severity"),
			 "origin", behind_last(origin, '/'), "type",
			 behind_last(cli_text_at(e, "MessageId"), '.'), "message",
			 cli_text_at(e, "Message"), "uri", origin);
}

/* "TIME  SEVERITY  MESSAGE". */
static void print_line(const struct cli *c, json_t *row)
{
	if (c->format == CLI_JSON || c->format == CLI_YAML) {
		(void)json_dumpf(row, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	} else {
		cli_put(stdout, cli_text_at(row, "time"));
		fputs("  ", stdout);
		char severity[17];
		(void)snprintf(severity, sizeof(severity), "%s",
			       cli_text_at(row, "severity"));
		cli_clean(severity, 0);
		printf("%-8s  ", severity);
		cli_put(stdout, cli_text_at(row, "message"));
	}
	fputc('\n', stdout);
}

/* ---- the log ---- */

static json_t *load_last(struct cli *c, long n, struct cli_error *err)
{
	json_t *one = cli_get(cli_link(c), err, ENTRIES "?$top=1");
	long all = one ? (long)json_integer_value(
				 json_object_get(one, "Members@odata.count"))
		       : 0;

	if (!one)
		return NULL;
	json_decref(one);
	return cli_collect(cli_link(c), err, ENTRIES "?$skip=%ld", MAX(all - n, 0));
}

static int show_last(struct cli *c)
{
	static const struct cli_column columns[] = {
		{ "ID", "id", true },
		{ "TIME", "time", false },
		{ "SEVERITY", "severity", false },
		{ "ORIGIN", "origin", true },
		{ "TYPE", "type", true },
		{ "MESSAGE", "message", false },
		{ .title = NULL },
	};
	long n = cli_option_number(c, "last", 0, LAST_MAX, LAST);
	struct cli_error err = { 0 };
	json_t *all = n < 0 ? NULL : load_last(c, n, &err), *e;
	json_t *rows = json_array();
	size_t i;

	json_array_foreach (all, i, e)
		(void)json_array_append_new(rows, row_of(e, cli_text_at(e, "Id")));
	if (all && c->format == CLI_PLAIN) {
		json_array_foreach (rows, i, e)
			print_line(c, e);
	} else if (all) {
		cli_print_rows(stdout, c->format, rows, columns);
	}
	json_decref(rows);
	if (n < 0)
		return CLI_USAGE;
	if (!all)
		return cli_report(NULL, &err);
	json_decref(all);
	return CLI_OK;
}

/* ---- as they happen ---- */

static bool take_event(void *arg, const char *id, const json_t *data)
{
	const json_t *events = json_object_get(data, "Events"), *e;
	size_t i;

	json_array_foreach (events, i, e) {
		json_t *row = row_of(e, id);
		print_line(arg, row);
		json_decref(row);
	}
	return fflush(stdout) == 0; /* what reads it has gone */
}

/* An expression of Redfish as it is, or for a word the events of that board. */
static char *filter_of(const struct cli *c)
{
	const char *text = cli_option(c, "filter");
	char buf[CLI_PATH_MAX];

	if (!text)
		return NULL;
	if (!strchr(text, ' ')) {
		(void)snprintf(buf, sizeof(buf),
			       "OriginResource eq '" CLI_ROOT "/Systems/%.64s'", text);
		text = buf;
	}
	return curl_easy_escape(NULL, text, 0);
}

static int run(struct cli *c)
{
	char path[CLI_PATH_MAX] = CLI_ROOT "/EventService/SSE";
	size_t n = strlen(path);

	if (c->argc)
		return cli_usage(c, "events takes no %s", c->argv[0]);
	if (!cli_option(c, "follow") && cli_option(c, "filter"))
		return cli_usage(c, "--filter needs -f: the log is not filtered");
	if (!cli_option(c, "follow") && cli_option(c, "since"))
		return cli_usage(c, "--since needs -f");
	if (!cli_option(c, "follow"))
		return show_last(c);
	char *filter = filter_of(c);
	if (filter)
		(void)snprintf(path + n, sizeof(path) - n, "?$filter=%s", filter);
	bool fits = !filter || strlen(filter) + n + 10 < sizeof(path);
	curl_free(filter);
	if (!fits)
		return cli_usage(c, "--filter is too long");
	return cli_follow(c, path, cli_option(c, "since"), take_event, c);
}

static const struct cli_option options[] = {
	{ "follow", 'f', NULL, "the events as they happen, until ^C" },
	{ "last", 'n', "N", "so many of the log (20)" },
	{ "filter", 0, "BOARD|EXPRESSION",
	  "with -f: those of a board, or Redfish's $filter" },
	{ "since", 0, "ID", "with -f: what came after this event, too" },
	{ .name = NULL },
};

const struct cli_command cli_events = {
	.name = "events",
	.usage = "events [-n <n>]\n"
		 "events -f [--filter <board>|<expression>] [--since <id>]",
	.summary = "Show the last events, or those that happen now.",
	.help = "With -f a connection that ends is made again, and nothing in between "
		"is\n"
		"lost as long as the agent keeps it. With -o json each event is a "
		"line.\n"
		"\n"
		"Examples:\n"
		"  bmc events -n 100\n"
		"  bmc events -f --filter sub1-03\n"
		"  bmc events -f --filter \"Severity ne 'OK'\" -o json\n",
	.options = options,
	.run = run,
};
