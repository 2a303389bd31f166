// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/image.h"

/* What an image writes, in the words of the plugin ABI, and all of that as one line of
 * bytes: extent after extent, without the holes between them. */

struct upd_layout {
	size_t n_parts, n_extents, n_pieces;
	struct bmc_flash_part *parts; /* owned */
	struct bmc_extent *extents; /* owned: those of all parts; neighbours are one */
	uint64_t *before;           /* owned: bytes of the extents before each one   */
	size_t *part_of;            /* owned: of each part its place in the image    */
	struct bmc_flash_piece *pieces; /* owned */
	uint64_t *piece_at;             /* owned: where each begins in `loader` */
	unsigned char *loader;          /* owned: the loader's file; NULL: none */
	uint64_t bytes;                 /* of all extents */
};

/** Where bytes of a part are. */
struct upd_span {
	bool hole;
	uint64_t at; /* on the line; of a hole nothing                 */
	uint64_t
		len; /* bytes from there to the end of the extent or hole; 0: the end */
};

/** `image` is borrowed and stays as it is; its loader is read. The parts of a
 * compressed image are in the order of its file, so that it is unpacked once. */
int upd_layout_init(struct upd_layout *l, struct image *image, struct bmc_error *err);
/** Accepts what init has left half done. */
void upd_layout_done(struct upd_layout *l);

/** BMC_EINVAL: there is no such part. */
int upd_layout_find(const struct upd_layout *l, size_t part, uint64_t offset,
		    struct upd_span *ret);

/** Reads exactly `len` bytes of the line, which the caller has checked. One thread at
 * a time for an image. */
int upd_layout_read(const struct upd_layout *l, struct image *image, uint64_t at,
		    void *buf, size_t len);
