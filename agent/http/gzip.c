// SPDX-License-Identifier: Apache-2.0
// See gzip.h. Called for bodies received, and for answers.
#include "http/gzip.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bmc/error.h"
#include "core/base/util.h"

#define GZIP_WINDOW (15 + 16) /* the largest, in gzip's format */
#define MEMORY      8
#define ROOM_FIRST  4096

/* ---- inflating ---- */

struct output {
	char *bytes;
	size_t len, room, max;
};

/* Bodies hold secrets: what is left behind is wiped. */
static bool make_room(struct output *o)
{
	size_t room = o->room ? o->room * 2 : ROOM_FIRST;
	char *bytes = malloc(MIN(room, o->max + 1));

	if (!bytes)
		return false;
	if (o->bytes) {
		memcpy(bytes, o->bytes, o->len);
		bmc_wipe(o->bytes, o->len);
		free(o->bytes);
	}
	o->bytes = bytes;
	o->room = MIN(room, o->max + 1);
	return true;
}

/* One step. Z_OK: there is more to do. */
static int step(z_stream *z, struct output *o)
{
	if (o->len == o->room && !make_room(o))
		return Z_MEM_ERROR;
	z->next_out = (unsigned char *)o->bytes + o->len;
	z->avail_out = (unsigned)(o->room - o->len);
	int r = inflate(z, Z_NO_FLUSH);
	o->len = o->room - z->avail_out;
	return r;
}

/* A byte more than `max` is room enough to see that it is too long. */
static int inflate_all(z_stream *z, struct output *o)
{
	for (;;) {
		int r = step(z, o);
		if (r == Z_MEM_ERROR)
			return BMC_ENOMEM;
		if (o->len > o->max)
			return BMC_ERANGE;
		if (r == Z_STREAM_END && z->avail_in == 0)
			return 0;
		if (r == Z_STREAM_END)
			r = inflateReset(z); /* another member follows */
		/* without input left it is cut short: then zlib says Z_BUF_ERROR */
		if (r != Z_OK)
			return BMC_EINVAL;
	}
}

int http_gzip_inflate(const void *in, size_t len, size_t max, char **ret,
		      size_t *ret_len)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)in,
		       .avail_in = (unsigned)len };
	struct output o = { .max = max };

	if (len > UINT32_MAX || max >= UINT32_MAX)
		return BMC_ERANGE;
	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return BMC_ENOMEM;
	int r = inflate_all(&z, &o);
	(void)inflateEnd(&z);
	if (r != 0) {
		if (o.bytes)
			bmc_wipe(o.bytes, o.len);
		free(o.bytes);
		return r;
	}
	*ret = o.bytes;
	*ret_len = o.len;
	return 0;
}

/* ---- deflating ---- */

char *http_gzip_deflate(const void *in, size_t len, size_t *ret_len)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)in,
		       .avail_in = (unsigned)len };
	char *out = len > 1 && len <= UINT32_MAX ? malloc(len) : NULL;

	if (!out)
		return NULL;
	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, MEMORY,
			 Z_DEFAULT_STRATEGY) != Z_OK) {
		free(out);
		return NULL;
	}
	z.next_out = (unsigned char *)out;
	z.avail_out = (unsigned)len - 1;
	int r = deflate(&z, Z_FINISH);
	*ret_len = len - 1 - z.avail_out;
	(void)deflateEnd(&z);
	if (r != Z_STREAM_END) {
		free(out);
		return NULL;
	}
	char *fit = realloc(out, *ret_len);
	return fit ? fit : out;
}
