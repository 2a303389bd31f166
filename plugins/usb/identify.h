// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* What a device is, from its descriptors. Pure; takes any bytes. */

#define USB_INTERFACES_MAX 32 /* looked at; a board has up to four */

struct usb_identity {
	int64_t mode; /* enum bmc_usb_mode; MASKROM also for usbplug: only asking tells
		       */
	bool hub;
	bool rockusb; /* speaks it, or will after the upload: interface and endpoints
			 hold */
	uint16_t vendor, product, usb; /* USB release, binary-coded decimal */
	uint8_t interface, ep_in, ep_out;
};

/** Reads the `len` bytes of a device's descriptors as sysfs has them: the device's,
 * then its configurations'; only the first of these counts. Never fails: what can't be
 * read is BMC_USB_DEVICE. */
void usb_identify(const unsigned char *desc, size_t len, struct usb_identity *ret);

/** The names of the SoCs that show this product id of Rockchip's in loader and mask ROM
 * mode, as "RK3568 RK3566"; NULL: not known. */
const char *usb_socs(uint16_t product);
/** Whether `soc` (as in the platform file) is one of them. True when either is not
 * known. */
bool usb_soc_fits(uint16_t product, const char *soc);

/** Whether `text` is a port path, as "2-1.2.3". */
bool usb_path_valid(const char *text);
/** The hub above a path and the port there: "2-1.2.3" gives "2-1.2" and 3, "2-1" gives
 * "usb2" and 1; false: there is none above. */
bool usb_path_up(const char *path, char *ret, size_t size, unsigned *ret_port);
/** Whether `path` is `hub`'s port `port`, or below it; port 0: any of its ports. */
bool usb_path_below(const char *path, const char *hub, unsigned port);

/** Keeps a serial number that can be shown: 1..31 characters, no blank, no control,
 * ASCII. False, and "" in `ret`, for any other. */
bool usb_serial_clean(const char *text, char ret[32]);
