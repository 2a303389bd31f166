// SPDX-License-Identifier: Apache-2.0
// See pages.h. The table is written before the serving threads start.
#include "http/pages.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "http/file.h"
#include "http/http.h"
#include "http/request.h"

#define ALLOW "GET, HEAD"

static struct {
	const struct http_page *list;
	size_t n;
	const char *policy;
	char etags[HTTP_PAGES_MAX][24];
} pages;

/* FNV-1a: pages of one program have to differ from those of the next version. */
static void make_etag(const struct http_page *p, char ret[24])
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < p->len; i++)
		hash = (hash ^ (uint8_t)p->bytes[i]) * 0x100000001b3;
	(void)snprintf(ret, 24, "\"%016llx\"", (unsigned long long)hash);
}

static size_t find(const char *path)
{
	size_t i = 0;

	while (i < pages.n && strcmp(pages.list[i].path, path) != 0)
		i++;
	return i;
}

static void answer(struct http_request *q, unsigned status,
		   const struct http_page *page, const char *etag)
{
	struct http_response *r =
		http_response_new(page ? page->bytes : NULL, page ? page->len : 0,
				  HTTP_STATIC, q->secure);

	if (r && page)
		http_response_add(r, "Content-Type", page->type);
	if (r && status == 405)
		http_response_add(r, "Allow", ALLOW);
	if (r)
		http_response_add(r, "ETag", etag);
	if (r)
		http_response_add(r, "Content-Security-Policy", pages.policy);
	http_answer(q, status, r);
}

static void answer_page(struct http_request *q, size_t i)
{
	const struct http_page *page = &pages.list[i];
	const char *have = http_header(q, "If-None-Match");
	bool cached = have && http_etag_is_in(have, pages.etags[i]);

	answer(q, cached ? 304 : 200, cached ? NULL : page, pages.etags[i]);
	if (q->response)
		http_response_add(q->response, "Cache-Control", page->cache_control);
}

static int begin(struct http_request *q)
{
	(void)q;
	return HTTP_DONE;
}

static int run(struct http_request *q)
{
	size_t i = find(q->path);
	bool get = strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;

	if (i == pages.n)
		answer(q, 404, NULL, NULL);
	else if (!get)
		answer(q, 405, NULL, NULL);
	else
		answer_page(q, i);
	return HTTP_DONE;
}

static const struct http_handler handler = { .begin = begin, .run = run };

void http_pages_register(const struct http_page *list, size_t n, const char *policy)
{
	pages.list = list;
	pages.n = MIN(n, (size_t)HTTP_PAGES_MAX);
	pages.policy = policy;
	for (size_t i = 0; i < pages.n; i++) {
		make_etag(&list[i], pages.etags[i]);
		http_register(list[i].path, &handler);
	}
}
