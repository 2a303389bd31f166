// SPDX-License-Identifier: Apache-2.0
// Which events a subscriber gets, see filter.h. Called by the deliverer.
#include "redfish/events/filter.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"

/* ---- comparisons ---- */

static size_t prefix_len(const char *message_id)
{
	return strcspn(message_id, ".");
}

static const char *key_of(const char *message_id)
{
	const char *dot = strrchr(message_id, '.');

	return dot ? dot + 1 : message_id;
}

bool rf_same_message(const char *a, const char *b)
{
	size_t n = prefix_len(a);

	return n == prefix_len(b) && strncmp(a, b, n) == 0 &&
	       strcmp(key_of(a), key_of(b)) == 0;
}

static bool same_registry(const char *word, const struct rf_facts *f)
{
	size_t n = prefix_len(f->message_id);

	return strlen(word) == n && strncmp(word, f->message_id, n) == 0;
}

static bool at_or_below(const char *uri, const char *origin, bool below)
{
	size_t n = strlen(uri);

	while (n > 1 && uri[n - 1] == '/')
		n--;
	return strncmp(uri, origin, n) == 0 && origin[0] &&
	       (origin[n] == '\0' || (below && origin[n] == '/'));
}

/* ---- the lists ---- */

bool rf_list_has(const char *words, const char *word)
{
	size_t len = strlen(word);

	while (*words) {
		size_t n = strcspn(words, " ");
		if (n == len && memcmp(words, word, n) == 0)
			return true;
		words += n + (words[n] == ' ');
	}
	return false;
}

struct list {
	const char *words; /* separated by spaces */
	bool (*fits)(const char *word, const struct rf_facts *f, bool below);
};

static bool fits_registry(const char *word, const struct rf_facts *f, bool below)
{
	(void)below;
	return same_registry(word, f);
}

static bool fits_message(const char *word, const struct rf_facts *f, bool below)
{
	(void)below;
	return rf_same_message(word, f->message_id);
}

static bool fits_origin(const char *word, const struct rf_facts *f, bool below)
{
	return at_or_below(word, f->origin, below);
}

static bool fits_resource(const char *word, const struct rf_facts *f, bool below)
{
	(void)below;
	return strcmp(word, f->resource) == 0;
}

static bool fits_severity(const char *word, const struct rf_facts *f, bool below)
{
	(void)below;
	return strcmp(word, f->severity) == 0;
}

static bool any_fits(const struct list *l, const struct rf_facts *f, bool below)
{
	char word[256];
	const char *at = l->words;

	while (*at) {
		size_t n = strcspn(at, " ");
		if (n < sizeof(word)) {
			memcpy(word, at, n);
			word[n] = '\0';
			if (l->fits(word, f, below))
				return true;
		}
		at += n + (at[n] == ' ');
	}
	return false;
}

bool rf_lists_match(const struct bmc_subscription *s, const struct rf_facts *f)
{
	const struct list wanted[] = {
		{ s->registries, fits_registry }, { s->messages, fits_message },
		{ s->origins, fits_origin },      { s->resources, fits_resource },
		{ s->severities, fits_severity },
	};
	const struct list unwanted[] = {
		{ s->no_registries, fits_registry },
		{ s->no_messages, fits_message },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		if (wanted[i].words[0] && !any_fits(&wanted[i], f, s->subordinate == 1))
			return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(unwanted); i++) {
		if (any_fits(&unwanted[i], f, false))
			return false;
	}
	return true;
}

/* ---- $filter ---- */

enum property {
	REGISTRY,
	RESOURCE,
	FORMAT,
	TYPE,
	MESSAGE,
	DEFINITION,
	ORIGIN,
	SUBORDINATE,
	SEVERITY,
};

static const struct {
	const char *word;
	enum property property;
} properties[] = {
	{ "RegistryPrefix", REGISTRY }, { "ResourceType", RESOURCE },
	{ "EventFormatType", FORMAT },  { "EventType", TYPE },
	{ "MessageId", MESSAGE },       { "MetricReportDefinition", DEFINITION },
	{ "OriginResource", ORIGIN },   { "SubordinateResources", SUBORDINATE },
	{ "Severity", SEVERITY },
};

enum op { AND, OR, NOT, EQ, NE };

struct node {
	enum op op;
	unsigned left, right; /* of AND, OR; NOT: left */
	enum property property;
	char *value; /* owned */
};

struct rf_event_filter {
	struct node nodes[RF_EVENT_FILTER_NODES];
	unsigned n, root;
	bool below; /* SubordinateResources eq true: it says how origins count */
	bool all;
	bool names_reports; /* a property of theirs is asked for */
	char text[RF_EVENT_FILTER_MAX + 1];
	/* the parser's */
	char *at;
	unsigned depth;
	bool failed;
};

static unsigned parse_or(struct rf_event_filter *f);

static unsigned add(struct rf_event_filter *f, enum op op, unsigned left,
		    unsigned right)
{
	if (f->n == RF_EVENT_FILTER_NODES) {
		f->failed = true;
		return 0;
	}
	f->nodes[f->n] = (struct node){ .op = op, .left = left, .right = right };
	return f->n++;
}

static void skip(struct rf_event_filter *f)
{
	f->at += strspn(f->at, " ");
}

/* The word, when it stands here and ends here. */
static bool take_word(struct rf_event_filter *f, const char *word)
{
	size_t n = strlen(word);

	skip(f);
	if (strncmp(f->at, word, n) != 0 || (f->at[n] && !strchr(" ()", f->at[n])))
		return false;
	f->at += n;
	return true;
}

static bool take_sign(struct rf_event_filter *f, char sign)
{
	skip(f);
	if (*f->at != sign)
		return false;
	f->at++;
	return true;
}

/* 'text', with '' for a quote, or a bare word, copied to `to`. NULL: none is there. */
static char *take_value(struct rf_event_filter *f, char *to)
{
	char *start = to;

	skip(f);
	if (*f->at != '\'') {
		while (*f->at && !strchr(" ()'", *f->at))
			*to++ = *f->at++;
		*to = '\0';
		return to == start ? NULL : start;
	}
	for (f->at++;; f->at++) {
		if (*f->at == '\'' && f->at[1] == '\'')
			f->at++;
		else if (*f->at == '\'')
			break;
		if (!*f->at)
			return NULL;
		*to++ = *f->at;
	}
	f->at++;
	*to = '\0';
	return start;
}

static bool boolean(const char *word)
{
	return strcmp(word, "true") == 0 || strcmp(word, "false") == 0;
}

static unsigned parse_comparison(struct rf_event_filter *f)
{
	char value[RF_EVENT_FILTER_MAX + 1];
	size_t i = 0;

	while (i < ARRAY_SIZE(properties) && !take_word(f, properties[i].word))
		i++;
	if (i == ARRAY_SIZE(properties)) {
		f->failed = true;
		return 0;
	}
	bool equal = take_word(f, "eq");
	if ((!equal && !take_word(f, "ne")) || !take_value(f, value) ||
	    (properties[i].property == SUBORDINATE && !boolean(value))) {
		f->failed = true;
		return 0;
	}
	unsigned at = add(f, equal ? EQ : NE, 0, 0);
	if (f->failed)
		return 0; /* no room; the first node keeps its value */
	f->nodes[at].property = properties[i].property;
	f->names_reports |= properties[i].property == FORMAT ||
			    properties[i].property == DEFINITION;
	f->nodes[at].value = strdup(value);
	f->failed = !f->nodes[at].value;
	if (properties[i].property == SUBORDINATE && !f->failed)
		f->below = f->below || (strcmp(value, "true") == 0) == equal;
	return at;
}

static unsigned parse_one(struct rf_event_filter *f)
{
	unsigned inner;

	if (++f->depth > RF_EVENT_FILTER_DEPTH) {
		f->failed = true;
		return 0;
	}
	if (take_word(f, "not")) {
		inner = parse_one(f);
		inner = add(f, NOT, inner, 0);
	} else if (take_sign(f, '(')) {
		inner = parse_or(f);
		f->failed = f->failed || !take_sign(f, ')');
	} else {
		inner = parse_comparison(f);
	}
	f->depth--;
	return inner;
}

static unsigned parse_and(struct rf_event_filter *f)
{
	unsigned left = parse_one(f);

	while (!f->failed && take_word(f, "and"))
		left = add(f, AND, left, parse_one(f));
	return left;
}

static unsigned parse_or(struct rf_event_filter *f)
{
	unsigned left = parse_and(f);

	while (!f->failed && take_word(f, "or"))
		left = add(f, OR, left, parse_and(f));
	return left;
}

struct rf_event_filter *rf_event_filter_new(const char *text)
{
	struct rf_event_filter *f = calloc(1, sizeof(*f));

	if (!f || !bmc_copy(f->text, sizeof(f->text), text))
		return rf_event_filter_free(f);
	f->at = f->text;
	skip(f);
	f->all = *f->at == '\0';
	if (f->all)
		return f;
	f->root = parse_or(f);
	skip(f);
	return f->failed || *f->at ? rf_event_filter_free(f) : f;
}

struct rf_event_filter *rf_event_filter_free(struct rf_event_filter *f)
{
	for (unsigned i = 0; f && i < f->n; i++)
		free(f->nodes[i].value);
	free(f);
	return NULL;
}

static const char *format_of(bool report)
{
	return bmc_name_word(bmc_event_format_names,
			     report ? BMC_FORMAT_METRIC_REPORT : BMC_FORMAT_EVENT);
}

static const char *type_of(bool report)
{
	return report ? "MetricReport" : "Alert";
}

static bool equal(const struct rf_event_filter *f, const struct node *n,
		  const struct rf_facts *facts)
{
	switch (n->property) {
	case REGISTRY:
		return same_registry(n->value, facts);
	case RESOURCE:
		return strcmp(n->value, facts->resource) == 0;
	case FORMAT:
		return strcmp(n->value, format_of(facts->definition != NULL)) == 0;
	case TYPE:
		return strcmp(n->value, type_of(facts->definition != NULL)) == 0;
	case MESSAGE:
		return rf_same_message(n->value, facts->message_id);
	case DEFINITION:
		return facts->definition &&
		       at_or_below(n->value, facts->definition, false);
	case ORIGIN:
		return at_or_below(n->value, facts->origin, f->below);
	case SUBORDINATE:
		return strcmp(n->value, "true") == 0 ? f->below : !f->below;
	case SEVERITY:
		return strcmp(n->value, facts->severity) == 0;
	}
	return false;
}

static bool holds(const struct rf_event_filter *f, unsigned at,
		  const struct rf_facts *facts)
{
	const struct node *n = &f->nodes[at];

	switch (n->op) {
	case AND:
		return holds(f, n->left, facts) && holds(f, n->right, facts);
	case OR:
		return holds(f, n->left, facts) || holds(f, n->right, facts);
	case NOT:
		return !holds(f, n->left, facts);
	case EQ:
		return equal(f, n, facts);
	case NE:
		return !equal(f, n, facts);
	}
	return false;
}

bool rf_event_filter_match(const struct rf_event_filter *f,
			   const struct rf_facts *facts)
{
	return f->all || holds(f, f->root, facts);
}

/* ---- what can get through at all ---- */

enum can { NO, MAYBE, YES };

/* Of what is known without a certain event or report. */
static enum can can_equal(const struct rf_event_filter *f, const struct node *n,
			  bool report)
{
	switch (n->property) {
	case FORMAT:
		return strcmp(n->value, format_of(report)) == 0 ? YES : NO;
	case TYPE:
		return strcmp(n->value, type_of(report)) == 0 ? YES : NO;
	case SUBORDINATE:
		return equal(f, n, &(struct rf_facts){ .definition = NULL }) ? YES : NO;
	case DEFINITION:
		return report ? MAYBE : NO;
	default:
		return report ? NO : MAYBE;
	}
}

static enum can can_hold(const struct rf_event_filter *f, unsigned at, bool report)
{
	const struct node *n = &f->nodes[at];

	switch (n->op) {
	case AND:
		return MIN(can_hold(f, n->left, report), can_hold(f, n->right, report));
	case OR:
		return MAX(can_hold(f, n->left, report), can_hold(f, n->right, report));
	case NOT:
		return (enum can)(YES - can_hold(f, n->left, report));
	case NE:
		return (enum can)(YES - can_equal(f, n, report));
	default:
		return can_equal(f, n, report);
	}
}

bool rf_event_filter_takes(const struct rf_event_filter *f, bool reports)
{
	if (f->all || (reports && !f->names_reports))
		return !reports;
	return can_hold(f, f->root, reports) != NO;
}
