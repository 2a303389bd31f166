// SPDX-License-Identifier: Apache-2.0
/* Writing an image's chunks one after the other. What a device has acknowledged (with
 * parity: compared) is kept in checkpoints; a write that goes on compares what comes
 * next with the storage, where that can be read, and sends only what is not there. */
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "area.h"
#include "gpt.h"
#include "update.h"

#define VERSION 1
#define TRIES   3 /* of a chunk */

/* What a checkpoint has beside the offset. */
struct kept {
	uint64_t layout;
	uint32_t identity; /* sum of the vendor storage area */
	uint32_t has_identity;
};

struct writing {
	struct rk_update *u;
	struct rk_cursor cursor;
	struct kept kept;
	unsigned char *buf, *back; /* `most` sectors each */
};

/* ---- identity ---- */

/* The sum of the vendor storage area; a loader that does not read it has none. */
static bool identity_sum(struct writing *w, uint32_t *ret)
{
	struct rk_update *u = w->u;
	uint32_t sum = 0, sectors = RK_AREA_BYTES / RK_SECTOR;

	if (!u->layout.keep || u->sectors < RK_AREA_LBA + sectors)
		return false;
	for (uint32_t at = 0; at < sectors;) {
		uint32_t n = sectors - at < u->most ? sectors - at : u->most;

		if (rk_update_read(u, RK_AREA_LBA + at, n, w->back, NULL) < 0)
			return false;
		sum = sum * 31 + rk_crc32(w->back, (size_t)n * RK_SECTOR);
		at += n;
	}
	*ret = sum;
	return true;
}

static int identity_check(struct writing *w, struct bmc_error *err)
{
	uint32_t sum;

	if (!w->kept.has_identity || !identity_sum(w, &sum) || sum == w->kept.identity)
		return BMC_OK;
	return bmc_fail(err, BMC_ECORRUPT,
			"%s: its serial number and MACs are not what they were",
			w->u->board->id);
}

/* ---- checkpoints ---- */

static void keep(struct writing *w)
{
	struct rk_update *u = w->u;
	struct bmc_checkpoint c = { .version = VERSION,
				    .offset = w->cursor.done * RK_SECTOR,
				    .len = sizeof(w->kept) };

	memcpy(c.digest, u->flash->file->digest, sizeof(c.digest));
	memcpy(c.data, &w->kept, sizeof(w->kept));
	(void)u->ops->checkpoint(u->call, &c);
}

/* Whether the run before has written a part of this very image and layout. */
static bool find_kept(struct writing *w)
{
	struct rk_update *u = w->u;
	struct bmc_checkpoint c;
	struct kept kept;

	if (!u->ops->resumed(u->call, &c) || c.version != VERSION ||
	    c.len != sizeof(kept) || c.offset / RK_SECTOR > u->layout.sectors ||
	    memcmp(c.digest, u->flash->file->digest, sizeof(c.digest)) != 0)
		return false;
	memcpy(&kept, c.data, sizeof(kept));
	if (kept.layout != u->layout.id)
		return false;
	w->kept = kept;
	w->cursor = rk_layout_seek(&u->layout, c.offset / RK_SECTOR);
	return true;
}

/* ---- a chunk ---- */

/* What goes wrong once may go well the next time; what it has refused may not, but
 * costs little to try. */
static bool can_try_again(int code)
{
	return code == BMC_EIO || code == BMC_ECORRUPT || code == BMC_EAGAIN ||
	       code == BMC_ETIMEDOUT || code == BMC_EABSENT;
}

static bool is_parity(const struct rk_update *u, const unsigned char *data,
		      uint32_t count)
{
	return rk_update_has_parity(u) && count <= RK_PARITY_MAX &&
	       rk_parity(data, (size_t)count * RK_SECTOR) != 0;
}

/* The loader reads a parity of 0 as none: of such a chunk the halves are written. */
static int write_sectors(struct rk_update *u, uint32_t lba, uint32_t count,
			 unsigned char *data, struct bmc_error *err)
{
	bool parity = is_parity(u, data, count);
	uint32_t half = count / 2;
	int code;

	if (parity || !rk_update_has_parity(u) || count < 2)
		return rk_write_lba(rk_update_link(u), lba, (uint16_t)count, data,
				    parity, err);
	code = write_sectors(u, lba, half, data, err);
	return code < 0 ? code
			: write_sectors(u, lba + half, count - half,
					data + (size_t)half * RK_SECTOR, err);
}

/* It has come back, or its link was put right: the same board as before? */
static int go_on(struct rk_update *u, int code, struct bmc_error *err)
{
	uint64_t layout = u->layout.id;

	if (rk_update_link(u)->broken || code == BMC_EABSENT)
		code = rk_update_reopen(u, err);
	else
		code = BMC_OK;
	if (code == BMC_OK)
		code = rk_update_ask(u, err);
	if (code == BMC_OK && u->layout.id != layout)
		code = bmc_fail(err, BMC_ECONFLICT,
				"%s: another board is on its port now", u->board->id);
	return code;
}

static int write_chunk(struct writing *w, const struct rk_chunk *c,
		       struct bmc_error *err)
{
	struct rk_update *u = w->u;
	uint32_t most = u->most;
	int code = BMC_OK;

	for (int i = 0; i < TRIES; i++) {
		code = write_sectors(u, c->lba, c->count, w->buf, err);
		if (code == BMC_OK || !can_try_again(code) || i + 1 == TRIES)
			break;
		u->ops->log(u->r->host, LOG_NOTICE,
			    "%s: sector %u is written again: %s", u->board->id, c->lba,
			    err ? err->what : "");
		code = go_on(u, code, err);
		if (code < 0)
			break;
		u->most = most; /* the buffers' size */
	}
	return code;
}

/* Whether the storage has it already; false where that can't be known. */
static bool is_there(struct writing *w, const struct rk_chunk *c)
{
	struct rk_update *u = w->u;
	uint32_t readable = rk_update_readable(u);

	if (c->lba >= readable || c->count > readable - c->lba)
		return false;
	return rk_update_read(u, c->lba, c->count, w->back, NULL) == BMC_OK &&
	       memcmp(w->buf, w->back, (size_t)c->count * RK_SECTOR) == 0;
}

/* ---- all of it ---- */

static int write_all(struct writing *w, bool again, struct bmc_error *err)
{
	struct rk_update *u = w->u;
	struct rk_chunk chunk;
	int code;

	rk_update_report(u, "write", w->cursor.done, u->layout.sectors);
	while (rk_layout_next(&u->layout, &w->cursor, u->most, &chunk)) {
		if (u->ops->cancelled(u->call))
			return bmc_fail(err, BMC_ECANCELED, "%s: cancelled",
					u->board->id);
		code = rk_update_fill(u, &chunk, w->buf, err);
		again = code == BMC_OK && again && is_there(w, &chunk);
		if (code == BMC_OK && !again)
			code = write_chunk(w, &chunk, err);
		if (code < 0)
			return code;
		keep(w);
		rk_update_report(u, "write", w->cursor.done, u->layout.sectors);
	}
	return identity_check(w, err);
}

static int begin(struct writing *w, bool *ret_again, struct bmc_error *err)
{
	struct rk_update *u = w->u;
	int code = rk_update_reopen(u, err);

	/* what a command of the run before has left half done */
	if (code == BMC_OK && u->ops->resumed(u->call, &(struct bmc_checkpoint){ 0 }) &&
	    rk_link_reset(rk_update_link(u)) < 0)
		code = rk_update_reopen(u, err);
	if (code == BMC_OK)
		code = rk_update_ask(u, err);
	if (code == BMC_OK && !rk_update_can_verify(u))
		code = bmc_fail(err, BMC_ENOTSUP,
				"%s: its loader can't verify this image: use one with "
				"a loader for mask ROM, or no verification",
				u->board->id);
	/* of a board whose system ran, nothing of this was known before */
	if (code == BMC_OK && !find_kept(w))
		code = rk_update_check_kept(u, err);
	if (code < 0)
		return code;
	w->buf = malloc((size_t)u->most * RK_SECTOR);
	w->back = malloc((size_t)u->most * RK_SECTOR);
	if (!w->buf || !w->back)
		return bmc_fail(err, BMC_ENOMEM, "%s: no memory", u->board->id);
	*ret_again = find_kept(w);
	if (!*ret_again) {
		w->kept.layout = u->layout.id;
		w->kept.has_identity = identity_sum(w, &w->kept.identity);
		keep(w);
	}
	return BMC_OK;
}

int rk_update_write(struct rk_update *u, struct bmc_error *err)
{
	struct writing w = { .u = u };
	bool again = false;
	int code = begin(&w, &again, err);

	if (code == BMC_OK) {
		atomic_store(&u->board->untouched, false);
		code = write_all(&w, again, err);
	}
	free(w.buf);
	free(w.back);
	return code;
}
