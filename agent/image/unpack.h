// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/source.h"

/* Compressed images: gzip (RFC 1952), xz, Zstandard (RFC 8878); several members one
 * after the other are one image. A decoder takes at most IMAGE_UNPACK_MEMORY. */

#define IMAGE_UNPACK_MEMORY (48u << 20) /* bytes */

/** Whether the users still want the result; `done` of `total` bytes are read. False
 * ends the work with BMC_ECANCELED. */
typedef bool image_watch_fn(void *arg, uint64_t done, uint64_t total);

struct image_codec;

/** The codec that the first bytes of a source name, NULL: none. */
const struct image_codec *image_codec_of(struct image_source *s);
/** "gzip", "xz" or "zstd". */
const char *image_codec_name(const struct image_codec *c);

/** Unpacks all of `of` (borrowed) once to check it and to learn its size, at most
 * `limit` bytes (else BMC_ENOSPC), and gives a source of what is in it. Reading on is
 * cheap, reading backwards unpacks again from the start. `watch` may be NULL. */
int image_unpack(struct image_source *of, const struct image_codec *codec,
		 uint64_t limit, image_watch_fn *watch, void *arg,
		 struct image_source **ret, struct bmc_error *err);
