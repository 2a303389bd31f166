// SPDX-License-Identifier: Apache-2.0
/* From descriptors to a mode, and port paths. Ids and classes are those of Rockchip's
 * boards in each mode (rkdeveloptool, U-Boot's rockusb, Android's adb.h). */
#include "identify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROCKCHIP       0x2207
#define DEVICE_LEN     18
#define CONFIG_LEN     9
#define INTERFACE_LEN  9
#define ENDPOINT_LEN   7
#define TYPE_DEVICE    1
#define TYPE_CONFIG    2
#define TYPE_INTERFACE 4
#define TYPE_ENDPOINT  5
#define CLASS_HUB      9
#define BULK           2
#define PATH_DEPTH     7 /* USB 2.0: up to five hubs in a row, and some to spare */

/* The first row that an interface fits decides; an earlier row wins over a later one,
 * whichever interface comes first. */
static const struct {
	uint8_t class, subclass, protocol;
	bool any_protocol;
	int64_t mode;
} faces[] = {
	{ 0xff, 0x42, 1, false, BMC_USB_ADB },
	{ 0xff, 0x42, 3, false, BMC_USB_FASTBOOT },
	{ 0xff, 6, 5, false, BMC_USB_LOADER },
	{ 8, 6, 0x50, false, BMC_USB_STORAGE },
	{ 0xfe, 1, 0, true, BMC_USB_DFU },
};
#define N_FACES (sizeof(faces) / sizeof(faces[0]))

static const struct {
	uint16_t product;
	const char *socs;
} socs[] = {
	{ 0x110b, "RV1126 RV1109" },  { 0x110c, "RV1106 RV1103" },
	{ 0x180a, "RK1808" },         { 0x310c, "RK3128" },
	{ 0x320a, "RK3288" },         { 0x320b, "RK3228 RK3229" },
	{ 0x320c, "RK3328" },         { 0x330a, "RK3368" },
	{ 0x330c, "RK3399" },         { 0x330d, "RK3326 PX30 RK1808" },
	{ 0x330e, "RK3308" },         { 0x350a, "RK3568 RK3566" },
	{ 0x350b, "RK3588 RK3588S" }, { 0x350d, "RK3562" },
	{ 0x350e, "RK3576" },         { 0x350f, "RK3506" },
};

/* ---- descriptors ---- */

static uint16_t u16(const unsigned char *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static size_t face_of(const unsigned char *interface)
{
	size_t i = 0;

	while (i < N_FACES &&
	       (faces[i].class != interface[5] || faces[i].subclass != interface[6] ||
		(!faces[i].any_protocol && faces[i].protocol != interface[7])))
		i++;
	return i;
}

static void note_endpoint(struct usb_identity *is, const unsigned char *at)
{
	if ((at[3] & 3) != BULK)
		return;
	if (at[2] & 0x80)
		is->ep_in = is->ep_in ? is->ep_in : at[2];
	else
		is->ep_out = is->ep_out ? is->ep_out : at[2];
}

/* Walks the first configuration. Each descriptor says its length: one that is too short
 * or reaches beyond the end ends the walk. */
static size_t walk(const unsigned char *at, size_t len, struct usb_identity *is)
{
	size_t best = N_FACES, here = N_FACES;
	unsigned interfaces = 0;
	bool rockusb = false;

	for (; len >= 2 && at[0] >= 2 && at[0] <= len; len -= at[0], at += at[0]) {
		if (at[1] == TYPE_INTERFACE && at[0] >= INTERFACE_LEN) {
			if (++interfaces > USB_INTERFACES_MAX)
				break;
			here = face_of(at);
			best = here < best ? here : best;
			is->hub |= at[5] == CLASS_HUB;
			rockusb = here < N_FACES && faces[here].mode == BMC_USB_LOADER;
			is->interface = rockusb ? at[2] : is->interface;
		} else if (at[1] == TYPE_ENDPOINT && at[0] >= ENDPOINT_LEN && rockusb) {
			note_endpoint(is, at);
		}
	}
	return best;
}

/* Rockchip's loader and mask ROM have the same ids; bit 0 of the release tells them
 * apart. rkdeveloptool's rule for what has odd interfaces: a product id whose high byte
 * is set. */
static int64_t rock_mode(const struct usb_identity *is)
{
	return is->usb & 1 ? BMC_USB_LOADER : BMC_USB_MASKROM;
}

void usb_identify(const unsigned char *desc, size_t len, struct usb_identity *ret)
{
	size_t face = N_FACES;

	*ret = (struct usb_identity){ .mode = BMC_USB_DEVICE };
	if (len < DEVICE_LEN || desc[0] != DEVICE_LEN || desc[1] != TYPE_DEVICE)
		return;
	ret->usb = u16(desc + 2);
	ret->hub = desc[4] == CLASS_HUB;
	ret->vendor = u16(desc + 8);
	ret->product = u16(desc + 10);
	desc += DEVICE_LEN;
	len -= DEVICE_LEN;
	if (len >= CONFIG_LEN && desc[0] >= CONFIG_LEN && desc[1] == TYPE_CONFIG) {
		size_t total = u16(desc + 2);

		face = walk(desc, total < len ? total : len, ret);
	}
	if (face < N_FACES)
		ret->mode = faces[face].mode;
	else if (ret->vendor == ROCKCHIP && ret->product >> 8)
		ret->mode = BMC_USB_LOADER;
	if (ret->mode != BMC_USB_LOADER)
		return;
	ret->mode = rock_mode(ret);
	ret->rockusb = ret->ep_in && ret->ep_out;
}

/* ---- SoCs ---- */

const char *usb_socs(uint16_t product)
{
	for (size_t i = 0; i < sizeof(socs) / sizeof(socs[0]); i++) {
		if (socs[i].product == product)
			return socs[i].socs;
	}
	return NULL;
}

bool usb_soc_fits(uint16_t product, const char *soc)
{
	const char *names = usb_socs(product);
	size_t len = strlen(soc);

	if (!names || !len)
		return true;
	for (const char *at = names; at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (strncasecmp(at, soc, len) == 0 && (at[len] == ' ' || !at[len]))
			return true;
	}
	return false;
}

/* ---- port paths ---- */

/* A number 1..255 without a leading zero; moves `text` past it. */
static bool number(const char **text)
{
	char *end;
	unsigned long n;

	if (**text < '1' || **text > '9')
		return false;
	n = strtoul(*text, &end, 10);
	*text = end;
	return n <= 255;
}

bool usb_path_valid(const char *text)
{
	unsigned depth = 0;

	if (!number(&text) || *text++ != '-')
		return false;
	while (number(&text) && ++depth <= PATH_DEPTH) {
		if (!*text)
			return true;
		if (*text++ != '.')
			return false;
	}
	return false;
}

bool usb_path_up(const char *path, char *ret, size_t size, unsigned *ret_port)
{
	const char *dot = strrchr(path, '.'), *dash = strchr(path, '-');

	if (!dash)
		return false;
	if (dot)
		(void)snprintf(ret, size, "%.*s", (int)(dot - path), path);
	else
		(void)snprintf(ret, size, "usb%.*s", (int)(dash - path), path);
	*ret_port = (unsigned)strtoul((dot ? dot : dash) + 1, NULL, 10);
	return true;
}

bool usb_path_below(const char *path, const char *hub, unsigned port)
{
	bool root = strncmp(hub, "usb", 3) == 0;
	char start[48];
	size_t len;

	hub += root ? 3 : 0;
	if (port)
		(void)snprintf(start, sizeof(start), "%.31s%c%u", hub, root ? '-' : '.',
			       port);
	else
		(void)snprintf(start, sizeof(start), "%.31s%c", hub, root ? '-' : '.');
	len = strlen(start);
	return strncmp(path, start, len) == 0 &&
	       (!port || !path[len] || path[len] == '.');
}

/* ---- text of a device ---- */

bool usb_serial_clean(const char *text, char ret[32])
{
	size_t n = strcspn(text, "\n");

	*ret = '\0';
	if (n == 0 || n > 31)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	memcpy(ret, text, n);
	ret[n] = '\0';
	return true;
}
