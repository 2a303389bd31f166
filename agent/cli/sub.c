// SPDX-License-Identifier: Apache-2.0
// What commands share that have several forms or show collections. Called by
// commands/*.c.
#include "cli/sub.h"

#include <stdarg.h>
#include <string.h>

#define PAGES_MAX 1000

static int unknown(const struct cli *c, const struct cli_sub *subs)
{
	struct cli_guess g = { .word = c->argv[0] };

	for (const struct cli_sub *s = subs; s->name; s++)
		cli_guess(&g, s->name);
	return g.best ? cli_usage(c, "there is no %s %s: did you mean %s?",
				  c->command->name, c->argv[0], g.best)
		      : cli_usage(c, "there is no %s %s", c->command->name, c->argv[0]);
}

int cli_run_sub(struct cli *c, const struct cli_sub *subs, const char *other)
{
	const char *word = c->argc ? c->argv[0] : other;
	int n = c->argc ? c->argc - 1 : 0;

	if (!word)
		return cli_usage(c, "%s what?", c->command->name);
	for (const struct cli_sub *s = subs; s->name; s++) {
		if (strcmp(s->name, word) != 0)
			continue;
		if (n < s->min || (s->max >= 0 && n > s->max))
			return cli_usage(c, "it is: bmc %s %s%s%s", c->command->name,
					 s->name, *s->usage ? " " : "", s->usage);
		return s->run(c, n, c->argv + (c->argc ? 1 : 0));
	}
	return unknown(c, subs);
}

int cli_done(int code, const struct cli_error *err)
{
	return code ? cli_report(NULL, err) : CLI_OK;
}

void cli_set_text(json_t *object, const char *key, const char *text)
{
	if (text && *text)
		(void)json_object_set_new(object, key, json_string(text));
}

json_t *cli_collect(struct cli_link *l, struct cli_error *err, const char *fmt, ...)
{
	char path[CLI_PATH_MAX];
	json_t *all = json_array();
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	for (int page = 0; path[0] && page < PAGES_MAX; page++) {
		json_t *body = cli_get(l, err, "%s", path);

		if (!body) {
			json_decref(all);
			return NULL;
		}
		(void)json_array_extend(all, json_object_get(body, "Members"));
		(void)snprintf(path, sizeof(path), "%s",
			       cli_text_at(body, "Members@odata.nextLink"));
		json_decref(body);
	}
	return all;
}

int cli_show_members(struct cli *c, const char *path, json_t *(*row_of)(const json_t *),
		     const struct cli_column *columns)
{
	struct cli_error err = { 0 };
	json_t *all = cli_collect(cli_link(c), &err, "%s", path), *rows, *member;
	size_t i;

	if (!all)
		return cli_report(NULL, &err);
	rows = json_array();
	json_array_foreach (all, i, member) {
		json_t *row = row_of(member);
		if (row)
			(void)json_array_append_new(rows, row);
	}
	cli_print_rows(stdout, c->format, rows, columns);
	json_decref(rows);
	json_decref(all);
	return CLI_OK;
}

int cli_show_boards(struct cli *c, bool (*wanted)(const struct cli *, const json_t *),
		    void (*put_plain)(const json_t *rows),
		    const struct cli_column *columns)
{
	int code;
	const json_t *all = cli_boards(c, &code);
	json_t *rows, *b;
	size_t i;

	if (!all)
		return code;
	rows = json_array();
	json_array_foreach (all, i, b) {
		if (wanted(c, b))
			(void)json_array_append(rows, b);
	}
	if (c->format == CLI_PLAIN && put_plain)
		put_plain(rows);
	else
		cli_print_rows(stdout, c->format == CLI_PLAIN ? CLI_NAME : c->format,
			       rows, columns);
	json_decref(rows);
	return CLI_OK;
}
