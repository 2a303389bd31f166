// SPDX-License-Identifier: Apache-2.0
/* Rockchip's RKAF: a list of files. */
#include "image/rkaf.h"

#include <ctype.h>
#include <string.h>

#include "core/base/util.h"
#include "image/parameter.h"
#include "image/rkcrc.h"

#define HEADER    0x8cu
#define ENTRY     0x70u
#define BLOCK     2048u
#define UNPLACED  0xffffffffu
#define PARM_HEAD 8u /* "PARM", length */

struct rkaf {
	struct image_source *s;
	uint64_t at, size;
	struct image_update *to;
};

static int bad(const char *name, const char *what, struct bmc_error *err)
{
	return bmc_fail(err, BMC_ECORRUPT, "update.img (RKAF) is damaged: %s%s%s", name,
			*name ? ": " : "", what);
}

/* A terminated name of harmless characters: no path. */
static bool take_name(const unsigned char *from, size_t len, char *ret)
{
	const unsigned char *end = memchr(from, 0, len);

	if (!end || end == from)
		return false;
	for (size_t i = 0; from[i]; i++)
		if (!isalnum(from[i]) && !strchr("_.-", from[i]))
			return false;
	memcpy(ret, from, (size_t)(end - from) + 1);
	return strspn(ret, ".") == 0;
}

static bool has_no_data(const unsigned char *entry)
{
	const char *path = (const char *)entry + 0x20;

	return strncmp(path, "RESERVED", 0x3c) == 0 || strncmp(path, "SELF", 0x3c) == 0;
}

/* The text of "PARM", length, text, CRC32. */
static int take_parameter(const struct rkaf *a, const struct image_file *f,
			  struct bmc_error *err)
{
	unsigned char head[PARM_HEAD], end[4];
	uint32_t sum;
	int r = image_read_all(a->s, f->offset, head, sizeof(head), err);

	if (r != BMC_OK)
		return r;
	uint64_t len = image_le32(head + 4);

	if (memcmp(head, "PARM", 4) != 0 || len > IMAGE_PARAMETER_MAX ||
	    len + PARM_HEAD + sizeof(end) > f->size)
		return bad(f->name, "it is no PARM of this length", err);
	r = image_rkcrc_of(a->s, f->offset + PARM_HEAD, len, &sum, err);
	if (r == BMC_OK)
		r = image_read_all(a->s, f->offset + PARM_HEAD + len, end, sizeof(end),
				   err);
	if (r == BMC_OK && image_le32(end) != sum)
		return bad(f->name, "its checksum is wrong", err);
	a->to->parameter_offset = f->offset + PARM_HEAD;
	a->to->parameter_size = len;
	return r;
}

static int place(const struct rkaf *a, const struct image_file *f,
		 struct bmc_error *err)
{
	struct image_update *u = a->to;

	if (strcmp(f->name, "package-file") == 0)
		return BMC_OK;
	if (strcmp(f->name, "parameter") == 0)
		return u->parameter_size ? bad(f->name, "it is there twice", err)
					 : take_parameter(a, f, err);
	if (strcmp(f->name, "bootloader") == 0) {
		if (!u->loader_size) { /* an RKAF alone */
			u->loader_offset = f->offset;
			u->loader_size = f->size;
		}
		return BMC_OK;
	}
	for (size_t i = 0; i < u->n; i++)
		if (strcmp(u->of[i].name, f->name) == 0)
			return bad(f->name, "it is there twice", err);
	u->of[u->n++] = *f;
	return BMC_OK;
}

static int take_entry(const struct rkaf *a, size_t i, struct bmc_error *err)
{
	unsigned char e[ENTRY];
	struct image_file f;
	int r = image_read_all(a->s, a->at + HEADER + i * ENTRY, e, sizeof(e), err);

	if (r != BMC_OK)
		return r;
	if (!take_name(e, 0x20, f.name))
		return bad("", "the name of a file in it is none", err);
	if (has_no_data(e))
		return BMC_OK;
	uint32_t start = image_le32(e + 0x64);

	f.room = image_le32(e + 0x5c);
	f.offset = image_le32(e + 0x60);
	f.start = start == UNPLACED ? IMAGE_NO_SECTOR : start;
	f.size = image_le32(e + 0x6c);
	if (!image_within(f.offset, f.size, a->size - 4) || f.size == 0)
		return bad(f.name, "it reaches beyond the file", err);
	if ((uint64_t)image_le32(e + 0x68) * BLOCK < f.size)
		return bad(f.name, "its sizes contradict each other", err);
	f.offset += a->at;
	return place(a, &f, err);
}

static int check_sum(const struct rkaf *a, uint64_t len, struct bmc_error *err)
{
	unsigned char end[4];
	uint32_t sum;
	int r = image_read_all(a->s, a->at + len, end, sizeof(end), err);

	if (r == BMC_OK)
		r = image_rkcrc_of(a->s, a->at, len, &sum, err);
	if (r == BMC_OK && image_le32(end) != sum)
		return bad("", "its checksum is wrong", err);
	return r;
}

int image_rkaf_read(struct image_source *s, uint64_t at, uint64_t size,
		    struct image_update *ret, struct bmc_error *err)
{
	const struct rkaf a = { .s = s, .at = at, .size = size, .to = ret };
	unsigned char h[HEADER];

	if (size < HEADER + 4)
		return bad("", "it is too short", err);
	int r = image_read_all(s, at, h, sizeof(h), err);

	if (r != BMC_OK)
		return r;
	size_t n = image_le32(h + 0x88);
	uint64_t len = image_le32(h + 4);

	/* Beyond 4 GiB the length has its lower 32 bits only. */
	if (memcmp(h, "RKAF", 4) != 0 || len != (uint32_t)(size - 4))
		return bad("", "its length is another one", err);
	if (n == 0 || n > IMAGE_FILES_MAX || HEADER + n * ENTRY > size - 4)
		return bad("", "its number of files is impossible", err);
	r = check_sum(&a, size - 4, err);
	for (size_t i = 0; r == BMC_OK && i < n; i++)
		r = take_entry(&a, i, err);
	return r;
}
