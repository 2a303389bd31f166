// SPDX-License-Identifier: Apache-2.0
/* The server's list of devices, "host:devices-l": a line is
 *
 *     SERIAL  STATE [usb:PATH] [product:.. model:.. device:..] transport_id:N
 *
 * The serial is the board's own text, so a line is read from its end: what the server
 * has added itself stands there. A line feed in it makes two lines, of which the last
 * one ends with the number of its connection whatever else it is: so that is told of
 * lines that are none of a device, too. */
#include <stdlib.h>

#include "adb.h"

enum bmc_adb_state adb_state_of(const char *word)
{
	static const struct {
		const char *word;
		enum bmc_adb_state state;
	} words[] = {
		{ "device", BMC_ADB_DEVICE },     { "recovery", BMC_ADB_RECOVERY },
		{ "sideload", BMC_ADB_RECOVERY }, { "rescue", BMC_ADB_RECOVERY },
		{ "bootloader", BMC_ADB_NONE },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i].word) == 0)
			return words[i].state;
	}
	/* offline, unauthorized, authorizing, connecting, no permissions ... */
	return BMC_ADB_OFFLINE;
}

/* A line that is read from its end. */
struct rest {
	char *text;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Cuts the last word off; NULL: there is none. */
static char *last_word(struct rest *r)
{
	size_t n = r->len;

	while (n && is_blank(r->text[n - 1]))
		n--;
	r->len = 0;
	if (!n)
		return NULL; /* and what was cut off before stays whole */
	r->text[n] = '\0';
	while (n && !is_blank(r->text[n - 1]))
		n--;
	r->len = n;
	return &r->text[n];
}

static bool starts(const char *word, const char *with)
{
	return word && strncmp(word, with, strlen(with)) == 0;
}

static bool is_extra(const char *word)
{
	return starts(word, "product:") || starts(word, "model:") ||
	       starts(word, "device:");
}

/* "usb:2-1.2.3": a bus and ports. */
static bool is_usb(const char *word)
{
	if (!starts(word, "usb:"))
		return false;
	word += 4;
	size_t n = strspn(word, "0123456789-.");
	return n && n < 32 && !word[n];
}

static void parse_line(char *line, struct adb_device *d)
{
	struct rest r = { line, strlen(line) };
	char *word = last_word(&r), *serial;

	*d = (struct adb_device){ .state = BMC_ADB_NONE };
	if (starts(word, "transport_id:")) {
		int64_t n = adb_number(word + 13);

		d->transport = n > 0 ? (uint64_t)n : 0;
		word = last_word(&r);
	}
	while (is_extra(word))
		word = last_word(&r);
	if (is_usb(word)) {
		(void)snprintf(d->where, sizeof(d->where), "%s", word);
		word = last_word(&r);
	}
	if (!word) {
		d->where[0] = '\0';
		return;
	}
	d->state = adb_state_of(word);
	/* "no permissions (why); see [where]": an unknown word, offline as well */
	if (d->where[0])
		return;
	serial = last_word(&r);
	if (serial && !last_word(&r) && strlen(serial) < sizeof(d->where))
		(void)snprintf(d->where, sizeof(d->where), "%s", serial);
}

void adb_list_parse(const char *list, size_t len,
		    void (*each)(void *arg, const struct adb_device *d), void *arg)
{
	char line[1024];
	struct adb_device d;

	while (len) {
		const char *end = memchr(list, '\n', len);
		size_t n = end ? (size_t)(end - list) : len;

		/* of a line that is too long the end counts */
		size_t skip = n < sizeof(line) ? 0 : n - sizeof(line) + 1;
		memcpy(line, list + skip, n - skip);
		line[n - skip] = '\0';
		bool whole = strlen(line) == n - skip;
		parse_line(line, &d);
		if (whole && (d.where[0] || d.transport))
			each(arg, &d);
		n += end != NULL;
		list += n;
		len -= n;
	}
}
