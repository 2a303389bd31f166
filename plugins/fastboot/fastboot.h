// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device.h"

/* Inside the plugin: an instance, and what its files share. */

#define FB_PATH_MAX 32
#define FB_WORD_MAX 40

struct fb_board {
	char id[BMC_ID_MAX], path[FB_PATH_MAX];
	char product[FB_WORD_MAX]; /* what `getvar product` has to say; "": anything */
	char partition[FB_WORD_MAX]; /* takes images without partitions; "": none     */
};

struct fastboot {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	struct libusb_context *usb; /* for all threads: libusb guards it */
	struct fb_board *boards;
	size_t n_boards;
};

/** The board, or NULL: it has no port path. Borrowed. */
const struct fb_board *fastboot_board(const struct fastboot *f, const char *id);

/** A board in fastboot mode, open for one call: its link takes commands. */
struct fb_session {
	struct fastboot *f;
	struct bmc_call *call;
	const struct fb_board *board;
	struct fb_device *device;
	struct fb_link *link;
};
int fb_session_begin(struct fastboot *f, struct bmc_call *call, struct fb_session *s,
		     struct bmc_error *err);
void fb_session_end(struct fb_session *s);

/** Brings the board into fastboot mode through the verb `usb_mode`, and waits for it.
 */
int fb_enter(struct fastboot *f, struct bmc_call *call, const struct fb_board *b,
	     struct bmc_error *err);
/** Has it start its system; that it has left before it answered is success. */
int fb_leave(struct fb_session *s, struct bmc_error *err);

/* ---- target.c ---- */

/** Where a part is written. */
struct fb_target {
	char name[FB_WORD_MAX];
	uint64_t size; /* bytes of the partition, 0: the device does not say */
};

/** Whether the image is for this board, as far as image and platform file say. */
int fb_image_check(const struct fb_board *b, const struct bmc_flash *flash,
		   struct bmc_error *err);
/** Whether the device is what image and platform file say. */
int fb_product_check(struct fb_session *s, const struct bmc_flash *flash,
		     struct bmc_error *err);
/** Finds the partition of a part, checks that it is there and large enough. */
int fb_target_find(struct fb_session *s, const struct bmc_flash_part *part,
		   struct fb_target *ret, struct bmc_error *err);
/** The slot that the image writes and no other: 'a'..'z'; '\0': none, or several. */
char fb_image_slot(const struct bmc_flash *flash);

extern const struct bmc_flasher fastboot_flasher;
