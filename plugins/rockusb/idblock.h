// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "bmc/plugin.h"

/* The loader on the storage, from sector 64 on: what the mask ROM looks for. Its bytes
 * are made of the image's loader pieces: FlashData and FlashBoot behind an ID block,
 * or, of newer SoCs, behind FlashHead, which is one. */

#define RK_IDBLOCK_LBA 64u

/** `*ret` (owned: free) has `*ret_sectors` sectors; NULL: the image has no loader.
 * BMC_ENOTSUP: the board's loader (its capabilities `can`) can't write this one. */
int rk_idblock_make(const struct bmc_flash *flash, uint64_t can, unsigned char **ret,
		    size_t *ret_sectors, struct bmc_error *err);
/** All of a piece: `*ret` is owned. */
int rk_piece_read(const struct bmc_flash *flash, size_t piece, unsigned char **ret,
		  struct bmc_error *err);
/** RC4 with Rockchip's key, from its begin. */
void rk_rc4(unsigned char *data, size_t len);
