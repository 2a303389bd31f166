// SPDX-License-Identifier: Apache-2.0
// See file.h. Called by handlers.
#include "http/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/base/util.h"
#include "http/response.h"

/* ---- headers ---- */

/* Digits from *at on; false: none, or too many. */
static bool number(const char **at, uint64_t *ret)
{
	size_t digits = strspn(*at, "0123456789");

	if (digits == 0 || digits > 18)
		return false;
	*ret = strtoull(*at, NULL, 10);
	*at += digits;
	return true;
}

/* "-500": the last 500 bytes. */
static enum http_range_kind suffix(const char *at, uint64_t size,
				   struct http_range *ret)
{
	uint64_t n;

	if (!number(&at, &n) || *at)
		return HTTP_RANGE_NONE;
	if (n == 0 || size == 0)
		return HTTP_RANGE_UNSATISFIABLE;
	ret->len = MIN(n, size);
	ret->first = size - ret->len;
	return HTTP_RANGE_PART;
}

enum http_range_kind http_range_parse(const char *header, uint64_t size,
				      struct http_range *ret)
{
	uint64_t first, last = UINT64_MAX;

	if (!header || strncasecmp(header, "bytes=", 6) != 0)
		return HTTP_RANGE_NONE;
	header += 6;
	if (*header == '-')
		return suffix(header + 1, size, ret);
	if (!number(&header, &first) || *header++ != '-')
		return HTTP_RANGE_NONE;
	if ((*header && !number(&header, &last)) || *header || last < first)
		return HTTP_RANGE_NONE;
	if (first >= size)
		return HTTP_RANGE_UNSATISFIABLE;
	ret->first = first;
	ret->len = MIN(last, size - 1) - first + 1;
	return HTTP_RANGE_PART;
}

bool http_etag_is_in(const char *list, const char *etag)
{
	size_t want = strlen(etag);

	while (*list) {
		list += strspn(list, " \t,");
		size_t len = strcspn(list, " \t,");
		if (len == 1 && *list == '*')
			return true;
		bool weak = len > 2 && strncmp(list, "W/", 2) == 0;
		if (len - (weak ? 2 : 0) == want &&
		    strncmp(list + (weak ? 2 : 0), etag, want) == 0)
			return true;
		list += len;
	}
	return false;
}

/* If-Range holds with the very same strong ETag only; a date never does. */
static const char *wanted_range(const struct http_request *q,
				const struct http_file *file)
{
	const char *condition = http_header(q, "If-Range");

	if (strcmp(q->method, "GET") != 0)
		return NULL;
	if (condition && (!file->etag || strcmp(condition, file->etag) != 0))
		return NULL;
	return http_header(q, "Range");
}

/* ---- answers ---- */

static struct http_response *describe(struct http_response *r,
				      const struct http_file *file)
{
	if (!r)
		return NULL;
	http_response_add(r, "Accept-Ranges", "bytes");
	http_response_add(r, "ETag", file->etag);
	http_response_add(r, "Cache-Control",
			  file->cache_control ? file->cache_control : "no-cache");
	return r;
}

static void answer_empty(struct http_request *q, unsigned status,
			 const struct http_file *file, const char *content_range)
{
	struct http_response *r =
		describe(http_response_new(NULL, 0, HTTP_STATIC, q->secure), file);

	if (r)
		http_response_add(r, "Content-Range", content_range);
	http_answer(q, status, r);
}

static void answer_bytes(struct http_request *q, unsigned status, int fd,
			 const struct http_range *range, const struct http_file *file,
			 const char *content_range)
{
	struct http_response *r = describe(
		http_response_file(fd, range->first, range->len, q->secure), file);

	if (r) {
		http_response_add(r, "Content-Type", file->type);
		http_response_add(r, "Content-Range", content_range);
	}
	http_answer(q, status, r);
}

struct http_range http_answer_file(struct http_request *q, int fd,
				   const struct http_file *file)
{
	const struct http_range none = { 0, 0 };
	struct http_range range = none;
	struct stat st;
	char text[80] = "";
	const char *have = http_header(q, "If-None-Match");
	bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	uint64_t size = regular ? (uint64_t)st.st_size : 0;
	bool cached = have && file->etag && http_etag_is_in(have, file->etag);
	enum http_range_kind kind =
		http_range_parse(wanted_range(q, file), size, &range);

	if (regular && !cached && kind != HTTP_RANGE_UNSATISFIABLE) {
		if (kind == HTTP_RANGE_NONE)
			range.len = size;
		else
			(void)snprintf(
				text, sizeof(text), "bytes %llu-%llu/%llu",
				(unsigned long long)range.first,
				(unsigned long long)(range.first + range.len - 1),
				(unsigned long long)size);
		answer_bytes(q, kind == HTTP_RANGE_NONE ? 200 : 206, fd, &range, file,
			     text);
		return strcmp(q->method, "GET") == 0 ? range : none;
	}
	(void)close(fd);
	if (regular && !cached)
		(void)snprintf(text, sizeof(text), "bytes */%llu",
			       (unsigned long long)size);
	answer_empty(q, !regular ? 500 : cached ? 304 : 416, file, text);
	return none;
}
