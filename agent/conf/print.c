// SPDX-License-Identifier: Apache-2.0
// `clusterbmcd -p`: the tree that is in force, as YAML that can be loaded again, each
// value with a comment saying where it came from. Secrets are left out.
#include "config.h"

#include <string.h>

#include "conf/tree.h"
#include "core/base/util.h"

struct printer {
	FILE *out;
	bool in_line; /* the next node goes behind the "- " that is written already */
};

static bool is_plain(const char *s)
{
	static const char ok[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"_./:@%+-";

	return *s && !strchr(":@%+-", *s) && s[strspn(s, ok)] == '\0' &&
	       s[strlen(s) - 1] != ':' && strcmp(s, "null") != 0;
}

/* Texts hold no control characters; what else a quoted text can't show as it is. */
static const char *const escapes[][2] = {
	{ "\"", "\\\"" },
	{ "\\", "\\\\" },
	{ "\u2028", "\\L" }, /* YAML takes these two for line breaks */
	{ "\u2029", "\\P" },
};

static void put_text(FILE *out, const char *s)
{
	size_t i;

	if (is_plain(s)) {
		(void)fputs(s, out);
		return;
	}
	(void)fputc('"', out);
	while (*s) {
		for (i = 0; i < ARRAY_SIZE(escapes); i++) {
			if (strncmp(s, escapes[i][0], strlen(escapes[i][0])) == 0)
				break;
		}
		if (i < ARRAY_SIZE(escapes)) {
			(void)fputs(escapes[i][1], out);
			s += strlen(escapes[i][0]);
		} else {
			(void)fputc(*s++, out);
		}
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

static void put_value(struct printer *p, const struct bmc_conf *c)
{
	(void)fputc(' ', p->out);
	if (c->item && c->item->secret && c->text)
		(void)fputs("\"***\"", p->out);
	else if (c->text)
		put_text(p->out, c->text);
	put_origin(p->out, c);
}

static void put_children(struct printer *p, const struct bmc_conf *c, int depth);

/* What stands behind "key:" or "-". */
static void put_body(struct printer *p, const struct bmc_conf *c, int depth)
{
	bool list = c->type == BMC_CONF_LIST || c->type == BMC_CONF_WORDS;

	if (!list && c->type != BMC_CONF_SECTION && c->type != BMC_CONF_MAP) {
		put_value(p, c);
	} else if (!c->child) {
		(void)fputs(list ? " []\n" : " {}\n", p->out);
	} else {
		p->in_line = !c->key;
		(void)fputc(c->key ? '\n' : ' ', p->out);
		put_children(p, c, depth);
	}
}

static void put_children(struct printer *p, const struct bmc_conf *c, int depth)
{
	for (c = c->child; c; c = c->next) {
		(void)fprintf(p->out, "%*s", p->in_line ? 0 : 2 * depth, "");
		p->in_line = false;
		if (c->key)
			put_text(p->out, c->key);
		(void)fputc(c->key ? ':' : '-', p->out);
		put_body(p, c, depth + 1);
	}
}

void bmc_conf_print(const struct bmc_conf *root, FILE *out)
{
	struct printer p = { .out = out };

	put_children(&p, root, 0);
}
