// SPDX-License-Identifier: Apache-2.0
// Text that others wrote, see text.h. It does not ask the locale: a list that is read
// in a terminal of UTF-8 is often made by a program that was started without one.
#include "scan/text.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/util.h"

#define MALFORMED 0xfffdu

/* The next code point, and how many bytes it has; MALFORMED of 1 byte. */
static uint32_t next(const char *s, size_t *ret_len)
{
	static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	unsigned char c = (unsigned char)s[0];
	size_t len = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t code = c;

	*ret_len = 1;
	if (len == 1)
		return c;
	if (!len || strnlen(s, len) < len || !bmc_text_ok(s, len))
		return MALFORMED;
	code = (uint32_t)c - leads[len];
	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)s[i] & 0x3f);
	*ret_len = len;
	return code;
}

static bool is_harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e ||
	       c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || c == MALFORMED;
}

void scan_text_copy(char *dst, size_t size, const char *src)
{
	size_t at = 0, len;

	for (; *src; src += len) {
		bool drop = is_harmful(next(src, &len));
		size_t more = drop ? 1 : len;

		if (at + more >= size)
			break;
		memcpy(dst + at, drop ? "?" : src, more);
		at += more;
	}
	dst[at] = '\0';
}

/* Unicode's East Asian Width: the ranges that are wide, and combining marks. */
static size_t width(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		size_t columns;
	} ranges[] = { { 0x300, 0x36f, 0 },     { 0x1100, 0x115f, 2 },
		       { 0x200b, 0x200d, 0 },   { 0x2e80, 0xa4cf, 2 },
		       { 0xac00, 0xd7a3, 2 },   { 0xf900, 0xfaff, 2 },
		       { 0xfe00, 0xfe0f, 0 },   { 0xfe30, 0xfe6f, 2 },
		       { 0xff00, 0xff60, 2 },   { 0xffe0, 0xffe6, 2 },
		       { 0x1f300, 0x1faff, 2 }, { 0x20000, 0x3fffd, 2 } };

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (c >= ranges[i].first && c <= ranges[i].last)
			return ranges[i].columns;
	}
	return 1;
}

size_t scan_text_width(const char *s)
{
	size_t columns = 0, len;

	for (; *s; s += len)
		columns += width(next(s, &len));
	return columns;
}
