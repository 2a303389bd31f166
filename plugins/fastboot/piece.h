// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* A part of an image in pieces that the device's memory takes: as it is, or as Android
 * sparse images (libsparse's sparse_format.h), each of which leaves alone what the
 * others write. */

#define FB_CHUNKS     256u /* of data in a piece */
#define FB_SPARSE     28u  /* bytes of the header */
#define FB_CHUNK_HEAD 12u
#define FB_PIECE_MIN  65536u /* bytes that a device has to take */

/** Bytes [at, at + len) of the part; all but the last of a part are whole blocks. */
struct fb_chunk {
	uint64_t at, len;
};

struct fb_piece {
	bool raw;        /* one chunk, all of the part, no sparse image */
	uint32_t block;  /* bytes: 512 or 4096                          */
	uint64_t blocks; /* of the whole part                          */
	uint32_t size;   /* bytes that are sent                         */
	uint64_t bytes;  /* of the part that are in it                  */
	uint64_t next;   /* where the next piece begins                 */
	size_t n;
	struct fb_chunk of[FB_CHUNKS];
};

/** The piece that begins at `from` (0, or `next` of the one before), of at most `max`
 * bytes. False: there is nothing left. BMC_ENOTSUP by fb_pieces_check beforehand. */
bool fb_piece_make(const struct bmc_flash_part *part, uint64_t from, uint32_t max,
		   struct fb_piece *ret);

/** Whether the part can be written by sectors. */
bool fb_pieces_check(const struct bmc_flash_part *part);

/** Takes bytes of what is sent, in order. */
typedef int fb_put_fn(void *arg, const void *data, size_t len, struct bmc_error *err);
/** Sends `len` bytes of the part from `at` on. */
typedef int fb_data_fn(void *arg, uint64_t at, uint64_t len, struct bmc_error *err);

/** Sends all of a piece: put for what the format adds, data for the image's bytes. */
int fb_piece_send(const struct fb_piece *p, fb_put_fn *put, fb_data_fn *data, void *arg,
		  struct bmc_error *err);
