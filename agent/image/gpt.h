// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/parameter.h"

/* A GUID partition table (UEFI 2.10, section 5.3) of 128 entries. */

#define IMAGE_GPT_HEAD 34u /* sectors at 0: protective MBR, header, entries       */
#define IMAGE_GPT_TAIL 33u /* sectors that end the storage: entries, their header */

struct image_gpt {
	unsigned char head[IMAGE_GPT_HEAD * IMAGE_SECTOR];
	unsigned char tail[IMAGE_GPT_TAIL * IMAGE_SECTOR];
};

/** Makes the table for a storage of `sectors`. `seed` (16 random bytes) is the disk's
 * GUID, and makes those of partitions that have none. BMC_ENOSPC: a partition does not
 * fit. */
int image_gpt_build(const struct image_parameter *p, uint64_t sectors,
		    const unsigned char seed[16], struct image_gpt *ret,
		    struct bmc_error *err);
