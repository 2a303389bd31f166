// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

/* A GUID partition table (UEFI 2.10, 5.3) of 128 entries, as it begins a storage:
 * protective MBR, header, table. Pure; what is read is hostile. */

#define RK_GPT_BYTES (34u * 512u)

/** BMC_OK, or BMC_ECORRUPT: these RK_GPT_BYTES are no table of a storage of `sectors`,
 * or fail their sums. */
int rk_gpt_check(const unsigned char *gpt, uint64_t sectors);
/** First sector and number of sectors of the partition of this name, of a checked
 * table; BMC_ENOTFOUND. */
int rk_gpt_find(const unsigned char *gpt, const char *name, uint64_t *ret_start,
		uint64_t *ret_sectors);
/** CRC-32 of ISO 3309, as zlib has it. */
uint32_t rk_crc32(const unsigned char *data, size_t len);
