// SPDX-License-Identifier: Apache-2.0
/* xz, by liblzma. */
#include <lzma.h>
#include <stdlib.h>

#include "image/codec.h"
#include "image/unpack.h"

static bool xz_reset(void *decoder)
{
	lzma_stream *l = decoder;

	return lzma_stream_decoder(l, IMAGE_UNPACK_MEMORY, 0) == LZMA_OK;
}

static void xz_free(void *decoder)
{
	lzma_end(decoder);
	free(decoder);
}

static void *xz_new(void)
{
	lzma_stream *l = malloc(sizeof(*l));

	if (!l)
		return NULL;
	*l = (lzma_stream)LZMA_STREAM_INIT;
	if (!xz_reset(l)) {
		xz_free(l);
		return NULL;
	}
	return l;
}

static enum image_step xz_step(void *decoder, struct image_buffers *b)
{
	lzma_stream *l = decoder;

	l->next_in = b->in;
	l->avail_in = b->in_len;
	l->next_out = b->out;
	l->avail_out = b->out_len;
	lzma_ret r = lzma_code(l, LZMA_RUN);

	b->in = l->next_in;
	b->in_len = l->avail_in;
	b->out = l->next_out;
	b->out_len = l->avail_out;
	if (r == LZMA_STREAM_END)
		return IMAGE_MEMBER_END;
	return r == LZMA_OK || r == LZMA_BUF_ERROR ? IMAGE_MORE : IMAGE_BAD;
}

const struct image_codec image_xz = {
	.name = "xz",
	.magic = { 0xfd, '7', 'z', 'X', 'Z', 0 },
	.magic_len = 6,
	.new = xz_new,
	.step = xz_step,
	.reset = xz_reset,
	.free = xz_free,
};
