// SPDX-License-Identifier: Apache-2.0
/* Texts from boards and from the server, made fit to be shown. */
#include "adb.h"

void adb_clean(char *dst, size_t size, const char *src, size_t len)
{
	size_t n = 0;

	while (len && (unsigned char)*src <= ' ' && *src) {
		src++;
		len--;
	}
	for (; len && *src && n + 1 < size; src++, len--) {
		unsigned char c = (unsigned char)*src;

		dst[n++] = (char)(c < ' ' ? ' ' : c >= 0x7f ? '?' : c);
	}
	while (n && dst[n - 1] == ' ')
		n--;
	dst[n] = '\0';
}

int64_t adb_number(const char *s)
{
	int64_t n = 0;

	if (*s < '0' || *s > '9')
		return BMC_UNKNOWN;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (n > (INT64_MAX - 9) / 10)
			return BMC_UNKNOWN;
		n = n * 10 + (*s - '0');
	}
	return n;
}
