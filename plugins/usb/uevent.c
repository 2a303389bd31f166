// SPDX-License-Identifier: Apache-2.0
/* Messages of udev's monitor: a header, then "KEY=value" texts, each ended by a NUL. */
#include "uevent.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identify.h"

#define MAGIC 0xfeedcafe

struct head {
	char prefix[8];
	uint32_t magic; /* in network order; the others in the host's */
	uint32_t size, properties, properties_len;
};

struct texts {
	const char *at;
	size_t len;
};

static bool find_texts(const char *message, size_t len, struct texts *ret)
{
	struct head h;

	if (len < sizeof(h))
		return false;
	memcpy(&h, message, sizeof(h));
	if (memcmp(h.prefix, "libudev", 8) != 0 || ntohl(h.magic) != MAGIC ||
	    h.properties < sizeof(h) || h.properties > len ||
	    h.properties_len > len - h.properties)
		return false;
	*ret = (struct texts){ message + h.properties, h.properties_len };
	return true;
}

/* "" when there is none. */
static const char *value(const struct texts *texts, const char *key)
{
	const char *at = texts->at;
	size_t left = texts->len, key_len = strlen(key);

	while (left) {
		size_t n = strnlen(at, left);

		if (n == left)
			break; /* its end is missing */
		if (n > key_len && memcmp(at, key, key_len) == 0 && at[key_len] == '=')
			return at + key_len + 1;
		at += n + 1;
		left -= n + 1;
	}
	return "";
}

bool usb_uevent_read(const void *message, size_t len, struct usb_uevent *ret)
{
	struct texts texts;
	const char *action, *name;

	if (!find_texts(message, len, &texts) ||
	    strcmp(value(&texts, "SUBSYSTEM"), "usb") != 0 ||
	    strcmp(value(&texts, "DEVTYPE"), "usb_device") != 0)
		return false;
	name = strrchr(value(&texts, "DEVPATH"), '/');
	if (!name || strlen(++name) >= sizeof(ret->path) ||
	    (!usb_path_valid(name) && strncmp(name, "usb", 3) != 0))
		return false;
	action = value(&texts, "ACTION");
	(void)snprintf(ret->path, sizeof(ret->path), "%s", name);
	ret->number = (unsigned)strtoul(value(&texts, "DEVNUM"), NULL, 10) % 1000;
	ret->added = strcmp(action, "add") == 0;
	ret->removed = strcmp(action, "remove") == 0;
	return true;
}
