// SPDX-License-Identifier: Apache-2.0
// URIs: computed from a resource's pattern and a row, and found again by computing the
// row's URI and comparing. Called by the dispatcher and the renderer.
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/uri.h"

#define DEPTH_MAX 8

/* The kind between { and }, BMC_N_KINDS for "container". `*end` is what follows. */
static enum bmc_kind placeholder(const char *open, const char **end)
{
	char name[16];
	const char *close = strchr(open, '}');
	size_t len = MIN((size_t)(close - open - 1), sizeof(name) - 1);

	memcpy(name, open + 1, len);
	name[len] = 0;
	*end = close + 1;
	return bmc_kind_find(name);
}

enum bmc_kind rf_kind(const struct rf_resource *res)
{
	const char *open = strrchr(res->uri, '{'), *end;

	return open ? placeholder(open, &end) : BMC_N_KINDS;
}

bool rf_exists(struct rf_view *v, const struct rf_resource *res,
	       const struct bmc_row *row)
{
	if (!res->exists)
		return true;
	rf_view_values(v, row);
	return res->exists(v, row);
}

static bool fits(enum bmc_kind is, enum bmc_kind kind)
{
	if (kind != BMC_N_KINDS)
		return is == kind;
	return is == BMC_CHASSIS || is == BMC_BLADE || is == BMC_BOARD;
}

static const struct bmc_row *first(struct rf_view *v, enum bmc_kind kind)
{
	const struct bmc_row *const *rows;

	return rf_view_rows(v, kind, &rows) ? rows[0] : NULL;
}

const struct bmc_row *rf_ancestor(struct rf_view *v, const struct bmc_row *row,
				  enum bmc_kind kind)
{
	if (kind == BMC_MANAGER)
		return first(v, BMC_MANAGER);
	for (int i = 0; row && i < DEPTH_MAX; i++) {
		if (fits((enum bmc_kind)row->kind, kind))
			return row;
		row = rf_view_row(v, row->parent);
	}
	/* what has no parent is the chassis' */
	return kind == BMC_CHASSIS || kind == BMC_N_KINDS ? first(v, BMC_CHASSIS)
							  : NULL;
}

/* Rows for the placeholders of a pattern, last first. */
static size_t bind(const struct rf_resource *res, struct rf_view *v,
		   const struct bmc_row *row, const struct bmc_row *bound[DEPTH_MAX])
{
	const char *open[DEPTH_MAX], *end;
	size_t n = 0;

	for (const char *p = strchr(res->uri, '{'); p && n < DEPTH_MAX;
	     p = strchr(p + 1, '{'))
		open[n++] = p;
	for (size_t i = n; i-- > 0;) {
		bound[i] = row ? rf_ancestor(v, row, placeholder(open[i], &end)) : NULL;
		if (!bound[i])
			return SIZE_MAX;
		row = i + 1 == n && bound[i]->parent ? rf_view_row(v, bound[i]->parent)
						     : bound[i];
		if (!row)
			row = bound[i];
	}
	return n;
}

bool rf_uri(const struct rf_resource *res, struct rf_view *v, const struct bmc_row *row,
	    char ret[RF_URI_MAX])
{
	const struct bmc_row *bound[DEPTH_MAX];
	size_t n = 0, i = 0, max = bind(res, v, row, bound);

	if (max == SIZE_MAX)
		return false;
	for (const char *p = res->uri; *p;) {
		if (n + BMC_ID_MAX >= RF_URI_MAX)
			return false;
		if (*p != '{') {
			ret[n++] = *p++;
			continue;
		}
		(void)placeholder(p, &p);
		(void)bmc_copy(ret + n, RF_URI_MAX - n, bound[i]->id);
		n += strlen(bound[i++]->id);
	}
	ret[n] = 0;
	return true;
}

/* Whether `uri` has the pattern's form; `id` takes what stands at the last placeholder,
 * which ends where the rest of its segment begins ("{fan}-speed"). */
static bool matches(const char *pattern, const char *uri, char id[BMC_ID_MAX])
{
	while (*pattern) {
		if (*pattern == '*')
			return *uri && !strchr(uri, '/');
		if (*pattern != '{') {
			if (*pattern++ != *uri++)
				return false;
			continue;
		}
		pattern = strchr(pattern, '}') + 1;
		size_t len = strcspn(uri, "/"), suffix = strcspn(pattern, "/");
		if (len <= suffix || len - suffix >= BMC_ID_MAX)
			return false;
		len -= suffix;
		memcpy(id, uri, len);
		id[len] = 0;
		uri += len;
	}
	return *uri == 0;
}

/* The row of a placeholder's kind by id. */
static const struct bmc_row *find(struct rf_view *v, enum bmc_kind kind, const char *id)
{
	if (kind != BMC_N_KINDS)
		return rf_view_find(v, kind, id);
	static const enum bmc_kind containers[] = { BMC_CHASSIS, BMC_BLADE, BMC_BOARD };
	const struct bmc_row *row = NULL;
	for (size_t i = 0; !row && i < ARRAY_SIZE(containers); i++)
		row = rf_view_find(v, containers[i], id);
	return row;
}

static bool found(const struct rf_resource *res, struct rf_view *v, const char *uri,
		  const struct bmc_row **ret_row)
{
	char id[BMC_ID_MAX], own[RF_URI_MAX];

	*ret_row = NULL;
	if (!matches(res->uri, uri, id))
		return false;
	if (!strchr(res->uri, '{'))
		return !res->known || res->known(strrchr(uri, '/') + 1);
	*ret_row = find(v, rf_kind(res), id);
	return *ret_row && rf_exists(v, res, *ret_row) &&
	       rf_uri(res, v, *ret_row, own) && strcmp(own, uri) == 0;
}

const struct rf_resource *rf_route(const struct bmc_snapshot *s, const char *uri,
				   const struct bmc_row **ret_row)
{
	struct rf_view v;

	rf_view_init(&v, s);
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		if (found(*r, &v, uri, ret_row))
			return *r;
	}
	*ret_row = NULL;
	return NULL;
}

struct below {
	enum bmc_kind kind;
	void (*each)(void *arg, const struct bmc_row *row);
	void *arg;
};

/* Children, and children of what is no container itself (a sensor's fan). */
static void descend(struct rf_view *v, const struct below *b, uint32_t handle,
		    int depth)
{
	const struct bmc_row *const *rows;
	size_t n = rf_view_children(v, handle, b->kind, &rows);

	for (size_t i = 0; i < n; i++)
		b->each(b->arg, rows[i]);
	for (enum bmc_kind k = 0; depth < DEPTH_MAX && k < BMC_N_KINDS; k++) {
		if (!bmc_kind_is(k, BMC_KIND_HARDWARE) || fits(k, BMC_N_KINDS))
			continue;
		n = rf_view_children(v, handle, k, &rows);
		for (size_t i = 0; i < n; i++)
			descend(v, b, rows[i]->handle, depth + 1);
	}
}

void rf_each_below(struct rf_view *v, const struct bmc_row *container,
		   enum bmc_kind container_kind, enum bmc_kind kind,
		   void (*each)(void *arg, const struct bmc_row *row), void *arg)
{
	const struct below b = { kind, each, arg };
	const struct bmc_row *const *rows;

	if (container->kind == BMC_BOARD || container->kind == BMC_BLADE) {
		descend(v, &b, container->handle, 0);
		return;
	}
	size_t n = rf_view_rows(v, kind, &rows);
	for (size_t i = 0; i < n; i++) {
		if (rf_ancestor(v, rows[i], container_kind) == container)
			each(arg, rows[i]);
	}
}

bool rf_is_member(const struct rf_resource *member, struct rf_view *v,
		  const struct bmc_row *row, const char *collection)
{
	char own[RF_URI_MAX];
	size_t len = strlen(collection);

	if (!rf_exists(v, member, row) || !rf_uri(member, v, row, own))
		return false;
	return strncmp(own, collection, len) == 0 && own[len] == '/' &&
	       !strchr(own + len + 1, '/');
}
