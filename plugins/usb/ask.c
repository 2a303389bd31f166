// SPDX-License-Identifier: Apache-2.0
/* What descriptors don't say, asked once of each device that comes, on a worker: its
 * texts, which the kernel reads under a lock that a reset of the device may hold for
 * seconds, and whether a mask ROM is usbplug by now, which has the same descriptors but
 * answers. */
#include <stdio.h>
#include <string.h>

#include "bmc/usb.h"
#include "usb.h"

#define CBW_LEN 31
#define CSW_LEN 13
#define TAG     0x424d4355u

struct asked {
	struct usb_identity is;
	unsigned number, seen;
	int64_t mode;
	char serial[32];
};

static struct asked known(struct usb *u, const struct usb_board *b)
{
	struct asked a;

	(void)pthread_mutex_lock(&u->lock);
	a = (struct asked){ b->is, b->number, b->asked, b->mode, "" };
	(void)pthread_mutex_unlock(&u->lock);
	return a;
}

/* ---- rockusb's TEST_UNIT_READY ---- */

/* True: it answered as it should. */
static bool is_ready(libusb_device_handle *h, const struct usb_identity *is,
		     unsigned ms)
{
	unsigned char cbw[CBW_LEN] = "USBC", csw[CSW_LEN] = "";
	const uint32_t tag = TAG;
	int n = 0;

	memcpy(cbw + 4, &tag, sizeof(tag));
	cbw[12] = 0x80;
	cbw[14] = 6; /* opcode 0, sub-code 0 */
	if (libusb_bulk_transfer(h, is->ep_out, cbw, sizeof(cbw), &n, ms) < 0 ||
	    n != CBW_LEN)
		return false;
	if (libusb_bulk_transfer(h, is->ep_in, csw, sizeof(csw), &n, ms) < 0)
		return false;
	return n == CSW_LEN && memcmp(csw, "USBS", 4) == 0 &&
	       memcmp(csw + 4, &tag, 4) == 0;
}

static int ask_rom(const struct usb *u, struct bmc_call *call,
		   const struct usb_board *b, struct asked *a, struct bmc_error *err)
{
	struct usb_handle h;
	int64_t left;
	int code = usb_open(b->id, b->path, a->number, &h, err);

	if (code < 0)
		return code;
	left = u->ops->deadline(call) - u->ops->now();
	if (left < 8) {
		usb_close(&h);
		return BMC_ETIMEDOUT;
	}
	code = libusb_claim_interface(h.dev, a->is.interface);
	if (code == 0) {
		if (is_ready(h.dev, &a->is,
			     (unsigned)(left / 4 < u->timeout ? left / 4 : u->timeout)))
			a->mode = BMC_USB_USBPLUG;
		(void)libusb_release_interface(h.dev, a->is.interface);
	}
	usb_close(&h);
	/* in use: another one speaks to it, so it is asked the next time */
	return code < 0 ? bmc_fail(err, usb_error(code), "%s: rockusb: %s", b->id,
				   libusb_strerror(code))
			: BMC_OK;
}

/* ---- texts ---- */

static void read_text(const char *path, const char *name, char *ret, size_t size)
{
	size_t n = bmc_usb_attribute(path, name, ret, size - 1);

	ret[n] = '\0';
}

/* Loaders all show the same number, so it is taken from systems only. */
static void ask_texts(const struct usb *u, const struct usb_board *b, struct asked *a)
{
	char text[128];

	if (a->mode != BMC_USB_ADB && a->mode != BMC_USB_FASTBOOT)
		return;
	read_text(b->path, "serial", text, sizeof(text));
	if (!usb_serial_clean(text, a->serial) && *text)
		u->ops->log(
			u->host, LOG_NOTICE,
			"%s: its serial number on USB can't be shown: it is left out",
			b->id);
	read_text(b->path, "product", text, sizeof(text));
	if (a->mode == BMC_USB_ADB && *u->netrecovery &&
	    strcasestr(text, u->netrecovery))
		a->mode = BMC_USB_NETRECOVERY;
}

static void report_twins(struct usb *u, const struct usb_board *b, const char *serial)
{
	const struct usb_board *twin = NULL;

	(void)pthread_mutex_lock(&u->lock);
	for (size_t i = 0; i < u->n_boards && *serial; i++) {
		if (&u->boards[i] != b && strcmp(u->boards[i].serial, serial) == 0)
			twin = &u->boards[i];
	}
	(void)pthread_mutex_unlock(&u->lock);
	if (twin)
		u->ops->log(u->host, LOG_WARNING,
			    "%s and %s have the same serial number, %s: only their "
			    "ports tell "
			    "them apart",
			    b->id, twin->id, serial);
}

/* ---- the probe ---- */

static void ask_hub(struct usb *u, const struct usb_board *b)
{
	char path[USB_PATH_MAX];
	struct usb_hub *h = NULL;
	struct bmc_error err;
	unsigned port;
	bool due;

	if (usb_path_up(b->path, path, sizeof(path), &port))
		h = usb_hub_find(u, path);
	if (!h)
		return;
	(void)pthread_mutex_lock(&u->lock);
	due = h->number && h->asked != h->number;
	h->asked = h->number;
	(void)pthread_mutex_unlock(&u->lock);
	if (due && usb_hub_ask(u, h, &err) < 0)
		u->ops->log(u->host, LOG_NOTICE, "%s", err.what);
}

int usb_probe(void *self, struct bmc_call *call, const char *board,
	      struct bmc_error *err)
{
	struct usb *u = self;
	struct usb_board *b = usb_board_find(u, board);
	struct asked a;
	int code = BMC_OK;

	if (!b)
		return BMC_ENOTSUP;
	ask_hub(u, b);
	a = known(u, b);
	if (!a.number || a.seen == a.number)
		return BMC_OK;
	ask_texts(u, b, &a);
	if (a.mode == BMC_USB_MASKROM && a.is.rockusb)
		code = ask_rom(u, call, b, &a, err);
	if (code == BMC_EBUSY || code == BMC_ETIMEDOUT)
		return code;
	usb_board_asked(u, b, a.number, a.mode, a.serial);
	report_twins(u, b, a.serial);
	/* it left meanwhile: that is no failure */
	return code == BMC_EABSENT ? BMC_OK : code;
}
