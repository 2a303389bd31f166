// SPDX-License-Identifier: Apache-2.0
// `range` templates: a list's item with `range: {b: 1-9, s: 1-8}` becomes one item for
// each combination, `{b}`, `{s:02}` and `{i}` in its texts replaced. So a chassis of
// 1,000 boards is a page, not a book. Works on the raw tree, before any schema is
// looked at.
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "conf/tree.h"

#define MAX_NAMES 4
#define MAX_VALUE 65535u
#define MAX_TEXT  256

/* One name of a range and where its count stands: `now` within the part of `text` that
 * `part` points to, as in "1-3,7,9-12". */
struct counter {
	const char *name;
	const char *text;
	const char *part;
	unsigned now, last;
};

struct range {
	const struct bmc_conf *conf;
	struct counter counters[MAX_NAMES + 1]; /* the last one is {i} */
	size_t n;
};

static bool read_number(const char **s, unsigned *ret)
{
	unsigned n = 0;

	if (!isdigit((unsigned char)**s))
		return false;
	for (; isdigit((unsigned char)**s) && n <= MAX_VALUE; (*s)++)
		n = n * 10 + (unsigned)(**s - '0');
	*ret = n;
	return n <= MAX_VALUE;
}

/* Reads "N" or "N-M" at c->part and moves it to the comma or the end behind. */
static bool read_part(struct counter *c)
{
	if (!read_number(&c->part, &c->now))
		return false;
	c->last = c->now;
	if (*c->part == '-') {
		c->part++;
		if (!read_number(&c->part, &c->last))
			return false;
	}
	return c->last >= c->now && (*c->part == ',' || !*c->part);
}

static bool rewind_counter(struct counter *c)
{
	c->part = c->text;
	return read_part(c);
}

/* The next value; false behind the last one. */
static bool step(struct counter *c)
{
	if (c->now < c->last) {
		c->now++;
		return true;
	}
	if (!*c->part)
		return false;
	c->part++;
	return read_part(c);
}

static bool is_wellformed(struct counter *c)
{
	if (!rewind_counter(c))
		return false;
	while (*c->part == ',') {
		c->part++;
		if (!read_part(c))
			return false;
	}
	return rewind_counter(c);
}

static int range_add(struct range *r, const struct bmc_conf *c, struct bmc_error *err)
{
	struct counter *counter = &r->counters[r->n];

	if (r->n == MAX_NAMES)
		return bmc_conf_fail(c, err, BMC_ERANGE, "a range has 4 names at most");
	*counter = (struct counter){ .name = c->key, .text = c->text };
	if (!c->text || !is_wellformed(counter))
		return bmc_conf_fail(
			c, err, BMC_EINVAL,
			"'%.20s' takes numbers up to 65535, as in 1-9 or \"1-3,7\"",
			c->key);
	if (strcmp(c->key, "i") == 0)
		return bmc_conf_fail(c, err, BMC_EINVAL,
				     "'i' is the range's own count");
	r->n++;
	return 0;
}

static int range_init(struct range *r, const struct bmc_conf *conf,
		      struct bmc_error *err)
{
	const struct bmc_conf *c;
	int rc = 0;

	*r = (struct range){ .conf = conf };
	if (conf->type != BMC_CONF_SECTION || !conf->child)
		return bmc_conf_fail(conf, err, BMC_EINVAL,
				     "'range' takes a mapping, as in {b: 1-9, s: 1-8}");
	for (c = conf->child; c && rc == 0; c = c->next)
		rc = range_add(r, c, err);
	r->counters[r->n] = (struct counter){ .name = "i" };
	return rc;
}

/* The next combination, the last name fastest; false behind the last one. */
static bool range_step(struct range *r)
{
	size_t i = r->n;

	r->counters[r->n].now++;
	while (i > 0) {
		if (step(&r->counters[--i]))
			return true;
		rewind_counter(&r->counters[i]);
	}
	return false;
}

/* Writes the value of "NAME" or "NAME:02" (what stands between the braces). */
static int put_value(const struct range *r, const char *ref, size_t len, FILE *out)
{
	size_t name_len = strcspn(ref, ":}"), i;
	int width = 0;

	if (name_len < len) {
		if (len != name_len + 3 || ref[name_len + 1] != '0' ||
		    !isdigit((unsigned char)ref[name_len + 2]))
			return BMC_EINVAL;
		width = ref[name_len + 2] - '0';
	}
	for (i = 0; i <= r->n; i++) {
		const struct counter *c = &r->counters[i];

		if (strlen(c->name) == name_len &&
		    strncmp(c->name, ref, name_len) == 0) {
			(void)fprintf(out, "%0*u", width, c->now);
			return 0;
		}
	}
	return BMC_EINVAL;
}

static int put_text(const struct range *r, const char *s, FILE *out)
{
	while (*s) {
		size_t plain = strcspn(s, "{"), len;

		(void)fwrite(s, 1, plain, out);
		s += plain;
		if (!*s)
			break;
		len = strcspn(s, "}");
		if (!s[len] || put_value(r, s + 1, len - 1, out) < 0)
			return BMC_EINVAL;
		s += len + 1;
	}
	return 0;
}

/* The text with its references replaced; the same text when it has none. */
static int replace(struct bmc_conf_file *f, const struct range *r,
		   struct bmc_conf *node, struct bmc_error *err)
{
	char buf[MAX_TEXT];
	FILE *out;
	long len;
	int rc;

	if (!node->text || !strchr(node->text, '{'))
		return 0;
	out = fmemopen(buf, sizeof(buf), "w");
	if (!out)
		return bmc_conf_full(f, err);
	setbuf(out, NULL);
	rc = put_text(r, node->text, out);
	len = ferror(out) ? -1 : ftell(out);
	(void)fclose(out);
	if (rc < 0)
		return bmc_conf_fail(
			node, err, rc,
			"'%.40s': use {NAME} or {NAME:02} with a name of the "
			"range in line %d, or {i}",
			node->key ? node->key : "item", r->conf->line);
	if (len < 0 || len >= (long)sizeof(buf))
		return bmc_conf_fail(node, err, BMC_ERANGE, "text too long in a range");
	node->text = bmc_conf_strndup(f, buf, (size_t)len);
	return node->text ? 0 : bmc_conf_full(f, err);
}

/* A copy of `tmpl` and all below it, but its range, for the combination r stands at. */
static int instantiate(struct bmc_conf_file *f, const struct range *r,
		       const struct bmc_conf *tmpl, struct bmc_conf **ret,
		       struct bmc_error *err)
{
	struct bmc_conf *node = bmc_conf_node(f, tmpl, tmpl->type), **tail;
	const struct bmc_conf *c;
	int rc;

	if (!node)
		return bmc_conf_full(f, err);
	node->key = tmpl->key;
	node->text = tmpl->text;
	rc = replace(f, r, node, err);
	tail = &node->child;
	for (c = tmpl->child; c && rc == 0; c = c->next) {
		if (c == r->conf)
			continue;
		rc = instantiate(f, r, c, tail, err);
		if (rc == 0)
			tail = &(*tail)->next;
	}
	*ret = rc == 0 ? node : NULL;
	return rc;
}

/* Puts the items of a template in its place: `*at` is the template, and in the end what
 * the last item's `next` is. */
static int expand_item(struct bmc_conf_file *f, struct bmc_conf ***at,
		       const struct bmc_conf *conf, struct bmc_error *err)
{
	struct bmc_conf *tmpl = **at, *rest = tmpl->next;
	struct range r;
	int rc = range_init(&r, conf, err);

	if (rc < 0)
		return rc;
	do {
		if (f->n_expanded++ >= BMC_CONF_ITEMS_MAX)
			return bmc_conf_fail(
				conf, err, BMC_ENOSPC,
				"the ranges of this file make more than %u items",
				BMC_CONF_ITEMS_MAX);
		rc = instantiate(f, &r, tmpl, *at, err);
		if (rc < 0)
			return rc;
		*at = &(**at)->next;
	} while (range_step(&r));
	**at = rest;
	return 0;
}

int bmc_conf_expand(struct bmc_conf_file *f, struct bmc_conf *node,
		    struct bmc_error *err)
{
	struct bmc_conf **at = &node->child;
	int rc = 0;

	while (*at && rc == 0) {
		const struct bmc_conf *range = node->type == BMC_CONF_LIST
						       ? bmc_conf_find(*at, "range")
						       : NULL;

		if (range) {
			rc = expand_item(f, &at, range, err);
			continue;
		}
		rc = bmc_conf_expand(f, *at, err);
		at = &(*at)->next;
	}
	return rc;
}
