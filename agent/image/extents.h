// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/source.h"
#include "image/unpack.h"

#define IMAGE_EXTENTS_MAX 262144u /* of all parts together: 10 MiB of tables */

enum image_fill { IMAGE_FROM_SOURCE, IMAGE_PATTERN };

/* What is written to [at, at + len) of a partition. What no extent covers is left as it
 * is on the storage, and can't be verified. */
struct image_extent {
	uint64_t at, len; /* bytes */
	uint64_t source;  /* IMAGE_FROM_SOURCE: where the bytes are in the source */
	uint32_t pattern; /* IMAGE_PATTERN: repeated, as it stands in memory      */
	uint32_t how;     /* enum image_fill                                      */
};

/* Ascending, without overlap. */
struct image_extents {
	struct image_extent *of; /* owned */
	size_t n;
	uint64_t size;  /* bytes from the start of the partition to the end of the image
			 */
	uint64_t bytes; /* sum of the lengths: what is written */
};

/** One extent: all of `size` bytes. */
int image_extents_whole(uint64_t size, struct image_extents *ret,
			struct bmc_error *err);

/** Frees what is in it. */
void image_extents_done(struct image_extents *x);

/** Reads at `offset` of the partition; a hole reads as zeros. As image_source.read. */
ssize_t image_extents_read(const struct image_extents *x, struct image_source *s,
			   uint64_t offset, void *buf, size_t len);

/** True when the source is an Android sparse image. */
bool image_is_sparse(struct image_source *s);

struct image_sparse_limits {
	uint64_t sum;          /* bytes, with holes, that a checksum may be of */
	size_t chunks;         /* of the table                                 */
	image_watch_fn *watch; /* asked while checksums are taken; NULL: none  */
	void *arg;
};

/** Android's sparse format (libsparse's sparse_format.h: 28 bytes of header, chunks of
 * 12 bytes and their data, little endian). Every sum and size in it is checked; an
 * image checksum or a CRC32 chunk is compared when there is one. */
int image_sparse_read(struct image_source *s, const struct image_sparse_limits *limits,
		      struct image_extents *ret, struct bmc_error *err);
