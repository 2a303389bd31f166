// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <libusb-1.0/libusb.h>

#include "bmc/error.h"

/* For plugins that talk to a board over USB: the board at a port path ("2-1.2.3") is
 * found in the kernel's sysfs and opened by its node, so that libusb sees no device but
 * those that are opened here. Needs libusb-1.0. Any thread. */

#define BMC_USB_DESC_MAX 4096 /* bytes of descriptors that are looked at */

/** What an interface's descriptor says it is. */
struct bmc_usb_class {
	uint8_t class, subclass, protocol;
};

struct bmc_usb {
	libusb_device_handle *handle; /* NULL: not opened */
	int fd;                       /* -1: not opened  */
	int interface;
	uint8_t in, out; /* its bulk endpoints */
};

/** Reads up to `size` bytes of a file; 0: it is not there, empty or can't be read. */
static inline size_t bmc_usb_read_file(const char *file, void *buf, size_t size)
{
	size_t used = 0;
	ssize_t n = 0;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return 0;
	while (used < size && (n = read(fd, (char *)buf + used, size - used)) > 0)
		used += (size_t)n;
	(void)close(fd);
	return n < 0 ? 0 : used;
}

/** Reads an attribute of the device at a port path, as bmc_usb_read_file(). */
static inline size_t bmc_usb_attribute(const char *path, const char *name, void *buf,
				       size_t size)
{
	char file[128];

	(void)snprintf(file, sizeof(file), "/sys/bus/usb/devices/%.31s/%.31s", path,
		       name);
	return bmc_usb_read_file(file, buf, size);
}

/** The number that the kernel gave the device, 1 to 127; 0: none is there. */
static inline unsigned bmc_usb_number(const char *path)
{
	char text[8];
	size_t n = bmc_usb_attribute(path, "devnum", text, sizeof(text) - 1);

	text[n] = '\0';
	return (unsigned)strtoul(text, NULL, 10) % 1000;
}

/** Whether the bytes begin with a whole device descriptor (USB 2.0, 9.6.1). */
static inline bool bmc_usb_is_device(const uint8_t *desc, size_t len)
{
	return len >= LIBUSB_DT_DEVICE_SIZE && desc[0] == LIBUSB_DT_DEVICE_SIZE &&
	       desc[1] == LIBUSB_DT_DEVICE;
}

static inline void bmc_usb_take_endpoint(struct bmc_usb *d, const uint8_t *at)
{
	uint8_t *end = at[2] & LIBUSB_ENDPOINT_IN ? &d->in : &d->out;

	if ((at[3] & LIBUSB_TRANSFER_TYPE_MASK) == LIBUSB_TRANSFER_TYPE_BULK && !*end)
		*end = at[2];
}

/** Finds the first configuration's first interface of this class that has both bulk
 * endpoints. `desc` are a device's descriptors as sysfs has them, hostile: each says
 * its length, and one that is too short or reaches beyond the end ends the walk. */
static inline bool bmc_usb_find(struct bmc_usb *d, const struct bmc_usb_class *want,
				const uint8_t *desc, size_t len)
{
	const uint8_t *at = desc;
	bool ours = false, begun = false;

	d->in = d->out = 0;
	if (!bmc_usb_is_device(desc, len))
		return false;
	for (at += at[0], len -= desc[0]; len >= 2 && at[0] >= 2 && at[0] <= len;
	     len -= at[0], at += at[0]) {
		if (at[1] == LIBUSB_DT_CONFIG && begun)
			break;
		begun = true;
		if (at[1] == LIBUSB_DT_INTERFACE && at[0] >= LIBUSB_DT_INTERFACE_SIZE) {
			if (d->in && d->out)
				break;
			ours = at[5] == want->class && at[6] == want->subclass &&
			       at[7] == want->protocol;
			d->in = d->out = 0;
			d->interface = at[2];
		} else if (at[1] == LIBUSB_DT_ENDPOINT &&
			   at[0] >= LIBUSB_DT_ENDPOINT_SIZE && ours) {
			bmc_usb_take_endpoint(d, at);
		}
	}
	return d->in && d->out;
}

static inline int bmc_usb_open_error(int e)
{
	switch (e) {
	case EACCES:
	case EPERM:
		return LIBUSB_ERROR_ACCESS;
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return LIBUSB_ERROR_NO_DEVICE;
	default:
		return LIBUSB_ERROR_IO;
	}
}

/** The bus of a port path, or of a root hub ("usb2"). */
static inline unsigned bmc_usb_bus(const char *path)
{
	return (unsigned)strtoul(path + (*path == 'u' ? 3 : 0), NULL, 10) % 1000;
}

/** Opens the node of the very device whose number bmc_usb_number() said before: it may
 * have been given to another one meanwhile. 0, or libusb's error; `*ret` is then -1, or
 * to be closed. */
static inline int bmc_usb_open_node(const char *path, unsigned number, int *ret)
{
	char node[40];

	(void)snprintf(node, sizeof(node), "/dev/bus/usb/%03u/%03u", bmc_usb_bus(path),
		       number);
	*ret = open(node, O_RDWR | O_CLOEXEC);
	if (*ret < 0)
		return bmc_usb_open_error(errno);
	return bmc_usb_number(path) == number ? 0 : LIBUSB_ERROR_NO_DEVICE;
}

/** Opens what bmc_usb_find() found and claims its interface. `ctx` is borrowed. 0, or
 * libusb's error; bmc_usb_close() in either case. */
static inline int bmc_usb_open(struct bmc_usb *d, struct libusb_context *ctx,
			       const char *path, unsigned number)
{
	int code = bmc_usb_open_node(path, number, &d->fd);

	if (code == 0)
		code = libusb_wrap_sys_device(ctx, d->fd, &d->handle);
	return code < 0 ? code : libusb_claim_interface(d->handle, d->interface);
}

/** Also of one that was not opened, or not claimed. */
static inline void bmc_usb_close(struct bmc_usb *d)
{
	if (d->handle) {
		(void)libusb_release_interface(d->handle, d->interface);
		libusb_close(d->handle);
	}
	if (d->fd >= 0)
		(void)close(d->fd);
	d->handle = NULL;
	d->fd = -1;
}

/** The negative errno of a transfer's libusb error. */
static inline int bmc_usb_errno(int error)
{
	switch (error) {
	case LIBUSB_ERROR_TIMEOUT:
		return -ETIMEDOUT;
	case LIBUSB_ERROR_PIPE:
		return -EPIPE;
	case LIBUSB_ERROR_NO_DEVICE:
	case LIBUSB_ERROR_NOT_FOUND:
		return -ENODEV;
	case LIBUSB_ERROR_NO_MEM:
		return -ENOMEM;
	case LIBUSB_ERROR_OVERFLOW:
		return -EOVERFLOW;
	default:
		return -EIO;
	}
}

/** Moves up to INT_MAX bytes over an endpoint; their number, or a negative errno. */
static inline int bmc_usb_bulk(struct bmc_usb *d, uint8_t endpoint, void *data,
			       size_t len, unsigned ms)
{
	int n = 0,
	    code = libusb_bulk_transfer(d->handle, endpoint, data, (int)len, &n, ms);

	return code < 0 ? bmc_usb_errno(code) : n;
}

/** Says why bmc_usb_open() failed, and what to do. */
static inline int bmc_usb_refused(const char *board, int error, struct bmc_error *err)
{
	switch (error) {
	case LIBUSB_ERROR_ACCESS:
		return bmc_fail(err, BMC_EPERM,
				"%s: its USB device may not be opened: install the "
				"udev rule",
				board);
	case LIBUSB_ERROR_BUSY:
		return bmc_fail(err, BMC_EBUSY,
				"%s: another program uses its USB device", board);
	case LIBUSB_ERROR_NO_DEVICE:
	case LIBUSB_ERROR_NOT_FOUND:
		return bmc_fail(err, BMC_EABSENT, "%s: it has just left USB", board);
	default:
		return bmc_fail(err, BMC_EIO, "%s: its USB device can't be opened: %s",
				board, libusb_error_name(error));
	}
}
