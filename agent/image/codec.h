// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* One decoder each in codec-*.c. */

enum image_step { IMAGE_MORE, IMAGE_MEMBER_END, IMAGE_BAD };

struct image_buffers {
	const unsigned char *in;
	size_t in_len;
	unsigned char *out;
	size_t out_len;
};

struct image_codec {
	const char *name;
	unsigned char magic[6];
	size_t magic_len;
	/** A decoder at the start of a member; NULL: no memory. */
	void *(*new)(void);
	/** Decodes as far as both buffers allow and moves them on. IMAGE_MEMBER_END:
	 * what follows, if anything, is another member. */
	enum image_step (*step)(void *decoder, struct image_buffers *b);
	/** Back to the start of a member; false: no memory. */
	bool (*reset)(void *decoder);
	void (*free)(void *decoder);
};

extern const struct image_codec image_gzip, image_xz, image_zstd;
