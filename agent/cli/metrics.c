// SPDX-License-Identifier: Apache-2.0
// Samples out of a page of metrics, and out of Prometheus' answers. Called by query.
#include "cli/metrics.h"

#include <ctype.h>
#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/client.h"
#include "core/base/util.h"

#define MATCHERS_MAX 16

/* One of name="value", name!="value", name=~"regex", name!~"regex". */
struct matcher {
	char *name, *value; /* owned */
	bool negated, is_regex;
	regex_t regex;
};

struct selector {
	char *name; /* owned */
	struct matcher matchers[MATCHERS_MAX];
	size_t n;
};

/* ---- words ---- */

static char *take_name(const char **at)
{
	const char *begin = *at + strspn(*at, " ");
	size_t n = 0;

	while (isalnum((unsigned char)begin[n]) || begin[n] == '_' || begin[n] == ':')
		n++;
	*at = begin + n;
	*at += strspn(*at, " ");
	return n ? strndup(begin, n) : NULL;
}

/* In double quotes, or single ones; owned. NULL: none. */
static char *take_quoted(const char **at)
{
	char quote = **at;
	char *text = malloc(strlen(*at) + 1);
	size_t n = 0;

	if (!text || (quote != '"' && quote != '\''))
		goto fail;
	for (++*at; **at && **at != quote; ++*at) {
		if (**at == '\\' && (*at)[1])
			++*at;
		text[n++] = **at == 'n' && (*at)[-1] == '\\' ? '\n' : **at;
	}
	if (**at != quote)
		goto fail;
	++*at;
	*at += strspn(*at, " ");
	text[n] = 0;
	return text;
fail:
	free(text);
	return NULL;
}

/* ---- the selector ---- */

static bool compile(struct matcher *m)
{
	auto_free char *whole = NULL;

	if (asprintf(&whole, "^(%s)$", m->value) < 0)
		whole = NULL;
	m->is_regex = whole && regcomp(&m->regex, whole, REG_EXTENDED | REG_NOSUB) == 0;
	return m->is_regex;
}

static bool take_matcher(const char **at, struct matcher *m)
{
	m->name = take_name(at);
	if (!m->name || (**at != '=' && **at != '!'))
		return false;
	m->negated = **at == '!';
	bool regex = (*at)[1] == '~';
	if (m->negated && !regex && (*at)[1] != '=')
		return false;
	*at += m->negated || regex ? 2 : 1;
	*at += strspn(*at, " ");
	m->value = take_quoted(at);
	return m->value && (!regex || compile(m));
}

static void selector_done(struct selector *s)
{
	free(s->name);
	for (size_t i = 0; i < MATCHERS_MAX; i++) {
		free(s->matchers[i].name);
		free(s->matchers[i].value);
		if (s->matchers[i].is_regex)
			regfree(&s->matchers[i].regex);
	}
}

static bool take_selector(const char *at, struct selector *s)
{
	s->name = take_name(&at);
	if (!s->name)
		return false;
	if (*at == '{') {
		at++;
		at += strspn(at, " ");
		while (*at && *at != '}') {
			if (s->n == MATCHERS_MAX ||
			    !take_matcher(&at, &s->matchers[s->n++]))
				return false;
			at += *at == ',';
			at += strspn(at, " ");
		}
		if (*at++ != '}')
			return false;
	}
	return !at[strspn(at, " ")];
}

static bool matches(const struct selector *s, const json_t *labels)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct matcher *m = &s->matchers[i];
		const char *value = cli_text_at(labels, m->name);
		bool is = m->is_regex ? regexec(&m->regex, value, 0, NULL, 0) == 0
				      : strcmp(value, m->value) == 0;
		if (is == m->negated)
			return false;
	}
	return true;
}

/* ---- samples ---- */

/* "NAME{A=\"B\", C=\"D\"}", by the labels' names; a new reference. */
static json_t *format_name(const char *name, const json_t *labels)
{
	char *sorted = json_dumps(labels, JSON_SORT_KEYS), *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	json_t *in_order = sorted ? json_loads(sorted, 0, NULL) : NULL, *value, *made;
	const char *key;
	bool first = true;

	if (out) {
		fprintf(out, "%s{", name);
		json_object_foreach (in_order, key, value) {
			fprintf(out, "%s%s=\"%s\"", first ? "" : ", ", key,
				json_string_value(value));
			first = false;
		}
		fputc('}', out);
		(void)fclose(out);
	}
	made = json_string(text ? text : "");
	json_decref(in_order);
	free(sorted);
	free(text);
	return made;
}

static void add_sample(json_t *rows, const char *name, json_t *labels,
		       const char *value, double time)
{
	json_t *row = json_pack("{s:o,s:s,s:o,s:s,s:f}", "metric",
				format_name(name, labels), "name", name, "labels",
				json_deep_copy(labels), "value", value, "time", time);

	if (row)
		(void)json_array_append_new(rows, row);
}

/* What the scrape of Firefly's Prometheus adds. */
static void add_labels(json_t *labels)
{
	(void)json_object_set_new(labels, "instance", json_string(""));
	(void)json_object_set_new(labels, "job", json_string("node"));
	if (!json_object_get(labels, "nodename"))
		(void)json_object_set_new(labels, "nodename", json_string("main"));
}

static bool take_labels(const char **at, json_t *labels)
{
	if (**at != '{')
		return true;
	for (++*at; **at && **at != '}'; *at += **at == ',') {
		auto_free char *name = take_name(at);
		if (!name || *(*at)++ != '=')
			return false;
		auto_free char *value = take_quoted(at);
		if (!value)
			return false;
		(void)json_object_set_new(labels, name, json_string(value));
	}
	return *(*at)++ == '}';
}

/* "node_cluster_up{state=\"android\",subnode=\"sub1-01\"} 1" */
static void take_line(const char *line, const struct selector *s, double now,
		      json_t *rows)
{
	auto_free char *name = take_name(&line);
	char value[64];
	json_t *labels = json_object();

	if (name && strcmp(name, s->name) == 0 && take_labels(&line, labels) &&
	    sscanf(line, " %63s", value) == 1) {
		add_labels(labels);
		if (matches(s, labels))
			add_sample(rows, name, labels, value, now);
	}
	json_decref(labels);
}

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)(t.tv_nsec / 1000000) / 1000;
}

json_t *cli_metrics_find(const char *page, const char *expr, struct cli_error *err)
{
	struct selector s = { .n = 0 };
	json_t *rows = json_array();
	double time = now();

	if (!take_selector(expr, &s)) {
		selector_done(&s);
		json_decref(rows);
		cli_fail(err, CLI_USAGE, "'%s' is more than the agent can answer",
			 expr);
		cli_next(err,
			 "It knows NAME and NAME{LABEL=\"VALUE\"}; for more name a "
			 "Prometheus: --prometheus URL.");
		return NULL;
	}
	while (*page) {
		size_t n = strcspn(page, "\n");
		auto_free char *line = *page == '#' ? NULL : strndup(page, n);
		if (line)
			take_line(line, &s, time, rows);
		page += n + (page[n] == '\n');
	}
	selector_done(&s);
	return rows;
}

/* ---- Prometheus ---- */

static void add_result(json_t *rows, const json_t *result)
{
	const json_t *metric = json_object_get(result, "metric"),
		     *value = json_object_get(result, "value");
	json_t *labels = json_copy((json_t *)(uintptr_t)metric);
	const char *name = cli_text_at(metric, "__name__");
	const char *text = json_string_value(json_array_get(value, 1));

	(void)json_object_del(labels, "__name__");
	if (labels && text)
		add_sample(rows, name, labels, text,
			   json_number_value(json_array_get(value, 0)));
	json_decref(labels);
}

json_t *cli_metrics_of_prometheus(const json_t *answer, struct cli_error *err)
{
	const json_t *result = cli_at(answer, "data/result"), *one;
	const char *type = cli_text_at(answer, "data/resultType");
	json_t *rows = json_array();
	size_t i;

	if (strcmp(type, "vector") == 0) {
		json_array_foreach (result, i, one)
			add_result(rows, one);
		return rows;
	}
	if (strcmp(type, "scalar") == 0 || strcmp(type, "string") == 0) {
		json_t *labels = json_object();
		const char *text = json_string_value(json_array_get(result, 1));
		add_sample(rows, type, labels, text ? text : "",
			   json_number_value(json_array_get(result, 0)));
		json_decref(labels);
		return rows;
	}
	json_decref(rows);
	cli_fail(err, CLI_FAILED, "Prometheus: %s",
		 *cli_text_at(answer, "error") ? cli_text_at(answer, "error")
					       : "an answer of another kind");
	return NULL;
}
