// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "image/source.h"

/** Rockchip's CRC32: polynomial 0x04c10db7 (not the usual 0x04c11db7), most significant
 * bit first, start 0, no final inversion. */
uint32_t image_rkcrc(uint32_t crc, const unsigned char *data, size_t len);

/** The sum of `len` bytes of a source. */
int image_rkcrc_of(struct image_source *s, uint64_t offset, uint64_t len, uint32_t *ret,
		   struct bmc_error *err);
