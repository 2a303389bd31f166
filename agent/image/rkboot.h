// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/source.h"

/* Rockchip's loader file (RKBOOT: MiniLoaderAll.bin, and the `bootloader` of an
 * update.img): what the mask ROM takes as 0x471 and 0x472, and the loader that is
 * written to the storage. */

#define IMAGE_LOADER_ENTRIES 8u
#define IMAGE_LOADER_MAX     (8u << 20) /* bytes */
#define IMAGE_CHIP_MAX       5          /* bytes of a chip's tag: "330C"     */

struct image_loader_entry {
	char name[21];   /* ASCII; other characters are '?' */
	uint64_t offset; /* in the source */
	uint32_t size;   /* bytes        */
	uint32_t delay;  /* ms to wait after it was sent, at most 60000 */
};

enum image_loader_table {
	IMAGE_LOADER_471,   /* starts the memory */
	IMAGE_LOADER_472,   /* usbplug           */
	IMAGE_LOADER_FLASH, /* FlashData, FlashBoot: the loader on the storage */
	IMAGE_LOADER_TABLES
};

struct image_loader {
	char chip[IMAGE_CHIP_MAX]; /* "330C": RK3399's */
	uint32_t version;
	bool rc4; /* the entries are RC4 coded */
	size_t n[IMAGE_LOADER_TABLES];
	struct image_loader_entry of[IMAGE_LOADER_TABLES][IMAGE_LOADER_ENTRIES];
};

/** True when the source begins as a loader file. */
bool image_is_loader(struct image_source *s);

/** Checks all of it, with its sum; the source is the file and nothing else. */
int image_loader_read(struct image_source *s, struct image_loader *ret,
		      struct bmc_error *err);

/** The tag of a chip as it stands in files and devices, four bytes backwards, as text;
 * empty when these are no letters or digits. */
void image_chip_tag(const unsigned char bytes[4], char ret[IMAGE_CHIP_MAX]);
