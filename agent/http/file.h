// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "http/request.h"

/* Files and parts of them as answers (RFC 9110, sections 13 and 14). */

struct http_range {
	uint64_t first, len;
};

/* Borrowed texts; NULL: no such header. */
struct http_file {
	const char *type;          /* Content-Type */
	const char *etag;          /* strong, with its quotes */
	const char *cache_control; /* NULL: "no-cache" */
};

/** Answers a GET or HEAD with a file (stolen, regular, read from its beginning): 200,
 * 206 with one range of it, 416, or 304 when the client has it. Several ranges, and
 * ranges that an If-Range makes void, get the whole file. What follows the size that
 * the file has now is not sent. A short file ends the connection in the middle of the
 * answer. On a serving thread.
 * Returns which bytes a GET is answered with; `len` 0: none. */
struct http_range http_answer_file(struct http_request *q, int fd,
				   const struct http_file *file);

/** Whether a list of ETags (If-None-Match) has this one, compared weakly. */
bool http_etag_is_in(const char *list, const char *etag);

enum http_range_kind {
	HTTP_RANGE_NONE, /* no header, one that is no byte range, several ranges */
	HTTP_RANGE_PART,
	HTTP_RANGE_UNSATISFIABLE
};

/** What a Range header (or NULL) asks for of so many bytes. */
enum http_range_kind http_range_parse(const char *header, uint64_t size,
				      struct http_range *ret);
