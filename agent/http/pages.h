// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>

/* Files for browsers that are part of the program, served without a login: GET and
 * HEAD, with an ETag of their bytes, so that a browser that has one asks for it in
 * vain. */

struct http_page {
	const char *path, *type;
	const char
		*cache_control; /* "no-cache": asked for again each time, by its ETag */
	const char *bytes;
	size_t len;
};

#define HTTP_PAGES_MAX 16

/** Registers `n` pages (static) with a Content-Security-Policy (static). They replace
 * those that were registered before. Main thread, before http_start. */
void http_pages_register(const struct http_page *pages, size_t n, const char *policy);
