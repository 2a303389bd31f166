// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "below-umockdev.h"
#include "plugin-fixture-own.h"
#include "rigs/rockusb-model.h"
#include "rigs/usb-world.h"

/* The plugin rockusb with the real libusb in an emulated USB world: boards "sub01" at
 * 2-1.2.1 and "sub02" at 2-1.2.3, their eMMC in files, and images in memory. */

#define SECTORS    131072u /* 64 MiB */
#define IMAGE_MAX  (48u << 20)
#define PARTS_MAX  4
#define PIECE_SIZE 5000u

struct flash_image {
	struct bmc_flash flash;
	struct bmc_image file;
	struct bmc_flash_part parts[PARTS_MAX];
	struct bmc_extent extents[PARTS_MAX][PARTS_MAX];
	unsigned char *bytes[PARTS_MAX]; /* owned */
	struct bmc_flash_piece pieces[4];
	unsigned char piece[4][PIECE_SIZE];
	bool has_table;
	unsigned not_yet; /* reads that answer BMC_EAGAIN first */
};

struct rockusb_fixture {
	struct usb_world *world;
	struct fixture *f;
	char disk[64], counts[64];
	unsigned char *storage; /* the eMMC of sub01, SECTORS */
	uint64_t *count;        /* enum rockusb_count         */
};
extern struct rockusb_fixture t;

int rockusb_set_up(void **state);
int rockusb_tear_down(void **state);
/** Runs a line of usb-world.h, which must succeed. */
void usb(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** Plugs sub01 with its disk and its counters; `options` begin with a comma or are "".
 */
void plug(const char *mode, const char *options);
/** Whether what is on sub01's port comes to show this mode. */
bool becomes(const char *mode);
/** A partition table on sub01's eMMC: "a" [8192, 8191 + 16384], "b" behind it to 64
 * MiB's last sectors. */
void put_table(unsigned char *begin, unsigned char *end, uint64_t sectors);

/** An image without a part. */
void image_init(struct flash_image *i);
void image_done(struct flash_image *i);
/** A part of `size` bytes, which `seed` makes, in one extent. */
void image_add(struct flash_image *i, const char *name, uint64_t start, size_t size,
	       unsigned seed);
/** Code for a mask ROM, and a loader for the storage. */
void image_add_loader(struct flash_image *i);
/** Whether the eMMC has the part's bytes from this sector on. */
bool image_is_at(const struct flash_image *i, size_t part, uint64_t lba);

extern const struct bmc_plugin bmc_plugin_rockusb;
#define FLASHER bmc_plugin_rockusb.flasher
/** A function of the flasher for sub01. */
int flash(struct flash_image *i, bmc_flash_fn *fn);
/** accepts, detach, write, verify: the first error. */
int flash_all(struct flash_image *i);
