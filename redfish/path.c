// SPDX-License-Identifier: Apache-2.0
// Where a property stands in a resource's JSON: "A/B", "A[]", "A[0]/B". Called by the
// renderer.
#include <string.h>

#include "core/base/util.h"
#include "redfish/render.h"

/* The object or array below `at` under `key`, made if it is missing. */
static json_t *descend(json_t *at, const char *key, bool array)
{
	json_t *child = json_object_get(at, key);

	if (child)
		return child;
	child = array ? json_array() : json_object();
	return json_object_set_new(at, key, child) == 0 ? child : NULL;
}

/* One step of a path: `seg` is "Name" or "Name[0]". */
static json_t *step(json_t *at, const char *seg)
{
	char key[64];
	const char *bracket = strchr(seg, '[');

	if (!bracket)
		return descend(at, seg, false);
	(void)bmc_copy(key, MIN(sizeof(key), (size_t)(bracket - seg) + 1), seg);
	json_t *list = descend(at, key, true);
	if (list && json_array_size(list) == 0)
		(void)json_array_append_new(list, json_object());
	return json_array_get(list, 0);
}

int rf_put(json_t *root, const char *path, json_t *value)
{
	char seg[64];
	json_t *at = root;
	const char *slash;

	for (; (slash = strchr(path, '/')) && path[0] != '@'; path = slash + 1) {
		(void)bmc_copy(seg, MIN(sizeof(seg), (size_t)(slash - path) + 1), path);
		at = step(at, seg);
	}
	size_t len = strlen(path);
	if (len < 2 || strcmp(path + len - 2, "[]") != 0)
		return json_object_set_new(at, path, value);
	(void)bmc_copy(seg, MIN(sizeof(seg), len - 1), path);
	return json_array_append_new(descend(at, seg, true), value);
}

void rf_put_nothing(json_t *root, const char *path)
{
	char key[64];
	const char *bracket = strchr(path, '[');

	if (!bracket || strchr(path, '/') < bracket)
		return;
	(void)bmc_copy(key, MIN(sizeof(key), (size_t)(bracket - path) + 1), path);
	(void)descend(root, key, true);
}
