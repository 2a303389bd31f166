// SPDX-License-Identifier: Apache-2.0
/* Opening a device, and what libusb's errors mean. */
#include <unistd.h>

#include "bmc/usb.h"
#include "usb.h"

int usb_error(int code)
{
	switch (code) {
	case LIBUSB_ERROR_ACCESS:
		return BMC_EPERM;
	case LIBUSB_ERROR_NO_DEVICE:
	case LIBUSB_ERROR_NOT_FOUND:
		return BMC_EABSENT;
	case LIBUSB_ERROR_TIMEOUT:
		return BMC_ETIMEDOUT;
	case LIBUSB_ERROR_NO_MEM:
		return BMC_ENOMEM;
	case LIBUSB_ERROR_BUSY:
		return BMC_EBUSY;
	default:
		return BMC_EIO;
	}
}

/* ---- opening ---- */

static int open_number(const char *path, unsigned number, struct usb_handle *ret)
{
	int code = bmc_usb_open_node(path, number, &ret->fd);

	if (code == 0)
		code = libusb_init(&ret->ctx);
	if (code == 0)
		code = libusb_wrap_sys_device(ret->ctx, ret->fd, &ret->dev);
	return code;
}

static int refused(const char *id, const char *path, unsigned number, int code,
		   struct bmc_error *err)
{
	if (code == LIBUSB_ERROR_ACCESS)
		return bmc_fail(err, BMC_EPERM,
				"%s: /dev/bus/usb/%03u/%03u may not be opened: install "
				"70-clusterbmc-usb.rules for udev, then plug it again",
				id, bmc_usb_bus(path), number);
	return bmc_fail(err, usb_error(code),
			"%s: the USB device at %s can't be opened: %s", id, path,
			libusb_strerror(code));
}

int usb_open(const char *id, const char *path, unsigned number, struct usb_handle *ret,
	     struct bmc_error *err)
{
	int code;

	*ret = (struct usb_handle){ .fd = -1 };
	code = open_number(path, number, ret);
	if (code == 0)
		return BMC_OK;
	usb_close(ret);
	return refused(id, path, number, code, err);
}

void usb_close(struct usb_handle *h)
{
	if (h->dev)
		libusb_close(h->dev);
	if (h->ctx)
		libusb_exit(h->ctx);
	if (h->fd >= 0)
		(void)close(h->fd);
}
