// SPDX-License-Identifier: Apache-2.0
/* Rockchip's loader file. */
#include "image/rkboot.h"

#include <ctype.h>
#include <string.h>

#include "core/base/util.h"
#include "image/rkcrc.h"

#define HEADER    102u
#define ENTRY     57u
#define DELAY_MAX 60000u

/* Where the header has {count, offset of the table, size of an entry}. */
static const size_t places[IMAGE_LOADER_TABLES] = { 25, 31, 37 };

void image_chip_tag(const unsigned char bytes[4], char ret[IMAGE_CHIP_MAX])
{
	for (size_t i = 0; i < 4; i++) {
		ret[i] = (char)bytes[3 - i];
		if (!isalnum(bytes[3 - i])) {
			ret[0] = '\0';
			return;
		}
	}
	ret[4] = '\0';
}

bool image_is_loader(struct image_source *s)
{
	unsigned char tag[4];

	return s->read(s, 0, tag, sizeof(tag)) == (ssize_t)sizeof(tag) &&
	       (memcmp(tag, "BOOT", 4) == 0 || memcmp(tag, "LDR ", 4) == 0);
}

static int bad(const char *what, struct bmc_error *err)
{
	return bmc_fail(err, BMC_ECORRUPT, "the loader (RKBOOT) is damaged: %s", what);
}

static void take_name(const unsigned char *utf16, char ret[21])
{
	size_t n = 0;

	for (; n < 20 && image_le16(utf16 + 2 * n) != 0; n++) {
		uint16_t c = image_le16(utf16 + 2 * n);

		ret[n] = c < 127 && isprint(c) ? (char)c : '?';
	}
	ret[n] = '\0';
}

static int take_entry(struct image_source *s, uint64_t at,
		      struct image_loader_entry *ret, struct bmc_error *err)
{
	unsigned char e[ENTRY];
	int r = image_read_all(s, at, e, sizeof(e), err);

	if (r != BMC_OK)
		return r;
	take_name(e + 5, ret->name);
	ret->offset = image_le32(e + 45);
	ret->size = image_le32(e + 49);
	ret->delay = image_le32(e + 53);
	if (ret->size == 0 || !image_within(ret->offset, ret->size, s->size - 4))
		return bad("an entry reaches beyond the file", err);
	if (ret->delay > DELAY_MAX)
		return bad("an entry asks for a wait of more than a minute", err);
	return BMC_OK;
}

static int take_table(struct image_source *s, const unsigned char *h, size_t which,
		      struct image_loader *ret, struct bmc_error *err)
{
	const unsigned char *place = h + places[which];
	uint64_t at = image_le32(place + 1);
	size_t n = place[0];
	int r = BMC_OK;

	if (n > IMAGE_LOADER_ENTRIES)
		return bad("too many entries", err);
	if (n && (place[5] != ENTRY || !image_within(at, n * ENTRY, s->size - 4)))
		return bad("a table of entries reaches beyond the file", err);
	for (size_t i = 0; r == BMC_OK && i < n; i++)
		r = take_entry(s, at + i * ENTRY, &ret->of[which][i], err);
	ret->n[which] = n;
	return r;
}

static int check_sum(struct image_source *s, struct bmc_error *err)
{
	unsigned char end[4];
	uint32_t sum;
	int r = image_rkcrc_of(s, 0, s->size - 4, &sum, err);

	if (r == BMC_OK)
		r = image_read_all(s, s->size - 4, end, sizeof(end), err);
	if (r == BMC_OK && image_le32(end) != sum)
		return bad("its checksum is wrong", err);
	return r;
}

int image_loader_read(struct image_source *s, struct image_loader *ret,
		      struct bmc_error *err)
{
	unsigned char h[HEADER];

	*ret = (struct image_loader){ 0 };
	if (s->size < HEADER + 4 || s->size > IMAGE_LOADER_MAX)
		return bad("it is too short or too long", err);
	int r = image_read_all(s, 0, h, sizeof(h), err);

	if (r != BMC_OK)
		return r;
	if (!image_is_loader(s) || image_le16(h + 4) != HEADER)
		return bad("its header is another one", err);
	ret->version = image_le32(h + 6);
	image_chip_tag(h + 21, ret->chip);
	ret->rc4 = h[44] == 0;
	if (!*ret->chip)
		return bad("it names no chip", err);
	for (size_t i = 0; r == BMC_OK && i < IMAGE_LOADER_TABLES; i++)
		r = take_table(s, h, i, ret, err);
	return r == BMC_OK ? check_sum(s, err) : r;
}
