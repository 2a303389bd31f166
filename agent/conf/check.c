// SPDX-License-Identifier: Apache-2.0
// The one walker over struct bmc_conf_item: turns a raw tree into a checked one, in
// place. Whatever a schema does not allow ends here with file, line and a reason.
// Running it over a checked tree again changes nothing.
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "conf/tree.h"
#include "core/base/util.h"

struct check {
	struct bmc_conf_file *f;
	struct bmc_error *err;
};

enum shape { SCALAR, MAPPING, SEQUENCE, NOTHING };

static enum shape shape_of(const struct bmc_conf *node)
{
	switch (node->type) {
	case BMC_CONF_SECTION:
	case BMC_CONF_MAP:
		return MAPPING;
	case BMC_CONF_LIST:
	case BMC_CONF_WORDS:
		return SEQUENCE;
	default:
		return node->text ? SCALAR : NOTHING;
	}
}

static const char *const shape_words[] = { "a single value", "a mapping", "a list",
					   "empty" };

static const char *name_of(const struct bmc_conf *node)
{
	return node->key ? node->key : node->item ? node->item->key : "item";
}

static int need(const struct check *c, const struct bmc_conf *node, enum shape shape,
		const char *wanted)
{
	enum shape is = shape_of(node);

	if (is == shape)
		return 0;
	return bmc_conf_fail(node, c->err, BMC_EINVAL, "'%.30s' takes %s, but is %s",
			     name_of(node), wanted, shape_words[is]);
}

static const char *shown(const struct bmc_conf *node)
{
	return node->item->secret ? "***" : node->text;
}

static int check_bounds(const struct check *c, const struct bmc_conf *node, int64_t n,
			const char *what)
{
	const struct bmc_conf_item *item = node->item;

	if ((item->min == 0 && item->max == 0) || (n >= item->min && n <= item->max))
		return 0;
	return bmc_conf_fail(node, c->err, BMC_ERANGE,
			     "'%.30s' %s %" PRId64 ", allowed is %" PRId64
			     " to %" PRId64,
			     name_of(node), what, n, item->min, item->max);
}

static int check_int(const struct check *c, struct bmc_conf *node)
{
	const char *unit = node->item->unit;
	char suffixes[64];
	int rc = need(c, node, SCALAR, "a number");

	if (rc < 0)
		return rc;
	rc = bmc_conf_number(node->text, unit, &node->num);
	if (rc == 0)
		return check_bounds(c, node, node->num, "is");
	bmc_conf_suffixes(unit, suffixes, sizeof(suffixes));
	return bmc_conf_fail(node, c->err, rc,
			     "'%.30s' takes a whole number%s%s, not '%.24s'",
			     name_of(node), *suffixes ? ", alone or with " : "",
			     suffixes, shown(node));
}

static int check_bool(const struct check *c, struct bmc_conf *node)
{
	int rc = need(c, node, SCALAR, "true or false");

	if (rc < 0)
		return rc;
	node->num = strcmp(node->text, "true") == 0;
	if (node->num || strcmp(node->text, "false") == 0)
		return 0;
	return bmc_conf_fail(node, c->err, BMC_EINVAL,
			     "'%.30s' takes true or false, not '%.24s'", name_of(node),
			     shown(node));
}

static int check_text(const struct check *c, struct bmc_conf *node)
{
	int rc = need(c, node, SCALAR, "a text");

	if (rc < 0)
		return rc;
	return check_bounds(c, node, (int64_t)strlen(node->text), "has a length of");
}

static int check_enum(const struct check *c, struct bmc_conf *node)
{
	struct bmc_conf_suggestion suggestion;
	const struct bmc_name *n;
	char words[80] = "";
	int rc = need(c, node, SCALAR, "a word");

	if (rc < 0)
		return rc;
	suggestion = (struct bmc_conf_suggestion){ .word = node->text };
	for (n = node->item->names; n->word; n++) {
		size_t len = strlen(words);

		if (strcmp(n->word, node->text) == 0) {
			node->num = n->value;
			return 0;
		}
		bmc_conf_suggestion(&suggestion, n->word);
		(void)snprintf(words + len, sizeof(words) - len, "%s%s",
			       len ? ", " : "", n->word);
	}
	if (suggestion.best && !node->item->secret)
		return bmc_conf_fail(node, c->err, BMC_EINVAL,
				     "'%.30s' can't be '%.24s'; did you mean '%s'?",
				     name_of(node), shown(node), suggestion.best);
	return bmc_conf_fail(node, c->err, BMC_EINVAL,
			     "'%.30s' can't be '%.24s': use %s", name_of(node),
			     shown(node), words);
}

static int check_section(const struct check *c, struct bmc_conf *node)
{
	int rc = need(c, node, MAPPING, "a mapping");

	return rc < 0 ? rc
		      : bmc_conf_check_section(c->f, node, node->item->items, c->err);
}

static int64_t count(const struct bmc_conf *node)
{
	const struct bmc_conf *child;
	int64_t n = 0;

	for (child = node->child; child; child = child->next)
		n++;
	return n;
}

static int check_list(const struct check *c, struct bmc_conf *node)
{
	struct bmc_conf *child;
	int rc = need(c, node, SEQUENCE, "a list");

	if (rc == 0)
		rc = check_bounds(c, node, count(node), "has a length of");
	for (child = node->child; child && rc == 0; child = child->next) {
		child->item = node->item;
		rc = need(c, child, MAPPING, "a list of mappings (- key: value)");
		if (rc == 0)
			rc = bmc_conf_check_section(c->f, child, node->item->items,
						    c->err);
	}
	return rc;
}

static int check_texts(const struct check *c, struct bmc_conf *node)
{
	struct bmc_conf *child;
	int rc = check_bounds(c, node, count(node), "has a length of");

	for (child = node->child; child && rc == 0; child = child->next) {
		child->item = node->item;
		rc = need(c, child, SCALAR, "texts");
	}
	return rc;
}

/* A text alone is a list of one. */
static int make_list(const struct check *c, struct bmc_conf *node)
{
	struct bmc_conf *child = bmc_conf_node(c->f, node, BMC_CONF_TEXT);

	if (!child)
		return bmc_conf_full(c->f, c->err);
	child->text = node->text;
	child->is_default = node->is_default;
	node->text = NULL;
	node->child = child;
	node->type = BMC_CONF_WORDS;
	return 0;
}

static int check_words(const struct check *c, struct bmc_conf *node)
{
	int rc = shape_of(node) == SCALAR
			 ? make_list(c, node)
			 : need(c, node, SEQUENCE, "a list of texts ([a, b])");

	return rc < 0 ? rc : check_texts(c, node);
}

static int check_map(const struct check *c, struct bmc_conf *node)
{
	int rc = need(c, node, MAPPING, "a mapping of texts");

	return rc < 0 ? rc : check_texts(c, node);
}

static int (*const checks[])(const struct check *, struct bmc_conf *) = {
	[BMC_CONF_INT] = check_int,         [BMC_CONF_BOOL] = check_bool,
	[BMC_CONF_TEXT] = check_text,       [BMC_CONF_ENUM] = check_enum,
	[BMC_CONF_SECTION] = check_section, [BMC_CONF_LIST] = check_list,
	[BMC_CONF_WORDS] = check_words,     [BMC_CONF_MAP] = check_map,
};

int bmc_conf_check_value(struct bmc_conf_file *f, struct bmc_conf *node,
			 const struct bmc_conf_item *item, struct bmc_error *err)
{
	const struct check c = { .f = f, .err = err };
	int rc;

	node->item = item;
	if (item->type == BMC_CONF_ANY) /* keeps its shape until its own schema comes */
		return 0;
	rc = checks[item->type](&c, node);
	if (rc == 0)
		node->type = item->type;
	return rc;
}

const struct bmc_conf_item *bmc_conf_item_find(const struct bmc_conf_item *items,
					       const char *key)
{
	for (; items->key; items++) {
		if (strcmp(items->key, key) == 0 || strcmp(items->key, "*") == 0)
			return items;
	}
	return NULL;
}

int bmc_conf_key_shown(const char *key)
{
	return (int)strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"0123456789_-.*");
}

int bmc_conf_unknown(const struct bmc_conf *node,
		     const struct bmc_conf_suggestion *suggestion,
		     struct bmc_error *err)
{
	int len = bmc_conf_key_shown(node->key);

	if (node->key[len])
		return bmc_conf_fail(node, err, BMC_EINVAL,
				     "unknown key '%.*s...': a colon and a blank "
				     "separate a key from its value",
				     MIN(len, 40), node->key);
	if (suggestion->best)
		return bmc_conf_fail(node, err, BMC_EINVAL,
				     "unknown key '%.40s'; did you mean '%s'?",
				     node->key, suggestion->best);
	return bmc_conf_fail(node, err, BMC_EINVAL, "unknown key '%.40s'", node->key);
}

static int unknown_key(const struct bmc_conf *node, const struct bmc_conf_item *items,
		       struct bmc_error *err)
{
	struct bmc_conf_suggestion suggestion = { .word = node->key };

	for (; items->key; items++)
		bmc_conf_suggestion(&suggestion, items->key);
	return bmc_conf_unknown(node, &suggestion, err);
}

static bool is_filled(const struct bmc_conf_item *item)
{
	return item->def && strcmp(item->def, "{}") == 0;
}

/* Appends what the file does not say. */
static int add_default(struct bmc_conf_file *f, struct bmc_conf *node,
		       const struct bmc_conf_item *item, struct bmc_error *err)
{
	static const struct bmc_conf nowhere = { .file = "default" };
	struct bmc_conf *child = NULL, **tail = &node->child;

	if (!item->def)
		return 0;
	if (strcmp(item->def, "!") == 0)
		return bmc_conf_fail(node, err, BMC_EINVAL, "'%s' is missing here",
				     item->key);
	child = bmc_conf_node(f, &nowhere,
			      is_filled(item) ? BMC_CONF_SECTION : BMC_CONF_TEXT);
	if (!child)
		return bmc_conf_full(f, err);
	child->key = item->key;
	child->text = is_filled(item) ? NULL : item->def;
	child->is_default = true;
	while (*tail)
		tail = &(*tail)->next;
	*tail = child;
	return bmc_conf_check_value(f, child, item, err);
}

int bmc_conf_check_section(struct bmc_conf_file *f, struct bmc_conf *node,
			   const struct bmc_conf_item *items, struct bmc_error *err)
{
	const struct bmc_conf_item *item;
	struct bmc_conf *child;
	int rc = 0;

	for (child = node->child; child && rc == 0; child = child->next) {
		item = bmc_conf_item_find(items, child->key);
		rc = item ? bmc_conf_check_value(f, child, item, err)
			  : unknown_key(child, items, err);
	}
	for (item = items; item->key && rc == 0; item++) {
		if (!bmc_conf_find(node, item->key))
			rc = add_default(f, node, item, err);
	}
	return rc;
}
