// SPDX-License-Identifier: Apache-2.0
/* Builds a GUID partition table. */
#include "image/gpt.h"

#include <string.h>
#include <zlib.h>

#include "core/base/util.h"

#define ENTRIES       128u
#define ENTRY         128u
#define ENTRY_SECTORS (ENTRIES * ENTRY / IMAGE_SECTOR)
#define HEADER        92u

/* Linux filesystem data, 0FC63DAF-8483-4772-8E79-3D69D8477DE4: what Rockchip's tools
 * give to every partition. */
static const unsigned char linux_data[16] = { 0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84,
					      0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69,
					      0xd8, 0x47, 0x7d, 0xe4 };

static void put_le(unsigned char *p, uint64_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, n >>= 8)
		p[i] = (unsigned char)n;
}

static uint32_t crc_of(const unsigned char *p, size_t len)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), p, (uInt)len);
}

static void put_mbr(unsigned char *mbr, uint64_t sectors)
{
	unsigned char *e = mbr + 446;

	put_le(e + 1, 0x000200, 3); /* first sector as cylinder, head, sector */
	e[4] = 0xee;
	put_le(e + 5, 0xffffff, 3);
	put_le(e + 8, 1, 4);
	put_le(e + 12, MIN(sectors - 1, UINT32_MAX), 4);
	mbr[510] = 0x55;
	mbr[511] = 0xaa;
}

/* A GUID of its own, of RFC 4122's random kind. */
static void put_guid(unsigned char *p, const unsigned char seed[16], unsigned char n)
{
	memcpy(p, seed, 16);
	p[15] = (unsigned char)(p[15] + n);
	p[7] = (unsigned char)((p[7] & 0x0f) | 0x40);
	p[8] = (unsigned char)((p[8] & 0x3f) | 0x80);
}

static void put_entry(unsigned char *e, const struct image_partition *part,
		      uint64_t last, const unsigned char seed[16], unsigned char n)
{
	memcpy(e, linux_data, 16);
	if (part->has_uuid)
		memcpy(e + 16, part->uuid, 16);
	else
		put_guid(e + 16, seed, n);
	put_le(e + 32, part->start, 8);
	put_le(e + 40, last, 8);
	for (size_t i = 0; part->name[i]; i++)
		e[56 + 2 * i] = (unsigned char)part->name[i];
}

static void put_header(unsigned char *h, uint64_t mine, uint64_t other,
		       uint64_t sectors, const unsigned char seed[16],
		       const unsigned char *entries)
{
	memcpy(h, "EFI PART", 8);
	put_le(h + 8, 0x00010000, 4);
	put_le(h + 12, HEADER, 4);
	put_le(h + 24, mine, 8);
	put_le(h + 32, other, 8);
	put_le(h + 40, IMAGE_GPT_HEAD, 8);
	put_le(h + 48, sectors - IMAGE_GPT_TAIL - 1, 8);
	put_guid(h + 56, seed, 0);
	put_le(h + 72, mine == 1 ? 2 : sectors - IMAGE_GPT_TAIL, 8);
	put_le(h + 80, ENTRIES, 4);
	put_le(h + 84, ENTRY, 4);
	put_le(h + 88, crc_of(entries, (size_t)ENTRIES * ENTRY), 4);
	put_le(h + 16, crc_of(h, HEADER), 4);
}

static int put_entries(const struct image_parameter *p, uint64_t sectors,
		       const unsigned char seed[16], unsigned char *ret,
		       struct bmc_error *err)
{
	uint64_t usable = sectors - IMAGE_GPT_TAIL; /* the first sector behind it */

	for (size_t i = 0; i < p->n; i++) {
		const struct image_partition *part = &p->of[i];
		uint64_t end = part->sectors ? part->start + part->sectors : usable;

		if (end > usable || part->start >= usable)
			return bmc_fail(
				err, BMC_ENOSPC,
				"partition `%s` does not fit: it ends at sector %llu, "
				"the storage has %llu",
				part->name, (unsigned long long)end,
				(unsigned long long)sectors);
		put_entry(ret + i * ENTRY, part, end - 1, seed, (unsigned char)(i + 1));
	}
	return BMC_OK;
}

int image_gpt_build(const struct image_parameter *p, uint64_t sectors,
		    const unsigned char seed[16], struct image_gpt *ret,
		    struct bmc_error *err)
{
	unsigned char *entries = ret->head + 2 * (size_t)IMAGE_SECTOR;

	*ret = (struct image_gpt){ 0 };
	if (sectors <= IMAGE_GPT_HEAD + IMAGE_GPT_TAIL)
		return bmc_fail(err, BMC_ENOSPC,
				"a storage of %llu sectors is too small",
				(unsigned long long)sectors);
	int r = put_entries(p, sectors, seed, entries, err);

	if (r != BMC_OK)
		return r;
	put_mbr(ret->head, sectors);
	put_header(ret->head + IMAGE_SECTOR, 1, sectors - 1, sectors, seed, entries);
	memcpy(ret->tail, entries, (size_t)ENTRIES * ENTRY);
	put_header(ret->tail + (size_t)ENTRY_SECTORS * IMAGE_SECTOR, sectors - 1, 1,
		   sectors, seed, entries);
	return BMC_OK;
}
