// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bmc/error.h"

/* Rockchip's parameter.txt: lines "KEY: value", of which CMDLINE's mtdparts is the
 * partition table and "TYPE: GPT" says in which form it stands on the storage. Sectors
 * are of 512 bytes. */

#define IMAGE_SECTOR         512u
#define IMAGE_PARTITIONS_MAX 64u
#define IMAGE_PARAMETER_MAX  65536u /* bytes of text */
#define IMAGE_PARTITION_NAME 36     /* characters of a GPT's name */

struct image_partition {
	char name[IMAGE_PARTITION_NAME + 1];
	uint64_t start, sectors; /* sectors 0: to the end of the storage */
	bool has_uuid;
	unsigned char uuid[16]; /* as it stands in a GPT */
};

struct image_parameter {
	bool gpt;
	size_t n;
	struct image_partition of[IMAGE_PARTITIONS_MAX]; /* ascending */
};

/** Reads `len` bytes of text. Two partitions of one name, that overlap, or that begin
 * within the GPT (sectors 0 to 33) are refused; only the last may reach to the end. */
int image_parameter_read(const char *text, size_t len, struct image_parameter *ret,
			 struct bmc_error *err);

/** The partition of this name, NULL: none. Borrowed from `p`. */
const struct image_partition *image_parameter_find(const struct image_parameter *p,
						   const char *name);
