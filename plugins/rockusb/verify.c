// SPDX-License-Identifier: Apache-2.0
/* Comparing what was written with the image. U-Boot's loader reads 0xcc beyond 32 MiB:
 * that is never taken for an answer; there the loader's own comparison at each write
 * counts (parity), and the user is told so. */
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "update.h"

#define VERSION      1
#define SAMPLE_EVERY 32768u /* sectors: 16 MiB */
#define FILLER       0xcc

struct verifying {
	struct rk_update *u;
	struct rk_cursor cursor;
	unsigned char *want, *got;
	uint64_t read, blind; /* sectors */
};

static bool is_filler(const struct rk_update *u, uint32_t lba, const unsigned char *p)
{
	return lba >= rk_update_readable(u) && p[0] == FILLER &&
	       memcmp(p, p + 1, RK_SECTOR - 1) == 0;
}

static int compare(struct verifying *v, const struct rk_chunk *c, struct bmc_error *err)
{
	for (uint32_t i = 0; i < c->count; i++) {
		const unsigned char *got = v->got + (size_t)i * RK_SECTOR;

		if (is_filler(v->u, c->lba + i, got)) {
			v->blind++;
			continue;
		}
		v->read++;
		if (memcmp(v->want + (size_t)i * RK_SECTOR, got, RK_SECTOR) != 0)
			return bmc_fail(err, BMC_ECORRUPT,
					"%s: sector %u has other bytes than were "
					"written",
					v->u->board->id, c->lba + i);
	}
	return BMC_OK;
}

static bool is_sampled(const struct rk_update *u, const struct rk_chunk *c)
{
	uint64_t end = c->at + c->count;

	return u->flash->verify == BMC_VERIFY_FULL || c->first || c->last ||
	       c->at / SAMPLE_EVERY != end / SAMPLE_EVERY;
}

/* Beyond what a loader reads, one answer tells of all others. */
static bool is_blind(const struct verifying *v, const struct rk_chunk *c)
{
	return v->blind && c->lba >= rk_update_readable(v->u);
}

static int verify_chunk(struct verifying *v, const struct rk_chunk *c,
			struct bmc_error *err)
{
	int code;

	if (is_blind(v, c)) {
		v->blind += c->count;
		return BMC_OK;
	}
	code = rk_update_fill(v->u, c, v->want, err);
	if (code == BMC_OK)
		code = rk_update_read(v->u, c->lba, c->count, v->got, err);
	return code < 0 ? code : compare(v, c, err);
}

/* ---- going on ---- */

static void keep(const struct verifying *v)
{
	struct rk_update *u = v->u;
	struct bmc_checkpoint c = { .version = VERSION,
				    .offset = v->cursor.done * RK_SECTOR,
				    .len = sizeof(v->blind) };

	memcpy(c.digest, u->flash->file->digest, sizeof(c.digest));
	memcpy(c.data, &v->blind, sizeof(v->blind));
	(void)u->ops->checkpoint(u->call, &c);
}

static void find_kept(struct verifying *v)
{
	struct rk_update *u = v->u;
	struct bmc_checkpoint c;

	if (!u->ops->resumed(u->call, &c) || c.version != VERSION ||
	    c.len != sizeof(v->blind) || c.offset / RK_SECTOR > u->layout.sectors ||
	    memcmp(c.digest, u->flash->file->digest, sizeof(c.digest)) != 0)
		return;
	memcpy(&v->blind, c.data, sizeof(v->blind));
	v->cursor = rk_layout_seek(&u->layout, c.offset / RK_SECTOR);
}

/* ---- all of it ---- */

static const char *stage(const struct verifying *v)
{
	return v->blind ? "verify (by the device)" : "verify";
}

static int verify_all(struct verifying *v, struct bmc_error *err)
{
	struct rk_update *u = v->u;
	struct rk_chunk chunk;
	int code = BMC_OK;

	rk_update_report(u, stage(v), v->cursor.done, u->layout.sectors);
	while (code == BMC_OK &&
	       rk_layout_next(&u->layout, &v->cursor, u->most, &chunk)) {
		if (u->ops->cancelled(u->call))
			return bmc_fail(err, BMC_ECANCELED, "%s: cancelled",
					u->board->id);
		if (is_sampled(u, &chunk))
			code = verify_chunk(v, &chunk, err);
		if (code == BMC_OK) {
			keep(v);
			rk_update_report(u, stage(v), v->cursor.done,
					 u->layout.sectors);
		}
	}
	return code;
}

/* Says what was verified, and how. */
static int conclude(const struct verifying *v, struct bmc_error *err)
{
	struct rk_update *u = v->u;

	if (!v->blind)
		return BMC_OK;
	if (!rk_update_can_verify(u))
		return bmc_fail(err, BMC_ENOTSUP,
				"%s: its loader reads back only the first 32 MiB, and "
				"does not compare what it writes",
				u->board->id);
	u->ops->log(u->r->host, LOG_NOTICE,
		    "%s: %llu KiB were read back; of %llu KiB its loader reads nothing "
		    "back, %s",
		    u->board->id, (unsigned long long)v->read / 2,
		    (unsigned long long)v->blind / 2,
		    rk_update_has_parity(u) ? "but it compared each write by its parity"
					    : "the table's copy at the storage's end");
	return BMC_OK;
}

int rk_update_verify(struct rk_update *u, struct bmc_error *err)
{
	struct verifying v = { .u = u };
	int code = BMC_OK;

	if (u->flash->verify == BMC_VERIFY_NONE)
		return BMC_OK;
	code = rk_update_reopen(u, err);
	if (code == BMC_OK)
		code = rk_update_ask(u, err);
	if (code < 0)
		return code;
	v.want = malloc((size_t)u->most * RK_SECTOR);
	v.got = malloc((size_t)u->most * RK_SECTOR);
	find_kept(&v);
	if (v.want && v.got)
		code = verify_all(&v, err);
	else
		code = bmc_fail(err, BMC_ENOMEM, "%s: no memory", u->board->id);
	free(v.want);
	free(v.got);
	return code < 0 ? code : conclude(&v, err);
}
