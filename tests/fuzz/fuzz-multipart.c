// SPDX-License-Identifier: Apache-2.0
// Fuzz target: bodies of several parts (http/multipart.h). Input: a byte, the size of
// the pieces and of what is taken at once; then the body, whose boundary is "limit".
// It must be read the same as when it comes whole.
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "fuzz.h"
#include "http/multipart.h"

#define INPUT_MAX 8192

struct reading {
	unsigned char bytes[INPUT_MAX * 2]; /* events between them */
	size_t len;
	bool wrong, ended;
};

static void put(struct reading *r, const void *bytes, size_t len)
{
	if (r->len + len > sizeof(r->bytes))
		abort(); /* more came out than went in */
	memcpy(r->bytes + r->len, bytes, len);
	r->len += len;
}

static void take(struct reading *r, struct http_multipart *m, struct http_piece *in,
		 size_t room)
{
	struct http_piece data;
	enum http_multipart_what what;

	while ((what = http_multipart_next(m, in, &data)) != HTTP_MULTIPART_MORE &&
	       what != HTTP_MULTIPART_WRONG) {
		if (what == HTTP_MULTIPART_PART)
			put(r, m->name, strlen(m->name));
		else if (what == HTTP_MULTIPART_PART_END)
			put(r, "", 1);
		else
			put(r, data.at, MIN(data.len, room));
		if (what == HTTP_MULTIPART_DATA)
			http_multipart_take(m, in, MIN(data.len, room));
	}
}

static void read_body(struct reading *r, const uint8_t *body, size_t len, size_t step,
		      size_t room)
{
	struct http_multipart m;

	r->len = 0;
	if (!http_multipart_init(&m, "multipart/form-data; boundary=limit"))
		abort();
	for (size_t at = 0; at < len && !m.wrong; at += step) {
		size_t n = MIN(step, len - at);
		char *copy = malloc(n);
		struct http_piece in = { copy, n };

		if (!copy)
			abort();
		memcpy(copy, body + at, n);
		take(r, &m, &in, room);
		free(copy);
	}
	r->wrong = m.wrong != NULL;
	r->ended = m.ended;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reading whole, pieces;

	if (size < 2 || size > INPUT_MAX)
		return 0;
	read_body(&whole, data + 1, size - 1, size, size);
	read_body(&pieces, data + 1, size - 1, 1 + (data[0] & 0x1f),
		  1 + (data[0] >> 5));
	if (whole.len != pieces.len || whole.wrong != pieces.wrong ||
	    whole.ended != pieces.ended ||
	    memcmp(whole.bytes, pieces.bytes, whole.len) != 0)
		abort();
	return 0;
}
