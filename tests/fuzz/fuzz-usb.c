// SPDX-License-Identifier: Apache-2.0
// Fuzz target: a USB device's descriptors, as sysfs has them, and udev's events.
// Whatever they say, the mode is one of the model's, and what is to be spoken to has
// both its endpoints.
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "plugins/usb/identify.h"
#include "plugins/usb/uevent.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The same bytes as a text: a port path and a serial number. */
static void texts(const uint8_t *data, size_t size)
{
	char text[128], serial[32], up[32];
	unsigned port = 0;

	size = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
	memcpy(text, data, size);
	text[size] = '\0';
	require(usb_serial_clean(text, serial) == (*serial != '\0'));
	require(strlen(serial) < sizeof(serial));
	if (!usb_path_valid(text) || strlen(text) > 31)
		return;
	require(usb_path_up(text, up, sizeof(up), &port));
	require(port >= 1 && port <= 255);
	require(usb_path_below(text, up, port) && usb_path_below(text, up, 0));
}

static void event(const void *message, size_t size)
{
	struct usb_uevent e;

	if (!usb_uevent_read(message, size, &e))
		return;
	require(strlen(e.path) < sizeof(e.path) && e.number < 1000);
	require(!e.added || !e.removed);
}

/* The same bytes as a message of udev's, and as the texts of one. */
static void events(const uint8_t *data, size_t size)
{
	unsigned char message[USB_UEVENT_MAX] = "libudev";
	uint32_t head[] = { htonl(0xfeedcafe), 24, 24, 0 };

	event(data, size);
	size = size < sizeof(message) - 24 ? size : sizeof(message) - 24;
	head[3] = (uint32_t)size;
	memcpy(message + 8, head, sizeof(head));
	memcpy(message + 24, data, size);
	event(message, 24 + size);
}

unsigned fuzz_variants = 1000; /* more than 10,000 of all seeds */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct usb_identity is;

	usb_identify(data, size, &is);
	require(is.mode > BMC_USB_NONE && is.mode <= BMC_USB_DFU);
	require(!is.rockusb || (is.ep_in & 0x80 && is.ep_out && !(is.ep_out & 0x80)));
	require(!is.rockusb || is.mode == BMC_USB_LOADER || is.mode == BMC_USB_MASKROM);
	require(usb_soc_fits(is.product, ""));
	texts(data, size);
	events(data, size);
	return 0;
}
