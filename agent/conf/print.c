// SPDX-License-Identifier: Apache-2.0
// `clusterbmcd -p`: the tree that is in force, as YAML that can be loaded again, each
// value with a comment saying where it came from. Secrets are left out.
#include "config.h"

#include <string.h>

#include "conf/tree.h"

struct printer {
	FILE *out;
	bool item; /* the next key is the first of a list's item: "- " goes before it */
};

static bool is_plain(const char *s)
{
	static const char ok[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"_./:@%+-";

	return *s && !strchr(":@%+-", *s) && s[strspn(s, ok)] == '\0' &&
	       s[strlen(s) - 1] != ':' && strcmp(s, "null") != 0;
}

/* Texts hold no control characters, so that quotes and backslashes are all there is. */
static void put_text(FILE *out, const char *s)
{
	if (is_plain(s)) {
		(void)fputs(s, out);
		return;
	}
	(void)fputc('"', out);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			(void)fputc('\\', out);
		(void)fputc(*s, out);
	}
	(void)fputc('"', out);
}

static void put_origin(FILE *out, const struct bmc_conf *c)
{
	if (c->is_default)
		(void)fputs("  # default\n", out);
	else
		(void)fprintf(out, "  # %s:%d\n", c->file, c->line);
}

static void put_indent(struct printer *p, int depth)
{
	(void)fprintf(p->out, "%*s", depth * 2 - (p->item ? 2 : 0), "");
	if (p->item)
		(void)fputs("- ", p->out);
	p->item = false;
}

static void put_value(struct printer *p, const struct bmc_conf *c)
{
	if (c->item && c->item->secret && c->text)
		(void)fputs("\"***\"", p->out);
	else if (c->text)
		put_text(p->out, c->text);
	put_origin(p->out, c);
}

static void put_node(struct printer *p, const struct bmc_conf *c, int depth)
{
	bool sequence = c->type == BMC_CONF_LIST || c->type == BMC_CONF_WORDS;
	bool mapping = c->type == BMC_CONF_SECTION || c->type == BMC_CONF_MAP;
	const struct bmc_conf *child;

	if (c->key) {
		put_indent(p, depth);
		put_text(p->out, c->key);
		(void)fputs(":", p->out);
		(void)fputs(c->child   ? "\n"
			    : sequence ? " []\n"
			    : mapping  ? " {}\n"
				       : " ",
			    p->out);
	} else if (!c->child) { /* a list's item without keys, or a word */
		p->item = true;
		put_indent(p, depth);
		(void)fputs(mapping ? "{}\n" : "", p->out);
	}
	if (!sequence && !mapping)
		put_value(p, c);
	for (child = c->child; child; child = child->next) {
		p->item = p->item || (sequence && child->child);
		put_node(p, child, depth + 1);
	}
}

void bmc_conf_print(const struct bmc_conf *root, FILE *out)
{
	struct printer p = { .out = out };
	const struct bmc_conf *c;

	for (c = root->child; c; c = c->next)
		put_node(&p, c, 0);
}
