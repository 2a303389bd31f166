// SPDX-License-Identifier: Apache-2.0
// URIs: computed from a resource's pattern and a row, and found again by computing the
// row's URI and comparing. Called by the dispatcher and the renderer.
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/resource.h"

#define DEPTH_MAX 8

/* The kind between { and }, BMC_N_KINDS for "holder". `*end` is what follows. */
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

static bool fits(enum bmc_kind is, enum bmc_kind kind)
{
	if (kind != BMC_N_KINDS)
		return is == kind;
	return is == BMC_CHASSIS || is == BMC_BLADE || is == BMC_BOARD;
}

static const struct bmc_row *first(const struct bmc_snapshot *s, enum bmc_kind kind)
{
	const struct bmc_row *const *rows;

	return bmc_snapshot_rows(s, kind, &rows) ? rows[0] : NULL;
}

const struct bmc_row *rf_climb(const struct bmc_snapshot *s, const struct bmc_row *row,
			       enum bmc_kind kind)
{
	if (kind == BMC_MANAGER)
		return first(s, BMC_MANAGER);
	for (int i = 0; row && i < DEPTH_MAX; i++) {
		if (fits((enum bmc_kind)row->kind, kind))
			return row;
		row = row->parent ? bmc_snapshot_row(s, row->parent) : NULL;
	}
	/* what has no parent is the chassis' */
	return kind == BMC_CHASSIS || kind == BMC_N_KINDS ? first(s, BMC_CHASSIS)
							  : NULL;
}

/* Rows for the placeholders of a pattern, last first. */
static size_t bind(const struct rf_resource *res, const struct bmc_snapshot *s,
		   const struct bmc_row *row, const struct bmc_row *bound[DEPTH_MAX])
{
	const char *open[DEPTH_MAX], *end;
	size_t n = 0;

	for (const char *p = strchr(res->uri, '{'); p && n < DEPTH_MAX;
	     p = strchr(p + 1, '{'))
		open[n++] = p;
	for (size_t i = n; i-- > 0;) {
		bound[i] = row ? rf_climb(s, row, placeholder(open[i], &end)) : NULL;
		if (!bound[i])
			return SIZE_MAX;
		row = i + 1 == n && bound[i]->parent
			      ? bmc_snapshot_row(s, bound[i]->parent)
			      : bound[i];
		if (!row)
			row = bound[i];
	}
	return n;
}

bool rf_uri(const struct rf_resource *res, const struct bmc_snapshot *s,
	    const struct bmc_row *row, char ret[RF_URI_MAX])
{
	const struct bmc_row *bound[DEPTH_MAX];
	size_t n = 0, i = 0, max = bind(res, s, row, bound);

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

/* Whether `uri` has the pattern's form; `id` takes what stands at the last placeholder.
 */
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
		size_t len = strcspn(uri, "/");
		if (len == 0 || len >= BMC_ID_MAX)
			return false;
		memcpy(id, uri, len);
		id[len] = 0;
		uri += len;
		pattern = strchr(pattern, '}') + 1;
	}
	return *uri == 0;
}

/* The row of a placeholder's kind by id. */
static const struct bmc_row *find(const struct bmc_snapshot *s, enum bmc_kind kind,
				  const char *id)
{
	if (kind != BMC_N_KINDS)
		return bmc_snapshot_find(s, kind, id);
	static const enum bmc_kind holders[] = { BMC_CHASSIS, BMC_BLADE, BMC_BOARD };
	const struct bmc_row *row = NULL;
	for (size_t i = 0; !row && i < ARRAY_SIZE(holders); i++)
		row = bmc_snapshot_find(s, holders[i], id);
	return row;
}

static bool found(const struct rf_resource *res, const struct bmc_snapshot *s,
		  const char *uri, const struct bmc_row **ret_row)
{
	char id[BMC_ID_MAX], own[RF_URI_MAX];

	*ret_row = NULL;
	if (!matches(res->uri, uri, id))
		return false;
	if (!strchr(res->uri, '{'))
		return true;
	*ret_row = find(s, rf_kind(res), id);
	return *ret_row && (!res->exists || res->exists(*ret_row)) &&
	       rf_uri(res, s, *ret_row, own) && strcmp(own, uri) == 0;
}

const struct rf_resource *rf_route(const struct bmc_snapshot *s, const char *uri,
				   const struct bmc_row **ret_row)
{
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		if (found(*r, s, uri, ret_row))
			return *r;
	}
	*ret_row = NULL;
	return NULL;
}

bool rf_is_below(const struct bmc_snapshot *s, const struct bmc_row *row,
		 enum bmc_kind kind, const struct bmc_row *holder)
{
	if (row->parent && fits(BMC_HANDLE_KIND(row->parent), kind))
		return row->parent == holder->handle;
	return rf_climb(s, row, kind) == holder;
}

bool rf_is_member(const struct rf_resource *member, const struct bmc_snapshot *s,
		  const struct bmc_row *row, const char *collection)
{
	char own[RF_URI_MAX];
	size_t len = strlen(collection);

	if ((member->exists && !member->exists(row)) || !rf_uri(member, s, row, own))
		return false;
	return strncmp(own, collection, len) == 0 && own[len] == '/' &&
	       !strchr(own + len + 1, '/');
}
