// SPDX-License-Identifier: Apache-2.0
// $select: what stays of an answer. Called by query-read.c.
#include "redfish/query-select.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

/* The paths that are alive at a level: each moved behind what was descended. */
struct level {
	size_t n;
	const char *paths[RF_SELECT_PATHS_MAX + 1]; /* and "Members" */
};

static bool is_path(const char *path)
{
	size_t len = strlen(path);

	return len && path[0] != '/' && path[len - 1] != '/' && !strstr(path, "//");
}

struct rf_select *rf_select_new(const char *text)
{
	struct rf_select *s = calloc(1, sizeof(*s));
	char *at, *comma;

	if (!s || !bmc_copy(s->text, sizeof(s->text), text))
		goto fail;
	for (at = s->text; at; at = comma ? comma + 1 : NULL) {
		comma = strchr(at, ',');
		if (comma)
			*comma = 0;
		at += strspn(at, " ");
		at[strcspn(at, " ")] = 0;
		if (s->n == RF_SELECT_PATHS_MAX || !is_path(at))
			goto fail;
		s->paths[s->n++] = at;
	}
	return s;
fail:
	free(s);
	return NULL;
}

/* Whether the path begins with the property `key`; `*rest` is what follows it. */
static bool begins_with(const char *path, const char *key, const char **rest)
{
	size_t len = strcspn(path, "/");

	*rest = path + len + (path[len] == '/');
	return strlen(key) == len && strncmp(path, key, len) == 0;
}

/* The property that an annotation is about ("Members@odata.count": Members); for one of
 * the object itself the result is empty. */
static void annotated(const char *key, char ret[RF_SELECT_LEN_MAX + 1])
{
	(void)bmc_copy(ret, RF_SELECT_LEN_MAX + 1, key);
	ret[strcspn(ret, "@")] = 0;
}

/* What is selected below `key`: false: nothing; no paths: all of it. */
static bool below(const struct level *at, const char *key, struct level *ret)
{
	char property[RF_SELECT_LEN_MAX + 1];
	const char *rest;

	ret->n = 0;
	bool any = false, all = false;
	annotated(key, property);
	for (size_t i = 0; i < at->n; i++) {
		if (!begins_with(at->paths[i], key, &rest) &&
		    !begins_with(at->paths[i], property, &rest))
			continue;
		any = true;
		all |= !*rest || key[strlen(property)];
		ret->paths[ret->n++] = rest;
	}
	if (all)
		ret->n = 0;
	return any;
}

static void prune(const struct level *at, json_t *value)
{
	struct level next;
	const char *key;
	json_t *v;
	size_t i;
	void *tmp;

	json_array_foreach (value, i, v)
		prune(at, v);
	json_object_foreach_safe(value, tmp, key, v)
	{
		if (key[0] == '@')
			continue;
		if (!below(at, key, &next))
			(void)json_object_del(value, key);
		else if (next.n)
			prune(&next, v);
	}
}

/* Whether a member is whole rather than a link. */
static bool is_whole(const json_t *member)
{
	return json_object_size(member) > 1;
}

static void prune_members(const struct level *at, json_t *root)
{
	json_t *v;
	size_t i;

	json_array_foreach (json_object_get(root, "Members"), i, v) {
		if (is_whole(v))
			prune(at, v);
	}
}

void rf_select_apply(const struct rf_select *s, json_t *root, bool members)
{
	struct level at = { .n = s->n };
	const char *rest;

	memcpy(at.paths, s->paths, s->n * sizeof(at.paths[0]));
	for (size_t i = 0; i < s->n; i++)
		members &= !begins_with(s->paths[i], "Members", &rest);
	if (members) {
		prune_members(&at, root);
		at.paths[at.n++] = "Members";
	}
	prune(&at, root);
}
