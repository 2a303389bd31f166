// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/rkboot.h"

/* Rockchip's update.img: RKFW (header, loader, RKAF, MD5) or an RKAF by itself (a list
 * of files, for partitions mostly). */

#define IMAGE_FILES_MAX 64u

struct image_file {
	char name[33];   /* the partition's, or "parameter" ...: [A-Za-z0-9_.-]+    */
	uint64_t offset; /* in the source                                           */
	uint64_t size;   /* bytes                                                   */
	uint64_t start;  /* sector where it is written, IMAGE_NO_SECTOR: not by that */
	uint64_t room;   /* sectors of its partition, 0: not said                    */
};
#define IMAGE_NO_SECTOR UINT64_MAX

struct image_update {
	char chip[IMAGE_CHIP_MAX];           /* of the RKFW header; "": an RKAF alone */
	uint64_t loader_offset, loader_size; /* size 0: none */
	uint64_t parameter_offset, parameter_size; /* the text; size 0: none */
	size_t n;
	struct image_file of[IMAGE_FILES_MAX]; /* what is written to partitions */
};

bool image_is_rkfw(struct image_source *s);
bool image_is_rkaf(struct image_source *s);

/** Checks all of it: sizes, MD5, both CRC32s, names, overlaps. The source is the file
 * and nothing else. */
int image_update_read(struct image_source *s, struct image_update *ret,
		      struct bmc_error *err);
