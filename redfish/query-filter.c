// SPDX-License-Identifier: Apache-2.0
// $filter: a recursive descent over a copy of the text into a bounded array of nodes,
// and their evaluation over a member's JSON. See query-filter.h. Called by query.c
// (parse) and query-read.c (evaluation).
#include "redfish/query-filter.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "redfish/query-time.h"

enum node_type { AND, OR, NOT, EQ, NE, GT, GE, LT, LE };

struct operand {
	const char *path; /* of a property, in the filter's text; NULL: a literal */
	size_t len;
	json_t *literal; /* owned */
};

struct node {
	enum node_type type;
	int left, right; /* of AND and OR; NOT has only `left` */
	struct operand a, b;
};

struct rf_filter {
	struct node nodes[RF_FILTER_NODES_MAX];
	size_t n;
	int root;
	char text[RF_FILTER_LEN_MAX + 1]; /* paths point here */
};

struct parser {
	struct rf_filter *f;
	char *at;
	int depth;
};

#define FAILED (-1)

/* ---- words ---- */

#define NAME_CHARS                                                   \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345" \
	"6789_.@#/:+-"

static void skip_blanks(struct parser *p)
{
	p->at += strspn(p->at, " \t");
}

/* Takes the word if it stands there, whole. */
static bool take_word(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	skip_blanks(p);
	if (strncmp(p->at, word, len) != 0 ||
	    (p->at[len] && strchr(NAME_CHARS, p->at[len])))
		return false;
	p->at += len;
	return true;
}

static bool take_char(struct parser *p, char c)
{
	skip_blanks(p);
	if (*p->at != c)
		return false;
	p->at++;
	return true;
}

static int add(struct parser *p, enum node_type type, int left, int right)
{
	struct rf_filter *f = p->f;

	if (f->n == RF_FILTER_NODES_MAX || left == FAILED || right == FAILED)
		return FAILED;
	f->nodes[f->n] = (struct node){ .type = type, .left = left, .right = right };
	return (int)f->n++;
}

/* ---- operands ---- */

/* 'text': unescaped in place. */
static json_t *take_text(struct parser *p)
{
	char *begin = ++p->at, *out = begin;

	for (;; p->at++) {
		if (!*p->at)
			return NULL;
		if (*p->at == '\'' && *++p->at != '\'')
			break;
		*out++ = *p->at;
	}
	return json_stringn(begin, (size_t)(out - begin)); /* NULL: no UTF-8 */
}

static json_t *number(const char *word)
{
	char *end;
	double n;

	/* strtod takes more than JSON has: hexadecimal, "inf" */
	if (strspn(word, "+-.0123456789eE") != strlen(word))
		return NULL;
	n = strtod(word, &end);
	return *end ? NULL : json_real(n); /* NULL: infinite */
}

static json_t *word_literal(const char *word)
{
	int64_t ms;

	if (strcmp(word, "true") == 0)
		return json_true();
	if (strcmp(word, "false") == 0)
		return json_false();
	if (strcmp(word, "null") == 0)
		return json_null();
	if (rf_query_time(word, &ms))
		return json_string(word);
	return word[0] ? number(word) : NULL;
}

static bool is_reserved(const char *word)
{
	static const char *const words[] = { "and", "or", "not", "eq", "ne",
					     "gt",  "ge", "lt",  "le" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

static bool is_path(const char *word, size_t len)
{
	return len && word[0] != '/' && word[len - 1] != '/' && !strstr(word, "//") &&
	       !strchr("+-.:0123456789", word[0]) && !is_reserved(word);
}

static bool take_operand(struct parser *p, struct operand *ret)
{
	char word[RF_FILTER_LEN_MAX + 1];

	*ret = (struct operand){ .path = NULL };
	skip_blanks(p);
	if (*p->at == '\'') {
		ret->literal = take_text(p);
		return ret->literal != NULL;
	}
	ret->len = strspn(p->at, NAME_CHARS);
	(void)bmc_copy(word, ret->len + 1, p->at);
	ret->literal = word_literal(word);
	if (!ret->literal && is_path(word, ret->len))
		ret->path = p->at;
	p->at += ret->len;
	return ret->literal || ret->path;
}

static bool take_operator(struct parser *p, enum node_type *ret)
{
	static const char *const words[] = {
		[EQ] = "eq", [NE] = "ne", [GT] = "gt",
		[GE] = "ge", [LT] = "lt", [LE] = "le",
	};

	for (enum node_type t = EQ; t <= LE; t++) {
		*ret = t;
		if (take_word(p, words[t]))
			return true;
	}
	return false;
}

/* ---- expressions ---- */

static int comparison(struct parser *p)
{
	struct operand a, b = { .path = NULL };
	enum node_type type = EQ;
	bool ok = take_operand(p, &a) && take_operator(p, &type) && take_operand(p, &b);
	int i = ok ? add(p, type, 0, 0) : FAILED;

	if (i == FAILED) {
		json_decref(a.literal);
		json_decref(b.literal);
		return FAILED;
	}
	p->f->nodes[i].a = a;
	p->f->nodes[i].b = b;
	return i;
}

static int disjunction(struct parser *p);

static int unary(struct parser *p)
{
	int i = FAILED;

	if (p->depth == RF_FILTER_DEPTH_MAX)
		return FAILED;
	p->depth++;
	if (take_word(p, "not")) {
		i = add(p, NOT, unary(p), 0);
	} else if (take_char(p, '(')) {
		i = disjunction(p);
		if (!take_char(p, ')'))
			i = FAILED;
	} else {
		i = comparison(p);
	}
	p->depth--;
	return i;
}

static int conjunction(struct parser *p)
{
	int i = unary(p);

	while (i != FAILED && take_word(p, "and"))
		i = add(p, AND, i, unary(p));
	return i;
}

static int disjunction(struct parser *p)
{
	int i = conjunction(p);

	while (i != FAILED && take_word(p, "or"))
		i = add(p, OR, i, conjunction(p));
	return i;
}

struct rf_filter *rf_filter_new(const char *text)
{
	struct rf_filter *f = calloc(1, sizeof(*f));
	struct parser p = { .f = f };

	if (!f)
		return NULL;
	p.at = f->text;
	if (!bmc_copy(f->text, sizeof(f->text), text))
		return rf_filter_free(f);
	f->root = disjunction(&p);
	skip_blanks(&p);
	return f->root == FAILED || *p.at ? rf_filter_free(f) : f;
}

struct rf_filter *rf_filter_free(struct rf_filter *f)
{
	for (size_t i = 0; f && i < f->n; i++) {
		json_decref(f->nodes[i].a.literal);
		json_decref(f->nodes[i].b.literal);
	}
	free(f);
	return NULL;
}

/* ---- evaluation ---- */

/* -1, 0, 1; 2: in no order. */
static int order_of(const json_t *a, const json_t *b)
{
	int64_t at, bt;

	if (json_is_number(a) && json_is_number(b)) {
		double x = json_number_value(a), y = json_number_value(b);
		return x < y ? -1 : x > y;
	}
	if (!json_is_string(a) || !json_is_string(b))
		return 2;
	const char *x = json_string_value(a), *y = json_string_value(b);
	if (rf_query_time(x, &at) && rf_query_time(y, &bt))
		return at < bt ? -1 : at > bt;
	int n = strcmp(x, y);
	return n < 0 ? -1 : n > 0;
}

static bool holds(enum node_type type, const json_t *a, const json_t *b)
{
	int order = order_of(a, b);
	bool same = order == 2 ? json_equal(a, b) : order == 0;

	switch (type) {
	case EQ:
		return same;
	case NE:
		return !same;
	case GT:
		return order == 1;
	case GE:
		return order == 0 || order == 1;
	case LT:
		return order == -1;
	default:
		return order == 0 || order == -1;
	}
}

struct comparison {
	enum node_type type;
	const struct operand *other; /* whose values each of the first is held to */
	const json_t *member;
	const json_t *first;
};

typedef bool test_fn(const struct comparison *c, const json_t *v);

/* Whether one of the values at a path passes. Depth: that of our own bodies. */
static bool any_value(const json_t *at, const char *path, size_t len, test_fn *test,
		      const struct comparison *c)
{
	const json_t *v;
	size_t i;

	if (json_is_array(at)) {
		json_array_foreach (at, i, v) {
			if (any_value(v, path, len, test, c))
				return true;
		}
		return false;
	}
	if (!len)
		return test(c, at);
	const char *slash = memchr(path, '/', len);
	size_t step = slash ? (size_t)(slash - path) : len;
	v = json_object_getn(at, path, step);
	if (!v)
		return test(c, json_null());
	step += slash != NULL;
	return any_value(v, path + step, len - step, test, c);
}

static bool test_second(const struct comparison *c, const json_t *v)
{
	return holds(c->type, c->first, v);
}

static bool test_first(const struct comparison *c, const json_t *v)
{
	const struct comparison with = { .type = c->type, .first = v };
	const struct operand *o = c->other;

	if (o->literal)
		return test_second(&with, o->literal);
	return any_value(c->member, o->path, o->len, test_second, &with);
}

static bool compare(const struct node *n, const json_t *member)
{
	const struct comparison c = { n->type, &n->b, member, NULL };

	if (n->a.literal)
		return test_first(&c, n->a.literal);
	return any_value(member, n->a.path, n->a.len, test_first, &c);
}

static bool evaluate(const struct rf_filter *f, int i, const json_t *member)
{
	const struct node *n = &f->nodes[i];

	switch (n->type) {
	case AND:
		return evaluate(f, n->left, member) && evaluate(f, n->right, member);
	case OR:
		return evaluate(f, n->left, member) || evaluate(f, n->right, member);
	case NOT:
		return !evaluate(f, n->left, member);
	default:
		return compare(n, member);
	}
}

bool rf_filter_matches(const struct rf_filter *f, const json_t *member)
{
	return evaluate(f, f->root, member);
}
