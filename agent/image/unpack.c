// SPDX-License-Identifier: Apache-2.0
/* A source of what a compressed source unpacks to. */
#include "image/unpack.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "image/codec.h"

#define CHUNK 65536u

struct unpacker {
	struct image_source s;
	struct image_source *of;
	const struct image_codec *codec;
	void *decoder;
	uint64_t in_at, out_at; /* bytes taken from `of`, given to the reader */
	struct image_buffers b;
	bool at_end_of_member;
	unsigned char in[CHUNK];
};

static const struct image_codec *const codecs[] = { &image_gzip, &image_xz,
						    &image_zstd };

const struct image_codec *image_codec_of(struct image_source *s)
{
	unsigned char head[sizeof(image_xz.magic)];
	ssize_t n = s->read(s, 0, head, sizeof(head));

	for (size_t i = 0; n > 0 && i < ARRAY_SIZE(codecs); i++)
		if ((size_t)n >= codecs[i]->magic_len &&
		    memcmp(head, codecs[i]->magic, codecs[i]->magic_len) == 0)
			return codecs[i];
	return NULL;
}

const char *image_codec_name(const struct image_codec *c)
{
	return c->name;
}

static void rewind_all(struct unpacker *u)
{
	u->in_at = u->out_at = 0;
	u->b.in_len = 0;
	u->at_end_of_member = false;
}

/* More of the packed bytes: their number, 0 at the end of all of them. */
static ssize_t refill(struct unpacker *u)
{
	ssize_t n = u->of->read(u->of, u->in_at, u->in, sizeof(u->in));

	if (n > 0) {
		u->in_at += (uint64_t)n;
		u->b.in = u->in;
		u->b.in_len = (size_t)n;
	}
	return n;
}

/* One step; 1: go on, 0: the end of the image. */
static int decode(struct unpacker *u)
{
	if (u->b.in_len == 0) {
		ssize_t n = refill(u);

		if (n < 0)
			return (int)n;
		/* A decoder may still hold output when its input is used up. */
		if (n == 0 && u->at_end_of_member)
			return 0;
	}
	bool ended = u->b.in_len == 0;
	size_t room = u->b.out_len;

	if (u->at_end_of_member && !u->codec->reset(u->decoder))
		return BMC_ENOMEM;
	enum image_step is = u->codec->step(u->decoder, &u->b);

	u->at_end_of_member = is == IMAGE_MEMBER_END;
	if (is == IMAGE_BAD || (is == IMAGE_MORE && ended && u->b.out_len == room))
		return BMC_ECORRUPT;
	return 1;
}

/* Up to `len` of the next bytes; fewer only at the end. */
static ssize_t next(struct unpacker *u, void *buf, size_t len)
{
	int r = 1;

	u->b.out = buf;
	u->b.out_len = len;
	while (u->b.out_len > 0 && r > 0)
		r = decode(u);
	u->out_at += len - u->b.out_len;
	return r < 0 ? r : (ssize_t)(len - u->b.out_len);
}

static ssize_t skip_to(struct unpacker *u, uint64_t offset)
{
	unsigned char waste[CHUNK];

	if (offset < u->out_at) {
		rewind_all(u);
		if (!u->codec->reset(u->decoder))
			return BMC_ENOMEM;
	}
	while (u->out_at < offset) {
		ssize_t n = next(u, waste, MIN(sizeof(waste), offset - u->out_at));

		if (n <= 0)
			return n < 0 ? n : BMC_ECORRUPT;
	}
	return 0;
}

static ssize_t unpacked_read(struct image_source *s, uint64_t offset, void *buf,
			     size_t len)
{
	struct unpacker *u = (struct unpacker *)s;

	if (offset >= s->size)
		return 0;
	ssize_t r = skip_to(u, offset);

	return r < 0 ? r : next(u, buf, MIN(len, s->size - offset));
}

static void unpacker_free(struct image_source *s)
{
	struct unpacker *u = (struct unpacker *)s;

	u->codec->free(u->decoder);
	free(u);
}

/* Unpacks all of it, for its sums and its size. */
static int learn_size(struct unpacker *u, uint64_t limit, image_watch_fn *watch,
		      void *arg, struct bmc_error *err)
{
	unsigned char waste[CHUNK];
	ssize_t n;

	while ((n = next(u, waste, sizeof(waste))) > 0) {
		if (u->out_at > limit)
			return bmc_fail(err, BMC_ENOSPC,
					"the image unpacks to more than %llu bytes",
					(unsigned long long)limit);
		if (watch && !watch(arg, u->in_at - u->b.in_len, u->of->size))
			return bmc_fail(err, BMC_ECANCELED, "cancelled");
	}
	if (n < 0)
		return bmc_fail(
			err, (int)n,
			n == BMC_ECORRUPT ? "the %s data is damaged or cut off "
					    "near byte %llu"
					  : "the %s data can't be unpacked (byte %llu)",
			u->codec->name, (unsigned long long)(u->in_at - u->b.in_len));
	u->s.size = u->out_at;
	return BMC_OK;
}

int image_unpack(struct image_source *of, const struct image_codec *codec,
		 uint64_t limit, image_watch_fn *watch, void *arg,
		 struct image_source **ret, struct bmc_error *err)
{
	struct unpacker *u = calloc(1, sizeof(*u));

	if (!u || !(u->decoder = codec->new ())) {
		free(u);
		return bmc_fail(err, BMC_ENOMEM, "no memory to unpack the image");
	}
	u->s = (struct image_source){ .read = unpacked_read, .free = unpacker_free };
	u->of = of;
	u->codec = codec;
	int r = learn_size(u, limit, watch, arg, err);

	if (r != BMC_OK) {
		unpacker_free(&u->s);
		return r;
	}
	*ret = &u->s;
	return BMC_OK;
}
