// SPDX-License-Identifier: Apache-2.0
// $expand: the text of a body with links replaced by the texts of the bodies that they
// lead to, which come from the cache as they are. Nothing is parsed: what jansson
// writes has one form, and a link in it is {"@odata.id":"URI"}. Called by query-read.c.
#include <string.h>

#include "core/base/util.h"
#include "redfish/auth.h"
#include "redfish/query.h"
#include "redfish/render.h"

#define LINK  "{\"@odata.id\":\""
#define LINKS "\"Links\":{"

struct expansion {
	struct rf_request *q;
	enum rf_expand kind;
	char *text; /* owned */
	size_t len, size;
	unsigned tries, status; /* of a failure; 0: none */
	uint64_t hash;          /* of what was put in */
	const char *above[RF_EXPAND_LEVELS_MAX + 1];
	unsigned n_above;
};

static void append(struct expansion *x, const char *text, size_t len)
{
	if (x->status)
		return;
	if (x->len + len > RF_EXPAND_BYTES_MAX) {
		x->status = 507;
		return;
	}
	if (x->len + len > x->size) {
		size_t size = MAX(x->size * 2, x->len + len);
		/* at once rather than when most of the work is done */
		if (size > RF_EXPAND_SMALL &&
		    rf_bodies_lent() + RF_EXPAND_BYTES_MAX > RF_EXPAND_LENT_MAX) {
			x->status = 503;
			return;
		}
		char *bigger = realloc(x->text, size);
		if (!bigger) {
			x->status = 500;
			return;
		}
		x->text = bigger;
		x->size = size;
	}
	memcpy(x->text + x->len, text, len);
	x->len += len;
}

/* ---- what a link leads to ---- */

/* Not what answers by itself, or whose members have to be waited for: it stays a link.
 */
static bool is_expandable(const struct rf_resource *res)
{
	return !res->raw && !(res->stored && rf_is_collection(res));
}

static struct rf_body *make(const struct rf_request *q, const struct rf_resource *res,
			    const struct bmc_row *row, const char *uri)
{
	struct rf_request at = { .snap = q->snap, .res = res, .row = row };

	(void)bmc_copy(at.uri, sizeof(at.uri), uri);
	return rf_body_of(&at, 0, RF_TOP_MAX);
}

struct rf_body *rf_body_at(struct rf_request *q, const char *uri)
{
	struct rf_body *b = rf_cache_find(q->snap, uri);
	const struct rf_resource *res = b ? b->res : NULL;
	const struct bmc_row *row = NULL;

	if (!b || (res->flags & RF_SELF_ACCESS))
		res = rf_route(q->snap, uri, &row);
	if (!res || !is_expandable(res) || !rf_may_read(q, res, row))
		return rf_body_unref(b);
	return b ? b : make(q, res, row, uri);
}

static bool is_above(const struct expansion *x, const char *uri)
{
	for (unsigned i = 0; i < x->n_above; i++) {
		if (strcmp(x->above[i], uri) == 0)
			return true;
	}
	return false;
}

/* NULL: it stays a link. */
static struct rf_body *target(struct expansion *x, const char *begin, size_t len)
{
	char uri[RF_URI_MAX];

	if (len >= sizeof(uri) || memchr(begin, '#', len) || memchr(begin, '\\', len))
		return NULL;
	memcpy(uri, begin, len);
	uri[len] = 0;
	if (++x->tries > RF_EXPAND_TRIES_MAX)
		x->status = 507;
	if (x->status || is_above(x, uri))
		return NULL;
	return rf_body_at(x->q, uri);
}

/* ---- a body's text ---- */

/* Where we are in a text: how deep, and how deep the object "Links" is (0: outside). */
struct place {
	int depth, links;
};

static bool is_wanted(const struct expansion *x, const struct place *p)
{
	return x->kind == RF_EXPAND_ALL ||
	       (x->kind == RF_EXPAND_LINKS) == (p->links > 0);
}

/* The end of the string whose first quote is at `s`. */
static const char *string_end(const char *s)
{
	for (s++; *s != '"'; s++)
		s += *s == '\\';
	return s;
}

/* The URI's length if a link begins at `s`, which is a brace; else 0. */
static size_t link_at(const char *s)
{
	if (strncmp(s, LINK, strlen(LINK)) != 0)
		return 0;
	const char *uri = s + strlen(LINK), *end = string_end(uri - 1);
	return end[1] == '}' ? (size_t)(end - uri) : 0;
}

static void splice(struct expansion *x, const char *text, size_t len, unsigned levels);

/* Puts in what the link leads to; false: it stays. */
static bool expand_link(struct expansion *x, const char *uri, size_t len,
			unsigned levels)
{
	struct rf_body *b = target(x, uri, len);

	if (!b)
		return false;
	x->hash = bmc_hash(x->hash, b->etag, strlen(b->etag));
	x->above[x->n_above++] = b->uri;
	if (levels > 1)
		splice(x, b->text, b->len, levels - 1);
	else
		append(x, b->text, b->len);
	x->n_above--;
	(void)rf_body_unref(b);
	return true;
}

/* Follows one character; returns where the next one is. */
static const char *step(const char *s, struct place *p)
{
	switch (*s) {
	case '"':
		if (!p->links && strncmp(s, LINKS, strlen(LINKS)) == 0)
			p->links = p->depth + 1;
		return string_end(s) + 1;
	case '{':
		p->depth++;
		break;
	case '}':
		if (p->links == p->depth)
			p->links = 0;
		p->depth--;
		break;
	}
	return s + 1;
}

static void splice(struct expansion *x, const char *text, size_t len, unsigned levels)
{
	struct place p = { 0, 0 };
	const char *end = text + len, *done = text, *s = text;

	while (s < end && !x->status) {
		size_t uri = *s == '{' && is_wanted(x, &p) ? link_at(s) : 0;
		if (!uri) {
			s = step(s, &p);
			continue;
		}
		const char *link = s;
		s += strlen(LINK);
		append(x, done, (size_t)(link - done));
		done = link;
		bool in = expand_link(x, s, uri, levels);
		s += uri + strlen("\"}");
		if (in)
			done = s;
	}
	append(x, done, (size_t)(end - done));
}

struct rf_body *rf_expand(struct rf_request *q, const struct rf_body *b,
			  unsigned *ret_status)
{
	struct expansion x = { .q = q,
			       .kind = q->options->expand,
			       .hash = bmc_hash(BMC_HASH_START, b->etag,
						strlen(b->etag)),
			       .above = { b->uri },
			       .n_above = 1 };
	char etag[sizeof(b->etag)];
	struct rf_body *whole = NULL;

	splice(&x, b->text, rf_body_bare_len(b), q->options->levels);
	/* what a PATCH can set is the resource's own */
	(void)snprintf(etag, sizeof(etag), "%.*s-%016llx\"", (int)strcspn(b->etag, "-"),
		       b->etag, (unsigned long long)x.hash);
	if (!x.status)
		whole = rf_body_new(b, x.text, x.len, etag);
	else
		free(x.text);
	*ret_status = x.status ? x.status : 500;
	return whole;
}
