// SPDX-License-Identifier: Apache-2.0
/* Reading a GUID partition table; see gpt.h. */
#include "gpt.h"

#include <stdbool.h>
#include <string.h>

#include "bmc/error.h"

#define SECTOR     512
#define HEADER_LEN 92
#define ENTRIES    128
#define ENTRY_LEN  128
#define TABLE_LBA  2
#define NAME_AT    56
#define NAME_UNITS 36

static uint64_t get(const unsigned char *p, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | p[bytes];
	return v;
}

static uint32_t add_byte(uint32_t crc, unsigned char byte)
{
	crc ^= byte;
	for (int bit = 0; bit < 8; bit++)
		crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	return crc;
}

uint32_t rk_crc32(const unsigned char *data, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++)
		crc = add_byte(crc, data[i]);
	return ~crc;
}

/* The header's own sum counts as zero in it. */
static uint32_t header_crc(const unsigned char *header)
{
	unsigned char copy[HEADER_LEN];

	memcpy(copy, header, sizeof(copy));
	memset(copy + 16, 0, 4);
	return rk_crc32(copy, sizeof(copy));
}

int rk_gpt_check(const unsigned char *gpt, uint64_t sectors)
{
	const unsigned char *h = gpt + SECTOR, *table = gpt + TABLE_LBA * SECTOR;

	if (memcmp(h, "EFI PART", 8) != 0 || get(h + 12, 4) != HEADER_LEN ||
	    get(h + 16, 4) != header_crc(h) || get(h + 24, 8) != 1 ||
	    get(h + 72, 8) != TABLE_LBA || get(h + 80, 4) != ENTRIES ||
	    get(h + 84, 4) != ENTRY_LEN || get(h + 48, 8) >= sectors)
		return BMC_ECORRUPT;
	return get(h + 88, 4) == rk_crc32(table, (size_t)ENTRIES * ENTRY_LEN)
		       ? BMC_OK
		       : BMC_ECORRUPT;
}

static bool has_name(const unsigned char *entry, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_UNITS)
		return false;
	for (size_t i = 0; i < NAME_UNITS; i++) {
		uint64_t unit = get(entry + NAME_AT + 2 * i, 2);

		if (unit != (i < len ? (unsigned char)name[i] : 0))
			return false;
		if (i >= len)
			break;
	}
	return true;
}

static bool is_used(const unsigned char *entry)
{
	static const unsigned char none[16];

	return memcmp(entry, none, sizeof(none)) != 0;
}

int rk_gpt_find(const unsigned char *gpt, const char *name, uint64_t *ret_start,
		uint64_t *ret_sectors)
{
	const unsigned char *e = gpt + TABLE_LBA * SECTOR;
	uint64_t usable = get(gpt + SECTOR + 48, 8);

	for (size_t i = 0; i < ENTRIES; i++, e += ENTRY_LEN) {
		uint64_t first = get(e + 32, 8), last = get(e + 40, 8);

		if (!is_used(e) || !has_name(e, name) || first > last || last > usable)
			continue;
		*ret_start = first;
		*ret_sectors = last - first + 1;
		return BMC_OK;
	}
	return BMC_ENOTFOUND;
}
