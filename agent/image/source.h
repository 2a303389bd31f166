// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>
#include <sys/types.h>

#include "bmc/error.h"
#include "bmc/plugin.h"

/* Bytes that can be read at an offset: a stored file, a range of another source, or
 * what a compressed source unpacks to. One thread at a time. */
struct image_source {
	uint64_t size; /* bytes */
	/** Reads 1..len bytes at `offset`, fewer than asked only before the end; 0 at
	 * the end and beyond it, or a negative enum bmc_err. */
	ssize_t (*read)(struct image_source *, uint64_t offset, void *buf, size_t len);
	void (*free)(struct image_source *);
};

/** Over an open image, which is borrowed and outlives the source. NULL: no memory. */
struct image_source *image_source_of(const struct bmc_image *file);

/** `size` bytes at `offset` of `of`, which is borrowed. The caller has checked that
 * they lie within it. NULL: no memory. */
struct image_source *image_source_range(struct image_source *of, uint64_t offset,
					uint64_t size);

/** Accepts and returns NULL. */
struct image_source *image_source_free(struct image_source *s);

/** Reads exactly `len` bytes; BMC_ECORRUPT when there are fewer. */
int image_read_all(struct image_source *s, uint64_t offset, void *buf, size_t len,
		   struct bmc_error *err);

/** True when offset + size lies within `total`, without overflow. */
static inline bool image_within(uint64_t offset, uint64_t size, uint64_t total)
{
	return offset <= total && size <= total - offset;
}

/* Little-endian numbers, at any alignment. */
static inline uint16_t image_le16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t image_le32(const unsigned char *p)
{
	return (uint32_t)image_le16(p) | (uint32_t)image_le16(p + 2) << 16;
}
