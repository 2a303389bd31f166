// SPDX-License-Identifier: Apache-2.0
// The query parameters of a request: taken apart, checked against each other and
// against the resource. Called by query-read.c.
#include "redfish/query.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

enum name { TOP, SKIP, FILTER, SELECT, EXPAND, ONLY, EXCERPT, N_NAMES };

static const char *const names[N_NAMES] = {
	[TOP] = "$top",        [SKIP] = "$skip",     [FILTER] = "$filter",
	[SELECT] = "$select",  [EXPAND] = "$expand", [ONLY] = "only",
	[EXCERPT] = "excerpt",
};

static enum name name_of(const char *text)
{
	enum name n = TOP;

	while (n < N_NAMES && strcmp(text, names[n]) != 0)
		n++;
	return n;
}

bool rf_query_counts(const char *name)
{
	return name[0] == '$' || name_of(name) != N_NAMES;
}

/* ---- messages ---- */

static void complain(struct rf_request *q, enum rf_message_id id, const char *a,
		     const char *b, const char *c)
{
	(void)rf_message_add(&q->messages, id, a, b, c);
}

/* ---- values ---- */

static void take_number(struct rf_request *q, const struct rf_query *v, size_t *ret)
{
	const char *digits = v->value + (v->value[0] == '-');
	char range[32];

	if (!*digits || strspn(digits, "0123456789") != strlen(digits)) {
		complain(q, RF_QUERY_TYPE, v->value, v->name, NULL);
		return;
	}
	*ret = strlen(digits) > 9 ? SIZE_MAX : strtoul(digits, NULL, 10);
	if (digits == v->value && *ret <= RF_SKIP_MAX)
		return;
	(void)snprintf(range, sizeof(range), "0-%lu", RF_SKIP_MAX);
	complain(q, RF_QUERY_RANGE, v->value, v->name, range);
}

/* "*", ".", "~", each with "($levels=N)" or without. */
static void take_expand(struct rf_request *q, const struct rf_query *v,
			struct rf_options *o)
{
	static const char kinds[] = "*.~", levels[] = "($levels=";
	const char *kind = v->value[0] ? strchr(kinds, v->value[0]) : NULL;
	const char *at = v->value + 1;
	char *end, range[32];

	o->levels = 1;
	if (kind)
		o->expand = (enum rf_expand)(RF_EXPAND_ALL + (kind - kinds));
	if (kind && !*at)
		return;
	if (!kind || strncmp(at, levels, strlen(levels)) != 0)
		goto bad;
	at += strlen(levels);
	size_t n = strspn(at, "0123456789");
	if (n == 0 || n > 9 || strcmp(at + n, ")") != 0)
		goto bad;
	o->levels = (unsigned)strtoul(at, &end, 10);
	if (o->levels >= 1 && o->levels <= RF_EXPAND_LEVELS_MAX)
		return;
	(void)snprintf(range, sizeof(range), "$levels 1-%d", RF_EXPAND_LEVELS_MAX);
	complain(q, RF_QUERY_RANGE, v->value, v->name, range);
	return;
bad:
	complain(q, RF_QUERY_VALUE, v->value, v->name, NULL);
}

/* `only` and `excerpt` have none. */
static void take_flag(struct rf_request *q, const struct rf_query *v, bool *ret)
{
	*ret = true;
	if (v->value[0])
		complain(q, RF_QUERY_VALUE, v->value, v->name, NULL);
}

static void take(struct rf_request *q, const struct rf_query *v, struct rf_options *o)
{
	bool bad = false;

	switch (name_of(v->name)) {
	case TOP:
		o->page = true;
		take_number(q, v, &o->top);
		break;
	case SKIP:
		o->page = true;
		take_number(q, v, &o->skip);
		break;
	case FILTER:
		bad = !(o->filter = rf_filter_new(v->value));
		break;
	case SELECT:
		bad = !(o->select = rf_select_new(v->value));
		break;
	case EXPAND:
		take_expand(q, v, o);
		break;
	case ONLY:
		take_flag(q, v, &o->only);
		break;
	case EXCERPT:
		take_flag(q, v, &o->excerpt);
		break;
	case N_NAMES:
		break;
	}
	if (bad)
		complain(q, RF_QUERY_VALUE, v->value, v->name, NULL);
}

/* ---- what the next page keeps ---- */

/* All but what RFC 3986 leaves free, and "$", which is part of names. */
static void escape(FILE *to, const char *text)
{
	static const char free_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRS"
					 "TUVWXYZ0123456789-._~/$*()=,";

	for (; *text; text++) {
		if (strchr(free_chars, *text))
			(void)fputc(*text, to);
		else
			(void)fprintf(to, "%%%02X", (unsigned char)*text);
	}
}

static char *more(const struct rf_request *q)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return NULL;
	for (size_t i = 0; i < q->n_query; i++) {
		const struct rf_query *v = &q->query[i];
		if (strcmp(v->name, names[TOP]) == 0 ||
		    strcmp(v->name, names[SKIP]) == 0)
			continue;
		(void)fprintf(to, "&%s%s", v->name, v->value && *v->value ? "=" : "");
		escape(to, v->value ? v->value : "");
	}
	(void)fclose(to);
	return text;
}

/* ---- checks ---- */

/* Which parameters there are, as bits; a message for one that isn't known or is there
 * twice. */
static unsigned present(struct rf_request *q)
{
	unsigned seen = 0;
	bool twice = q->query_overflow; /* there are more than names */

	for (size_t i = 0; i < q->n_query; i++) {
		enum name n = name_of(q->query[i].name);
		if (n == N_NAMES)
			complain(q, RF_QUERY_UNSUPPORTED, q->query[i].name, NULL, NULL);
		else
			twice |= seen & (1U << n);
		seen |= 1U << n;
	}
	if (twice && !q->messages.n)
		complain(q, RF_QUERY_COMBINATION, NULL, NULL, NULL);
	return seen;
}

static void check(struct rf_request *q)
{
	const unsigned of_members = 1U << TOP | 1U << SKIP | 1U << FILTER | 1U << ONLY;
	unsigned seen = present(q);

	if (q->messages.n)
		return;
	if (q->method != RF_GET && q->method != RF_HEAD)
		complain(q, RF_QUERY_ON_OPERATION, NULL, NULL, NULL);
	else if (!rf_is_collection(q->res) && (seen & of_members))
		complain(q, RF_QUERY_ON_RESOURCE, NULL, NULL, NULL);
	else if ((seen & 1U << ONLY) && seen != 1U << ONLY)
		complain(q, RF_QUERY_COMBINATION, NULL, NULL, NULL);
}

struct rf_options *rf_options_free(struct rf_options *o)
{
	if (!o)
		return NULL;
	(void)rf_filter_free(o->filter);
	free(o->select);
	json_decref(o->picked);
	free(o->more);
	free(o);
	return NULL;
}

struct rf_options *rf_options_new(struct rf_request *q)
{
	struct rf_options *o = calloc(1, sizeof(*o));

	if (o)
		*o = (struct rf_options){ .top = RF_TOP_MAX, .more = more(q) };
	if (!o || !o->more) {
		(void)rf_answer_error(q, BMC_ENOMEM, NULL);
		return rf_options_free(o);
	}
	check(q);
	for (size_t i = 0; i < q->n_query && !q->messages.n; i++) {
		struct rf_query v = q->query[i];
		v.value = v.value ? v.value : "";
		take(q, &v, o);
	}
	o->top = MIN(o->top, (size_t)RF_TOP_MAX);
	if (!q->messages.n)
		return o;
	(void)rf_answer_messages(q, 0);
	return rf_options_free(o);
}
