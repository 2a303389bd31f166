// SPDX-License-Identifier: Apache-2.0
// Which handler has which path. The table is written before the serving threads start.
#include "http/router.h"

#include <stdlib.h>
#include <string.h>

static struct {
	struct {
		const char *path;
		const struct http_handler *handler;
	} list[HTTP_HANDLERS_MAX];
	size_t n;
	const struct http_handler *_Atomic apart[HTTP_PLACES];
} routes;

void http_register(const char *path, const struct http_handler *handler)
{
	size_t i = 0;

	while (i < routes.n && strcmp(routes.list[i].path, path) != 0)
		i++;
	if (i == HTTP_HANDLERS_MAX)
		abort();
	routes.list[i].path = path;
	routes.list[i].handler = handler;
	routes.n = i == routes.n ? i + 1 : routes.n;
}

static bool is_below(const char *path, const char *prefix, size_t len)
{
	return strncmp(path, prefix, len) == 0 &&
	       (len == 0 || path[len] == 0 || path[len] == '/');
}

void http_route_apart(enum http_place place, const struct http_handler *handler)
{
	routes.apart[place] = handler;
}

const struct http_handler *http_route(enum http_group group, const char *path)
{
	const struct http_handler *found = NULL;
	size_t longest = 0;

	if (group >= HTTP_APART)
		return routes.apart[group - HTTP_APART];
	for (size_t i = 0; i < routes.n; i++) {
		size_t len = strlen(routes.list[i].path);
		if ((found && len < longest) ||
		    !is_below(path, routes.list[i].path, len))
			continue;
		found = routes.list[i].handler;
		longest = len;
	}
	return found;
}
