// SPDX-License-Identifier: Apache-2.0
/* Zstandard, by libzstd. */
#include <zstd.h>

#include "image/codec.h"

/* A window of 32 MiB: what RFC 8878 asks of a decoder is 8 MiB, `zstd --long=25` makes
 * it. */
#define WINDOW_LOG_MAX 25

static bool zstd_reset(void *decoder)
{
	return !ZSTD_isError(ZSTD_DCtx_reset(decoder, ZSTD_reset_session_only));
}

static void zstd_free(void *decoder)
{
	(void)ZSTD_freeDStream(decoder);
}

static void *zstd_new(void)
{
	ZSTD_DStream *d = ZSTD_createDStream();

	if (d && ZSTD_isError(ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax,
						     WINDOW_LOG_MAX))) {
		zstd_free(d);
		return NULL;
	}
	return d;
}

static enum image_step zstd_step(void *decoder, struct image_buffers *b)
{
	ZSTD_inBuffer in = { .src = b->in, .size = b->in_len };
	ZSTD_outBuffer out = { .dst = b->out, .size = b->out_len };
	size_t r = ZSTD_decompressStream(decoder, &out, &in);

	b->in += in.pos;
	b->in_len -= in.pos;
	b->out += out.pos;
	b->out_len -= out.pos;
	if (ZSTD_isError(r))
		return IMAGE_BAD;
	return r == 0 ? IMAGE_MEMBER_END : IMAGE_MORE;
}

const struct image_codec image_zstd = {
	.name = "zstd",
	.magic = { 0x28, 0xb5, 0x2f, 0xfd },
	.magic_len = 4,
	.new = zstd_new,
	.step = zstd_step,
	.reset = zstd_reset,
	.free = zstd_free,
};
