// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* What udev tells of devices that come and go, as its monitor's messages on netlink
 * (systemd's libudev-monitor.c, the same since udev 151). Pure; takes any bytes. */

#define USB_UEVENT_MAX 8192 /* udev's own limit */

struct usb_uevent {
	char path[32]; /* "2-1.2.3", or "usb2" for a root hub */
	unsigned number;
	bool added, removed;
};

/** Reads a message of `len` bytes; false: it is not about a USB device, or not to be
 * read. */
bool usb_uevent_read(const void *message, size_t len, struct usb_uevent *ret);
