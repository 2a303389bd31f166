// SPDX-License-Identifier: Apache-2.0
// See origin.h. Pure; called by local.c.
#include "local/origin.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "core/base/util.h"

#define SCHEME "http://"

static bool is_port(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n >= 1 && n <= 5 && !s[n];
}

bool local_host_ok(const char *host)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

	for (size_t i = 0; host && i < ARRAY_SIZE(names); i++) {
		size_t len = strlen(names[i]);

		if (strncasecmp(host, names[i], len) == 0 &&
		    (!host[len] || (host[len] == ':' && is_port(host + len + 1))))
			return true;
	}
	return false;
}

/* Of a page that is shown to the user itself ("none") no other page can make a POST,
 * and a GET is the user's own. */
static bool fetch_ok(const char *site)
{
	return !site || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
}

bool local_origin_ok(const char *host, const char *origin, const char *fetch_site)
{
	if (!fetch_ok(fetch_site))
		return false;
	if (!origin)
		return true;
	return host && strncasecmp(origin, SCHEME, sizeof(SCHEME) - 1) == 0 &&
	       strcasecmp(origin + sizeof(SCHEME) - 1, host) == 0;
}
