// SPDX-License-Identifier: Apache-2.0
/* Finding and opening a board by its port path, by the kernel's sysfs, and its
 * transfers, with libusb, which sees no device but those that are opened here. */
#include "device-own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rockusb.h"

#define ROCKCHIP       0x2207
#define USB_MEMORY_MB  16   /* usbcore's own default */
#define USB_MEMORY_MAX 1024 /* MiB */
#define REQUEST_TYPE   0x40
#define REQUEST        0x0c

static const struct bmc_usb_class rockusb = { 0xff, 0x06, 0x05 };

/* ---- transfers ---- */

static int out(void *io, const void *data, size_t len, unsigned ms)
{
	struct rk_device *d = io;

	return bmc_usb_bulk(&d->usb, d->usb.out, (void *)(uintptr_t)data, len, ms);
}

static int in(void *io, void *buf, size_t len, unsigned ms)
{
	struct rk_device *d = io;

	return bmc_usb_bulk(&d->usb, d->usb.in, buf, len, ms);
}

static int control(void *io, uint16_t index, const void *data, size_t len, unsigned ms)
{
	struct rk_device *d = io;
	int n = libusb_control_transfer(d->usb.handle, REQUEST_TYPE, REQUEST, 0, index,
					(unsigned char *)(uintptr_t)data, (uint16_t)len,
					ms);

	return n < 0 ? bmc_usb_errno(n) : n;
}

static int clear_halt(void *io, bool which)
{
	struct rk_device *d = io;

	return libusb_clear_halt(d->usb.handle, which ? d->usb.in : d->usb.out) < 0
		       ? -EIO
		       : 0;
}

static int reset(void *io)
{
	struct rk_device *d = io;

	return libusb_reset_device(d->usb.handle) < 0 ? -EIO : 0;
}

static const struct rk_io io = { out, in, control, clear_halt, reset, NULL };
static const struct rk_io io_alone = { out,        in,    control,
				       clear_halt, reset, rk_device_burst };

/* ---- sysfs ---- */

size_t rockusb_usb_memory(void)
{
	static const char path[] = "/sys/module/usbcore/parameters/usbfs_memory_mb";
	char text[16];
	size_t n = bmc_usb_read_file(path, text, sizeof(text) - 1), mb;

	text[n] = '\0';
	mb = n ? strtoul(text, NULL, 10) : USB_MEMORY_MB;
	return (mb && mb <= USB_MEMORY_MAX ? mb : USB_MEMORY_MAX) << 20;
}

/* ---- finding and opening ---- */

/* Its product id's high byte tells rockusb from adb and mass storage. */
static enum rk_mode mode_of(const uint8_t *desc, size_t len)
{
	if (!bmc_usb_is_device(desc, len) || (desc[8] | desc[9] << 8) != ROCKCHIP ||
	    !desc[11])
		return RK_NONE;
	return desc[2] & 1 ? RK_LOADER : RK_MASKROM;
}

static void let_go(struct rk_device *d)
{
	bmc_usb_close(&d->usb);
	if (d->alone)
		libusb_exit(d->alone);
	free(d);
}

int rk_open(struct libusb_context *ctx, const char *board, const char *path,
	    enum rk_mode *ret_mode, struct rk_device **ret, struct bmc_error *err)
{
	uint8_t desc[BMC_USB_DESC_MAX];
	unsigned number = bmc_usb_number(path);
	size_t n = bmc_usb_attribute(path, "descriptors", desc, sizeof(desc));
	struct rk_device *d;
	int code;

	*ret = NULL;
	*ret_mode = number ? mode_of(desc, n) : RK_NONE;
	if (*ret_mode == RK_NONE)
		return BMC_OK;
	d = calloc(1, sizeof(*d));
	if (!d)
		return bmc_fail(err, BMC_ENOMEM, "%s: no memory", board);
	d->usb.fd = -1;
	(void)snprintf(d->board, sizeof(d->board), "%s", board);
	if (!bmc_usb_find(&d->usb, &rockusb, desc, n)) {
		let_go(d);
		return bmc_fail(err, BMC_EIO,
				"%s: its USB device has no rockusb interface", board);
	}
	code = bmc_usb_open(&d->usb, ctx, path, number);
	if (code < 0) {
		let_go(d);
		return bmc_usb_refused(board, code, err);
	}
	*ret = d;
	return BMC_OK;
}

int rk_open_alone(const char *board, const char *path, enum rk_mode *ret_mode,
		  struct rk_device **ret, struct bmc_error *err)
{
	struct libusb_context *ctx;
	int code = libusb_init(&ctx);

	*ret = NULL;
	if (code < 0)
		return bmc_fail(err, BMC_EIO, "%s: libusb can't be used: %s", board,
				libusb_error_name(code));
	code = rk_open(ctx, board, path, ret_mode, ret, err);
	if (*ret) {
		(*ret)->alone = ctx;
		(*ret)->window = (*ret)->window_max = RK_WINDOW_MAX;
	} else {
		libusb_exit(ctx);
	}
	return code;
}

unsigned rk_number(const char *path)
{
	return bmc_usb_number(path);
}

struct rk_link *rk_device_link(struct rk_device *d, int64_t (*now)(void),
			       int64_t deadline)
{
	d->link.io = d->alone ? &io_alone : &io;
	d->link.arg = d;
	d->link.board = d->board;
	d->link.now = now;
	d->link.deadline = deadline;
	if (!d->link.tag)
		d->link.tag = (uint32_t)now(); /* an old CSW is not taken for ours */
	return &d->link;
}

void rk_close(struct rk_device *d)
{
	if (!d)
		return;
	rk_device_land(d);
	let_go(d);
}
