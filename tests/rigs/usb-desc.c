// SPDX-License-Identifier: Apache-2.0
/* Descriptors of the emulated devices, by mode: what real boards show (Rockchip's USB
 * ids). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usb-own.h"

struct face {
	const char *mode;
	unsigned vendor, product; /* 0: of the SoC */
	unsigned usb;             /* bcdUSB */
	unsigned char class[2][3];
	unsigned n; /* interfaces, each with a bulk IN and a bulk OUT */
};

/* clang-format off */
static const struct face faces[] = {
	{ "maskrom",     0x2207, 0,      0x0200, { { 0xff, 6, 5 } }, 1 },
	{ "usbplug",     0x2207, 0,      0x0200, { { 0xff, 6, 5 } }, 1 },
	{ "loader",      0x2207, 0,      0x0201, { { 0xff, 6, 5 } }, 1 },
	{ "adb",         0x2207, 0x0006, 0x0200, { { 6, 1, 1 }, { 0xff, 0x42, 1 } }, 2 },
	{ "netrecovery", 0x2207, 0x0006, 0x0200, { { 0xff, 0x42, 1 } }, 1 },
	{ "fastboot",    0x18d1, 0xd00d, 0x0200, { { 0xff, 0x42, 3 } }, 1 },
	{ "storage",     0x2207, 0x0010, 0x0200, { { 8, 6, 0x50 } }, 1 },
	{ "dfu",         0x2207, 0x0107, 0x0200, { { 0xfe, 1, 2 } }, 1 },
	{ "other",       0x0525, 0xa4a7, 0x0200, { { 0x0a, 0, 0 } }, 1 },
	{ "hub",         0x1a40, 0x0201, 0x0200, { { 9, 0, 1 } }, 0 },
};
/* clang-format on */

void usb_word(const char *words, const char *key, char *ret, size_t size)
{
	size_t len = strlen(key);

	*ret = '\0';
	for (const char *at = words; at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (strncmp(at, key, len) == 0 && at[len] == '=') {
			(void)snprintf(ret, size, "%.*s",
				       (int)strcspn(at + len + 1, " "), at + len + 1);
			return;
		}
	}
}

static unsigned char *put(unsigned char *at, size_t n, const unsigned char *bytes)
{
	memcpy(at, bytes, n);
	return at + n;
}

static unsigned char *put_interface(unsigned char *at, unsigned i, const struct face *f)
{
	const unsigned char in = (unsigned char)(0x81 + i),
			    out = (unsigned char)(1 + i);
	const unsigned char interface[] = { 9,
					    4,
					    (unsigned char)i,
					    0,
					    2,
					    f->class[i][0],
					    f -> class[i][1],
					    f -> class[i][2],
					    0 };
	const unsigned char ep_in[] = { 7, 5, in, 2, 0, 2, 0 };
	const unsigned char ep_out[] = { 7, 5, out, 2, 0, 2, 0 };

	at = put(at, sizeof(interface), interface);
	at = put(at, sizeof(ep_in), ep_in);
	return put(at, sizeof(ep_out), ep_out);
}

/* A hub's only endpoint reports changes of its ports. */
static unsigned char *put_hub(unsigned char *at)
{
	const unsigned char bytes[] = { 9, 4, 0, 0,    1, 9, 0, 1,
					0, 7, 5, 0x81, 3, 1, 0, 12 };

	return put(at, sizeof(bytes), bytes);
}

static size_t make(unsigned char *desc, const struct face *f, unsigned product)
{
	const bool hub = strcmp(f->mode, "hub") == 0;
	const unsigned n = hub ? 1 : f->n;
	unsigned total = 9 + (hub ? 16 : n * 23);
	const unsigned char device[] = {
		18,
		1,
		(unsigned char)f->usb,
		(unsigned char)(f->usb >> 8),
		hub ? 9 : 0,
		0,
		hub ? 1 : 0,
		64,
		(unsigned char)f->vendor,
		(unsigned char)(f->vendor >> 8),
		(unsigned char)product,
		(unsigned char)(product >> 8),
		0,
		1,
		1,
		2,
		3,
		1,
	};
	const unsigned char config[] = { 9,
					 2,
					 (unsigned char)total,
					 (unsigned char)(total >> 8),
					 (unsigned char)n,
					 1,
					 0,
					 0x80,
					 250 };
	unsigned char *at = put(desc, sizeof(device), device);

	at = put(at, sizeof(config), config);
	if (hub)
		at = put_hub(at);
	for (unsigned i = 0; !hub && i < n; i++)
		at = put_interface(at, i, f);
	return (size_t)(at - desc);
}

int usb_desc_make(struct usb_dev *d, const char *words)
{
	char soc[8];

	usb_word(words, "soc", soc, sizeof(soc));
	for (size_t i = 0; i < sizeof(faces) / sizeof(faces[0]); i++) {
		const struct face *f = &faces[i];
		unsigned product = f->product;

		if (strcmp(f->mode, d->mode) != 0)
			continue;
		if (!product)
			product = *soc ? (unsigned)strtoul(soc, NULL, 16) : 0x330c;
		d->desc_len = make(d->desc, f, product);
		return 0;
	}
	return -EINVAL;
}
