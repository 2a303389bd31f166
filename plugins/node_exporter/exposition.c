// SPDX-License-Identifier: Apache-2.0
/* The text exposition format, a line at a time: NAME{LABEL="VALUE",...} VALUE [TIME].
 */
#include "exposition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool name_first(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

static bool name_next(char c)
{
	return name_first(c) || (c >= '0' && c <= '9');
}

static char *blanks(char *p)
{
	return p + strspn(p, " \t");
}

/* The end of the name that begins at p; p itself where none does. */
static char *name_end(char *p)
{
	if (!name_first(*p))
		return p;
	while (name_next(*p))
		p++;
	return p;
}

/* Unescapes in place the value that begins behind its quote. Returns what follows its
 * end, or NULL. */
static char *take_quoted(char *p)
{
	char *out = p;

	for (; *p && *p != '"'; p++) {
		if (*p == '\\') {
			p++;
			if (*p != '\\' && *p != '"' && *p != 'n')
				return NULL;
			*out++ = *p == 'n' ? '\n' : *p;
		} else {
			*out++ = *p;
		}
	}
	if (*p != '"')
		return NULL;
	*out = '\0';
	return p + 1;
}

/* One label and the blanks behind it; what follows, or NULL. */
static char *take_label(struct expo_sample *s, char *p)
{
	char *end = name_end(p), *value;

	if (end == p || s->n_labels == EXPO_LABELS_MAX)
		return NULL;
	value = blanks(end);
	if (*value != '=')
		return NULL;
	value = blanks(value + 1);
	if (*value != '"')
		return NULL;
	*end = '\0';
	s->labels[s->n_labels].name = p;
	s->labels[s->n_labels++].value = value + 1;
	p = take_quoted(value + 1);
	return p ? blanks(p) : NULL;
}

/* The labels that begin behind their brace; what follows them, or NULL. */
static char *take_labels(struct expo_sample *s, char *p)
{
	for (p = blanks(p); *p != '}'; p = blanks(p)) {
		p = take_label(s, p);
		if (!p || (*p != ',' && *p != '}'))
			return NULL;
		p += *p == ',';
	}
	return p + 1;
}

static bool is_word(const char *text, double *ret)
{
	static const struct {
		const char *word;
		double value;
	} words[] = { { "NaN", NAN },
		      { "+Inf", INFINITY },
		      { "Inf", INFINITY },
		      { "-Inf", -INFINITY } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i].word) != 0)
			continue;
		*ret = words[i].value;
		return true;
	}
	return false;
}

/* A number in decimal: no hexadecimal ones and no words that strtod takes beyond. */
static bool to_number(const char *text, double *ret)
{
	char *end;

	if (is_word(text, ret))
		return true;
	if (!*text || text[strspn(text, "+-.0123456789eE")])
		return false;
	*ret = strtod(text, &end);
	return !*end;
}

/* The value, and nothing behind it but the time in milliseconds. */
static bool take_value(struct expo_sample *s, char *p)
{
	char *end = p + strcspn(p, " \t");
	char *time = blanks(end), *rest;

	*end = '\0';
	if (!to_number(p, &s->value))
		return false;
	rest = time + (*time == '-');
	rest += strspn(rest, "0123456789");
	return !*blanks(rest);
}

/* Cuts the line up in place. */
static bool take_sample(struct expo_sample *s, char *p)
{
	char *end = name_end(p), after;

	if (end == p)
		return false;
	s->name = p;
	p = blanks(end);
	after = *p;
	if (after != '{' && p == end)
		return false; /* neither labels nor a blank behind the name */
	*end = '\0';
	if (after == '{')
		p = take_labels(s, p + 1);
	return p && take_value(s, blanks(p));
}

static void take_line(struct expo *e)
{
	struct expo_sample s = { .n_labels = 0 };
	char *p;

	e->line[e->len] = '\0';
	p = blanks(e->line);
	if (e->too_long || strlen(e->line) != e->len)
		e->bad++;
	else if (*p == '\0' || *p == '#')
		return;
	else if (take_sample(&s, p))
		e->each(e->arg, &s);
	else
		e->bad++;
}

void expo_init(struct expo *e, size_t bytes_max, size_t lines_max,
	       void (*each)(void *arg, const struct expo_sample *), void *arg)
{
	e->each = each;
	e->arg = arg;
	e->bytes_max = bytes_max;
	e->lines_max = lines_max;
	e->bytes = e->lines = e->bad = e->len = 0;
	e->too_long = false;
}

static void add(struct expo *e, const char *text, size_t len)
{
	if (e->too_long || len >= EXPO_LINE_MAX - e->len) {
		e->too_long = true;
		return;
	}
	memcpy(e->line + e->len, text, len);
	e->len += len;
}

bool expo_feed(struct expo *e, const void *data, size_t len)
{
	const char *p = data, *end = p + len, *nl;

	if (len > e->bytes_max - e->bytes)
		return false;
	e->bytes += len;
	while ((nl = memchr(p, '\n', (size_t)(end - p)))) {
		if (e->lines == e->lines_max)
			return false;
		e->lines++;
		add(e, p, (size_t)(nl - p));
		take_line(e);
		e->len = 0;
		e->too_long = false;
		p = nl + 1;
	}
	add(e, p, (size_t)(end - p));
	return true;
}

bool expo_whole(const struct expo *e)
{
	return e->lines > 0 && e->len == 0 && !e->too_long;
}

const char *expo_label(const struct expo_sample *s, const char *name)
{
	for (size_t i = 0; i < s->n_labels; i++) {
		if (strcmp(s->labels[i].name, name) == 0)
			return s->labels[i].value;
	}
	return "";
}
