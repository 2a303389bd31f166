// SPDX-License-Identifier: Apache-2.0
/* Finds a board by its port path in the kernel's sysfs and moves its bytes with libusb,
 * which sees no device but those that are opened here. */
#include "device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bmc/usb.h"

struct fb_device {
	struct bmc_usb usb;
	struct fb_link link;
	char board[BMC_ID_MAX];
};

static const struct bmc_usb_class fastboot = { 0xff, 0x42, 0x03 };

/* ---- transfers ---- */

static int out(void *io, const void *data, size_t len, unsigned ms)
{
	struct fb_device *d = io;

	return bmc_usb_bulk(&d->usb, d->usb.out, (void *)(uintptr_t)data, len, ms);
}

static int in(void *io, void *buf, size_t len, unsigned ms)
{
	struct fb_device *d = io;

	return bmc_usb_bulk(&d->usb, d->usb.in, buf, len, ms);
}

static int clear_halt(void *io)
{
	struct fb_device *d = io;
	int a = libusb_clear_halt(d->usb.handle, d->usb.in),
	    b = libusb_clear_halt(d->usb.handle, d->usb.out);

	return a < 0 || b < 0 ? -EIO : 0;
}

static const struct fb_io io = { out, in, clear_halt };

/* ---- finding and opening ---- */

static bool look(struct fb_device *d, const char *path)
{
	uint8_t desc[BMC_USB_DESC_MAX];
	size_t n = bmc_usb_attribute(path, "descriptors", desc, sizeof(desc));

	return bmc_usb_find(&d->usb, &fastboot, desc, n);
}

bool fb_is_there(const char *path)
{
	struct fb_device d = { 0 };

	return bmc_usb_number(path) && look(&d, path);
}

static void let_go(struct fb_device *d)
{
	free(d->link.buffer);
	bmc_usb_close(&d->usb);
	free(d);
}

int fb_open(struct libusb_context *ctx, const char *board, const char *path,
	    struct fb_device **ret, struct bmc_error *err)
{
	unsigned number = bmc_usb_number(path);
	struct fb_device *d = calloc(1, sizeof(*d));
	int code;

	if (!d)
		return bmc_fail(err, BMC_ENOMEM, "%s: no memory", board);
	d->usb.fd = -1;
	(void)snprintf(d->board, sizeof(d->board), "%s", board);
	if (!number || !look(d, path)) {
		let_go(d);
		return bmc_fail(err, BMC_ESTATE, "%s: it is not in fastboot mode",
				board);
	}
	code = bmc_usb_open(&d->usb, ctx, path, number);
	if (code < 0) {
		let_go(d);
		return bmc_usb_refused(board, code, err);
	}
	*ret = d;
	return BMC_OK;
}

struct fb_link *fb_device_link(struct fb_device *d)
{
	d->link.io = &io;
	d->link.arg = d;
	d->link.board = d->board;
	return &d->link;
}

void fb_close(struct fb_device *d)
{
	if (d)
		let_go(d);
}
