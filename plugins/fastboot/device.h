// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "link.h"

/* A board in fastboot mode on a USB port, through libusb. */

struct libusb_context;
struct fb_device;

/** Whether what is at a port path ("2-1.2.3") has a fastboot interface. Any thread. */
bool fb_is_there(const char *path);

/** Opens it; `ctx` is borrowed. BMC_ESTATE: it is in no fastboot; BMC_EPERM: the udev
 * rule is missing; BMC_EBUSY: another program has it. Any thread. */
int fb_open(struct libusb_context *ctx, const char *board, const char *path,
	    struct fb_device **ret, struct bmc_error *err);
/** Its link; the caller sets `now` and `beat`. Borrowed: ends with the device. */
struct fb_link *fb_device_link(struct fb_device *d);
/** Accepts NULL. */
void fb_close(struct fb_device *d);
