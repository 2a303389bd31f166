// SPDX-License-Identifier: Apache-2.0
// Archives for support-bundle.
#include "cli/commands/tar.h"

#include <string.h>

#define BLOCK 512

/* POSIX.1-2001, pax, "ustar Interchange Format". */
struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type,
		link[100], magic[6], version[2], user[32], group[32], major[8],
		minor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is a block");

static void seal(struct header *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	unsigned sum = 0;

	memset(h->sum, ' ', sizeof(h->sum));
	for (size_t i = 0; i < BLOCK; i++)
		sum += bytes[i];
	(void)snprintf(h->sum, sizeof(h->sum), "%06o", sum);
}

int cli_tar_add(FILE *to, const char *name, const void *bytes, size_t n, time_t when)
{
	static const char zero[BLOCK];
	struct header h = { .type = '0', .version = { '0', '0' } };
	size_t pad = (BLOCK - n % BLOCK) % BLOCK;

	(void)snprintf(h.name, sizeof(h.name), "%s", name);
	(void)snprintf(h.mode, sizeof(h.mode), "%07o", 0600U);
	(void)snprintf(h.uid, sizeof(h.uid), "%07o", 0U);
	(void)snprintf(h.gid, sizeof(h.gid), "%07o", 0U);
	(void)snprintf(h.size, sizeof(h.size), "%011zo", n);
	(void)snprintf(h.mtime, sizeof(h.mtime), "%011llo", (unsigned long long)when);
	memcpy(h.magic, "ustar", 6);
	seal(&h);
	if (fwrite(&h, 1, BLOCK, to) != BLOCK || fwrite(bytes, 1, n, to) != n)
		return -1;
	return fwrite(zero, 1, pad, to) == pad ? 0 : -1;
}

int cli_tar_end(FILE *to)
{
	static const char zero[2 * BLOCK];

	return fwrite(zero, 1, sizeof(zero), to) == sizeof(zero) ? 0 : -1;
}
