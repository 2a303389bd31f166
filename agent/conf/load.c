// SPDX-License-Identifier: Apache-2.0
// From YAML to a raw tree: libyaml's events, each with its exact position, become nodes
// of struct bmc_conf. What makes YAML dangerous or surprising (anchors, tags, several
// documents, keys given twice) is refused here. bmc_conf_load() and bmc_conf_parse()
// call it.
#include "config.h"

#include <string.h>
#include <yaml.h>

#include "conf/tree.h"
#include "core/base/util.h"

struct reader {
	struct bmc_conf_file *f;
	struct bmc_error *err;
	yaml_parser_t parser;
};

static int fail_at(struct reader *r, const yaml_mark_t *mark, const char *reason)
{
	struct bmc_conf at = { .file = r->f->name, .line = (int)mark->line + 1 };

	return bmc_conf_fail(&at, r->err, BMC_EINVAL, "%s", reason);
}

static bool is_decorated(const yaml_event_t *ev, const char **ret_reason)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (ev->type == YAML_SCALAR_EVENT) {
		anchor = ev->data.scalar.anchor;
		tag = ev->data.scalar.tag;
	} else if (ev->type == YAML_SEQUENCE_START_EVENT) {
		anchor = ev->data.sequence_start.anchor;
		tag = ev->data.sequence_start.tag;
	} else if (ev->type == YAML_MAPPING_START_EVENT) {
		anchor = ev->data.mapping_start.anchor;
		tag = ev->data.mapping_start.tag;
	}
	*ret_reason =
		tag ? "tags (!...) are not supported"
		    : "anchors and aliases (& and *) are not supported; use a range";
	return tag || anchor || ev->type == YAML_ALIAS_EVENT;
}

/* libyaml's own words, but for the mistake that everybody makes once. */
static int syntax_error(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	if (p->error == YAML_READER_ERROR)
		return fail_at(r, &p->mark, p->problem ? p->problem : "no YAML");
	if (p->error == YAML_SCANNER_ERROR && p->unread && *p->buffer.pointer == '\t')
		return fail_at(r, &p->problem_mark, "a tab: indent with spaces");
	return fail_at(r, &p->problem_mark, p->problem ? p->problem : "no YAML");
}

static int next_event(struct reader *r, yaml_event_t *ev)
{
	const char *reason;

	if (!yaml_parser_parse(&r->parser, ev))
		return syntax_error(r);
	if (!is_decorated(ev, &reason))
		return 0;
	fail_at(r, &ev->start_mark, reason);
	yaml_event_delete(ev);
	return BMC_EINVAL;
}

static struct bmc_conf *node_at(struct reader *r, const yaml_mark_t *mark,
				enum bmc_conf_type type)
{
	struct bmc_conf at = { .file = r->f->name,
			       .line = (int)mark->line + 1,
			       .column = (int)mark->column + 1 };

	return bmc_conf_node(r->f, &at, type);
}

static bool is_null(const yaml_event_t *ev)
{
	const char *s = (const char *)ev->data.scalar.value;

	return ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!*s || strcmp(s, "~") == 0 || strcmp(s, "null") == 0);
}

/* A scalar's text, or NULL with the error set. */
static const char *scalar_text(struct reader *r, const yaml_event_t *ev)
{
	const char *s = (const char *)ev->data.scalar.value, *copy;

	if (!bmc_text_ok(s, ev->data.scalar.length)) {
		fail_at(r, &ev->start_mark,
			"control characters are not allowed in a text");
		return NULL;
	}
	copy = bmc_conf_strndup(r->f, s, ev->data.scalar.length);
	if (!copy)
		bmc_conf_full(r->f, r->err);
	return copy;
}

static int read_node(struct reader *r, const yaml_event_t *ev, int depth,
		     struct bmc_conf **ret);

static int read_scalar(struct reader *r, const yaml_event_t *ev, struct bmc_conf *node)
{
	if (is_null(ev))
		return 0;
	node->text = scalar_text(r, ev);
	return node->text ? 0 : BMC_EINVAL;
}

static int read_list(struct reader *r, int depth, struct bmc_conf *list)
{
	struct bmc_conf **tail = &list->child;
	yaml_event_t ev;
	int rc;

	while ((rc = next_event(r, &ev)) == 0 && ev.type != YAML_SEQUENCE_END_EVENT) {
		rc = read_node(r, &ev, depth + 1, tail);
		yaml_event_delete(&ev);
		if (rc < 0)
			return rc;
		tail = &(*tail)->next;
	}
	return rc;
}

static int check_key(struct reader *r, const yaml_event_t *ev,
		     const struct bmc_conf *map, const char **ret)
{
	const struct bmc_conf *c;
	char reason[96];
	size_t n = 0;

	if (ev->type != YAML_SCALAR_EVENT || !ev->data.scalar.length)
		return fail_at(r, &ev->start_mark, "a key must be a word");
	if (ev->data.scalar.length > BMC_CONF_KEY_MAX)
		return fail_at(r, &ev->start_mark, "a key of more than 100 bytes");
	*ret = scalar_text(r, ev);
	if (!*ret)
		return BMC_EINVAL;
	for (c = map->child; c; c = c->next, n++) {
		if (strcmp(c->key, *ret) != 0)
			continue;
		(void)snprintf(reason, sizeof(reason),
			       "'%.*s' is given twice, first in line %d",
			       MIN(bmc_conf_key_shown(*ret), 32), *ret, c->line);
		return fail_at(r, &ev->start_mark, reason);
	}
	if (n >= BMC_CONF_KEYS_MAX)
		return fail_at(r, &ev->start_mark,
			       "more than 1024 keys in one mapping");
	return 0;
}

static int read_map(struct reader *r, int depth, struct bmc_conf *map)
{
	struct bmc_conf **tail = &map->child;
	yaml_event_t ev, value;
	const char *key = NULL;
	int rc;

	while ((rc = next_event(r, &ev)) == 0 && ev.type != YAML_MAPPING_END_EVENT) {
		yaml_mark_t mark = ev.start_mark;

		rc = check_key(r, &ev, map, &key);
		yaml_event_delete(&ev);
		if (rc < 0 || (rc = next_event(r, &value)) < 0)
			return rc;
		rc = read_node(r, &value, depth + 1, tail);
		yaml_event_delete(&value);
		if (rc < 0)
			return rc;
		(*tail)->key = key;
		(*tail)->line = (int)mark.line + 1;
		(*tail)->column = (int)mark.column + 1;
		tail = &(*tail)->next;
	}
	return rc;
}

/* `*ret` is set on success only, so that a half-read node never hangs in the tree. */
static int read_node(struct reader *r, const yaml_event_t *ev, int depth,
		     struct bmc_conf **ret)
{
	enum bmc_conf_type type = ev->type == YAML_SCALAR_EVENT ? BMC_CONF_TEXT
				  : ev->type == YAML_SEQUENCE_START_EVENT
					  ? BMC_CONF_LIST
					  : BMC_CONF_SECTION;
	struct bmc_conf *node;
	int rc;

	if (depth > BMC_CONF_DEPTH_MAX)
		return fail_at(r, &ev->start_mark, "nested more than 16 deep");
	node = node_at(r, &ev->start_mark, type);
	if (!node)
		return bmc_conf_full(r->f, r->err);
	if (type == BMC_CONF_TEXT)
		rc = read_scalar(r, ev, node);
	else if (type == BMC_CONF_LIST)
		rc = read_list(r, depth, node);
	else
		rc = read_map(r, depth, node);
	if (rc == 0)
		*ret = node;
	return rc;
}

/* STREAM-START DOCUMENT-START node DOCUMENT-END STREAM-END; an empty file has no
 * document. */
static int read_stream(struct reader *r)
{
	yaml_event_t ev;
	int rc;

	while ((rc = next_event(r, &ev)) == 0) {
		yaml_event_type_t type = ev.type;

		if (type == YAML_DOCUMENT_START_EVENT && r->f->root)
			rc = fail_at(r, &ev.start_mark,
				     "a second document (---) in one file");
		else if (type == YAML_SCALAR_EVENT ||
			 type == YAML_SEQUENCE_START_EVENT ||
			 type == YAML_MAPPING_START_EVENT)
			rc = read_node(r, &ev, 0, &r->f->root);
		yaml_event_delete(&ev);
		if (rc < 0 || type == YAML_STREAM_END_EVENT)
			return rc;
	}
	return rc;
}

int bmc_conf_read(struct bmc_conf_file *f, const char *text, size_t len,
		  struct bmc_error *err)
{
	struct reader r = { .f = f, .err = err };
	static const yaml_mark_t start;
	int rc;

	if (!yaml_parser_initialize(&r.parser))
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
	rc = read_stream(&r);
	yaml_parser_delete(&r.parser);
	if (rc < 0)
		return rc;
	if (!f->root || (f->root->type == BMC_CONF_TEXT && !f->root->text))
		return fail_at(&r, &start, "the file is empty");
	if (f->root->type != BMC_CONF_SECTION)
		return fail_at(&r, &start, "the file must be a mapping (key: value)");
	return 0;
}
