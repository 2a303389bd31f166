// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Bodies of the type multipart/form-data (RFC 7578, RFC 2046), taken apart as they
 * come: no byte of a part is copied or kept. Pure. */

#define HTTP_BOUNDARY_MAX          70   /* RFC 2046, 5.1.1 */
#define HTTP_MULTIPART_PARTS_MAX   8    /* of a body */
#define HTTP_MULTIPART_LINE_MAX    1024 /* bytes of a header's line */
#define HTTP_MULTIPART_LINES_MAX   16   /* headers of a part */
#define HTTP_MULTIPART_PADDING_MAX 64   /* blanks behind a delimiter */
#define HTTP_PREAMBLE_MAX          4096 /* bytes before the first delimiter */

struct http_piece {
	const char *at;
	size_t len;
};

enum http_multipart_what {
	HTTP_MULTIPART_MORE,     /* the input is used up */
	HTTP_MULTIPART_PART,     /* a part begins: m->name, filename, type */
	HTTP_MULTIPART_DATA,     /* bytes of it */
	HTTP_MULTIPART_PART_END, /* it is complete */
	HTTP_MULTIPART_WRONG,    /* it is no such body: m->wrong; nothing follows */
};

enum http_multipart_state {
	HTTP_MULTIPART_PREAMBLE,
	HTTP_MULTIPART_DELIMITED, /* a delimiter was read, its line was not */
	HTTP_MULTIPART_HEADERS,
	HTTP_MULTIPART_BODY,
	HTTP_MULTIPART_EPILOGUE,
	HTTP_MULTIPART_REFUSED,
};

struct http_multipart {
	/* of the part; "" where it does not say. What is too long for `filename` is
	 * cut. */
	char name[64], filename[256], type[128];
	const char *wrong; /* static; NULL: nothing is */
	bool ended;        /* the last delimiter was read */
	/* its own */
	enum http_multipart_state state;
	char delimiter[4 + HTTP_BOUNDARY_MAX]; /* CRLF, "--", the boundary */
	size_t n_delimiter, matched; /* bytes of it that the input had last    */
	size_t pending, pending_at;  /* those of it that were data after all   */
	size_t skipped;              /* bytes of the preamble, or blanks       */
	bool in_part, dashed;
	unsigned n_parts, n_lines;
	char line[HTTP_MULTIPART_LINE_MAX + 1];
	size_t n_line;
};

/** Begins with a body of this Content-Type. False: it is another type, or has no
 * boundary that is one. */
bool http_multipart_init(struct http_multipart *m, const char *content_type);
/** What comes next. Takes what it has used off `in`, but not the bytes of DATA: those
 * are `*ret`, borrowed, and stay until http_multipart_take. */
enum http_multipart_what http_multipart_next(struct http_multipart *m,
					     struct http_piece *in,
					     struct http_piece *ret);
/** Takes the first `n` bytes of the DATA that came last. */
void http_multipart_take(struct http_multipart *m, struct http_piece *in, size_t n);
