// SPDX-License-Identifier: Apache-2.0
/* gzip, by zlib. */
#define ZLIB_CONST
#include <stdlib.h>
#include <zlib.h>

#include "core/base/util.h"
#include "image/codec.h"

#define GZIP_ONLY (16 + MAX_WBITS) /* inflateInit2(): no zlib or raw streams */

static void *gzip_new(void)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (z && inflateInit2(z, GZIP_ONLY) != Z_OK) {
		free(z);
		return NULL;
	}
	return z;
}

static enum image_step gzip_step(void *decoder, struct image_buffers *b)
{
	z_stream *z = decoder;
	uInt in = (uInt)MIN(b->in_len, UINT32_MAX),
	     out = (uInt)MIN(b->out_len, UINT32_MAX);

	z->next_in = b->in;
	z->avail_in = in;
	z->next_out = b->out;
	z->avail_out = out;
	int r = inflate(z, Z_NO_FLUSH);

	b->in += in - z->avail_in;
	b->in_len -= in - z->avail_in;
	b->out += out - z->avail_out;
	b->out_len -= out - z->avail_out;
	if (r == Z_STREAM_END)
		return IMAGE_MEMBER_END;
	return r == Z_OK || r == Z_BUF_ERROR ? IMAGE_MORE : IMAGE_BAD;
}

static bool gzip_reset(void *decoder)
{
	return inflateReset(decoder) == Z_OK;
}

static void gzip_free(void *decoder)
{
	(void)inflateEnd(decoder);
	free(decoder);
}

const struct image_codec image_gzip = {
	.name = "gzip",
	.magic = { 0x1f, 0x8b, 8 },
	.magic_len = 3,
	.new = gzip_new,
	.step = gzip_step,
	.reset = gzip_reset,
	.free = gzip_free,
};
