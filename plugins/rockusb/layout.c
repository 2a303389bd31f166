// SPDX-License-Identifier: Apache-2.0
/* Where an image's bytes go: see layout.h. */
#include "layout.h"

#include <stdlib.h>
#include <string.h>

#include "area.h"
#include "gpt.h"
#include "idblock.h"
#include "link.h"

#define AREA_END (RK_AREA_LBA + RK_AREA_BYTES / RK_SECTOR)

static uint64_t sectors_of(uint64_t bytes)
{
	return bytes / RK_SECTOR + (bytes % RK_SECTOR != 0);
}

static bool is_whole(const struct bmc_flash_part *p)
{
	return p->name[0] == '\0';
}

/* ---- chunks ---- */

/* Sectors [*first, *end) of an extent that are not behind `at`: two extents may share a
 * sector. */
static bool extent_at(const struct rk_layout *l, const struct rk_run *r, size_t i,
		      uint64_t at, uint64_t *first, uint64_t *end)
{
	const struct bmc_extent *e;

	if (r->bytes) {
		*first = at;
		*end = r->sectors;
		return i == 0;
	}
	if (i >= l->flash->parts[r->part].n_extents)
		return false;
	e = &l->flash->parts[r->part].extents[i];
	*first = e->at / RK_SECTOR;
	*end = e->len ? sectors_of(e->at + e->len) : *first;
	*first = *first > at ? *first : at;
	return true;
}

/* Cuts [*first, *end) of a run where the vendor storage area begins, or moves beyond.
 */
static void leave_out(const struct rk_run *r, uint64_t *first, uint64_t *end)
{
	uint64_t lba = r->lba + *first;

	if (lba >= RK_AREA_LBA && lba < AREA_END)
		*first = AREA_END - r->lba;
	else if (lba < RK_AREA_LBA && r->lba + *end > RK_AREA_LBA)
		*end = RK_AREA_LBA - r->lba;
}

bool rk_layout_next(const struct rk_layout *l, struct rk_cursor *c, uint32_t most,
		    struct rk_chunk *ret)
{
	while (c->run < l->n) {
		const struct rk_run *r = &l->runs[c->run];
		uint64_t first, end, whole_end;
		bool begins;

		if (!extent_at(l, r, c->extent, c->at, &first, &end)) {
			*c = (struct rk_cursor){ .run = c->run + 1, .done = c->done };
			continue;
		}
		begins = first != c->at || first == 0;
		whole_end = end;
		if (l->keep && !r->bytes && is_whole(&l->flash->parts[r->part]))
			leave_out(r, &first, &end);
		if (first >= end) {
			c->extent += first >= whole_end;
			c->at = first;
			continue;
		}
		*ret = (struct rk_chunk){ .run = c->run,
					  .at = first,
					  .lba = (uint32_t)(r->lba + first),
					  .first = begins };
		ret->count = (uint32_t)(end - first < most ? end - first : most);
		ret->last = first + ret->count == whole_end;
		c->at = first + ret->count;
		c->done += ret->count;
		return true;
	}
	return false;
}

struct rk_cursor rk_layout_seek(const struct rk_layout *l, uint64_t done)
{
	struct rk_cursor c = { 0 };
	struct rk_chunk chunk;

	while (c.done < done) {
		uint64_t left = done - c.done;

		if (!rk_layout_next(l, &c,
				    left < UINT32_MAX ? (uint32_t)left : UINT32_MAX,
				    &chunk))
			break;
	}
	return c;
}

/* ---- making ---- */

static void add_run(struct rk_layout *l, const unsigned char *bytes, size_t part,
		    uint64_t lba, uint64_t sectors)
{
	l->runs[l->n++] = (struct rk_run){ bytes, part, lba, sectors };
}

static int take_table(struct rk_layout *l, uint64_t sectors, struct bmc_error *err)
{
	int code;

	if (!l->flash->table)
		return BMC_ENOTSUP;
	l->begin = calloc(BMC_GPT_SECTORS, RK_SECTOR);
	l->end = calloc(BMC_GPT_BACKUP, RK_SECTOR);
	if (!l->begin || !l->end)
		return bmc_fail(err, BMC_ENOMEM, "%s: no memory for its table",
				l->flash->board);
	code = l->flash->table(l->flash, sectors, l->begin, l->end, err);
	if (code == BMC_OK && rk_gpt_check(l->begin, sectors) < 0)
		return bmc_fail(err, BMC_ECORRUPT, "%s: the image's table is none",
				l->flash->board);
	return code;
}

bool rk_layout_needs_gpt(const struct bmc_flash *flash, uint64_t sectors)
{
	struct rk_layout l = { .flash = flash };
	bool by_name = false;

	for (size_t i = 0; i < flash->n_parts; i++)
		by_name |= flash->parts[i].start == BMC_FLASH_BY_NAME;
	by_name = by_name && take_table(&l, sectors, NULL) == BMC_ENOTSUP;
	rk_layout_done(&l);
	return by_name;
}

static int add_part(struct rk_layout *l, size_t i, const unsigned char *gpt,
		    struct bmc_error *err)
{
	const struct bmc_flash_part *p = &l->flash->parts[i];
	uint64_t start = p->start, room = p->room, own, need = sectors_of(p->size);

	if (start == BMC_FLASH_BY_NAME) {
		if (!gpt || rk_gpt_find(gpt, p->name, &start, &own) < 0)
			return bmc_fail(err, BMC_ENOTFOUND,
					"%s: it has no partition %.36s",
					l->flash->board, p->name);
		room = room && room < own ? room : own;
	}
	if (room && need > room)
		return bmc_fail(err, BMC_ENOSPC,
				"%s: %.36s takes %llu sectors, and %llu are there",
				l->flash->board, p->name, (unsigned long long)need,
				(unsigned long long)room);
	l->whole |= is_whole(p);
	add_run(l, NULL, i, start, need);
	return BMC_OK;
}

static bool covers(const struct rk_layout *l, uint64_t lba)
{
	for (size_t i = 0; i < l->n; i++) {
		if (lba >= l->runs[i].lba && lba - l->runs[i].lba < l->runs[i].sectors)
			return true;
	}
	return false;
}

/* The loader, unless a part brings one; it comes before the parts. */
static int add_loader(struct rk_layout *l, uint64_t can, struct bmc_error *err)
{
	size_t sectors = 0, at = l->begin ? 1 : 0;
	int code;

	if (covers(l, RK_IDBLOCK_LBA))
		return BMC_OK;
	code = rk_idblock_make(l->flash, can, &l->idblock, &sectors, err);
	if (code < 0 || !l->idblock)
		return code;
	memmove(l->runs + at + 1, l->runs + at, (l->n - at) * sizeof(*l->runs));
	l->runs[at] = (struct rk_run){ l->idblock, 0, RK_IDBLOCK_LBA, sectors };
	l->n++;
	return BMC_OK;
}

/* A disk's image leaves the vendor storage area out, or is checked; no other part and
 * no loader may reach into it. */
static bool harms_identity(const struct rk_layout *l, const struct rk_run *r)
{
	if (!(l->flash->flags & BMC_FLASH_KEEP_IDENTITY) ||
	    (!r->bytes && is_whole(&l->flash->parts[r->part])))
		return false;
	return r->lba < AREA_END && r->lba + r->sectors > RK_AREA_LBA;
}

static int check_run(const struct rk_layout *l, size_t i, const struct rk_storage *s,
		     struct bmc_error *err)
{
	const struct rk_run *r = &l->runs[i];

	if (r->lba > s->sectors || r->sectors > s->sectors - r->lba)
		return bmc_fail(err, BMC_ENOSPC,
				"%s: the image ends beyond its storage of %u sectors",
				l->flash->board, s->sectors);
	if (r->lba < RK_FIRST_4M && s->can && !(s->can & RK_CAP_FIRST_4M))
		return bmc_fail(err, BMC_ENOTSUP,
				"%s: its loader does not write the first 4 MiB: bring "
				"it to mask ROM",
				l->flash->board);
	if (harms_identity(l, r))
		return bmc_fail(
			err, BMC_ECONFLICT,
			"%s: the image has a part at sector %llu that reaches to "
			"where it keeps serial number and MACs",
			l->flash->board, (unsigned long long)r->lba);
	for (size_t k = 0; k < i; k++) {
		const struct rk_run *o = &l->runs[k];

		if (r->lba < o->lba + o->sectors && o->lba < r->lba + r->sectors)
			return bmc_fail(err, BMC_ECONFLICT,
					"%s: two parts of the image overlap at sector "
					"%llu",
					l->flash->board, (unsigned long long)r->lba);
	}
	return BMC_OK;
}

static void number(struct rk_layout *l)
{
	struct rk_cursor c = { 0 };
	struct rk_chunk chunk;

	l->id = 0xcbf29ce484222325u; /* FNV-1a */
	while (rk_layout_next(l, &c, UINT32_MAX, &chunk)) {
		l->id = (l->id ^ chunk.lba) * 0x100000001b3u;
		l->id = (l->id ^ chunk.count) * 0x100000001b3u;
	}
	l->sectors = c.done;
}

int rk_layout_make(struct rk_layout *l, const struct bmc_flash *flash,
		   const struct rk_storage *s, struct bmc_error *err)
{
	const unsigned char *gpt = s->gpt;
	int code;

	*l = (struct rk_layout){ .flash = flash };
	l->runs = calloc(flash->n_parts + 3, sizeof(*l->runs));
	if (!l->runs)
		return bmc_fail(err, BMC_ENOMEM, "%s: no memory for its layout",
				flash->board);
	code = take_table(l, s->sectors, err);
	if (code == BMC_OK) {
		add_run(l, l->begin, 0, 0, BMC_GPT_SECTORS);
		gpt = l->begin;
	} else if (code != BMC_ENOTSUP) {
		return code;
	} else {
		free(l->begin);
		l->begin = NULL;
	}
	code = BMC_OK;
	for (size_t i = 0; code == BMC_OK && i < flash->n_parts; i++)
		code = add_part(l, i, gpt, err);
	if (code == BMC_OK)
		code = add_loader(l, s->can, err);
	if (code == BMC_OK && l->begin)
		add_run(l, l->end, 0, s->sectors - BMC_GPT_BACKUP, BMC_GPT_BACKUP);
	for (size_t i = 0; code == BMC_OK && i < l->n; i++)
		code = check_run(l, i, s, err);
	l->keep = l->whole && flash->flags & BMC_FLASH_KEEP_IDENTITY;
	if (code == BMC_OK)
		number(l);
	return code;
}

void rk_layout_done(struct rk_layout *l)
{
	free(l->runs);
	free(l->begin);
	free(l->end);
	free(l->idblock);
	*l = (struct rk_layout){ 0 };
}
