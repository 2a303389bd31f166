// SPDX-License-Identifier: Apache-2.0
/* A board that is being flashed: opening it, what it says of itself, its sectors. */
#include "update.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "area.h"
#include "gpt.h"

#define COMMAND_MS  30000 /* one command with its recovery */
#define ANSWER_MS   1500  /* whether it answers at all */
#define REOPEN_MS   10000
#define POLL_MS     100
#define OTHER_POLLS 10
#define CHUNK_MAX   2048u /* sectors: 1 MiB */
#define CHUNK_MIN   8u

/* ---- opening ---- */

int rk_update_init(struct rk_update *u, struct rockusb *r, struct bmc_call *call,
		   const struct bmc_flash *flash, struct bmc_error *err)
{
	const char *id = r->ops->target_id(call);

	*u = (struct rk_update){ .r = r, .ops = r->ops, .call = call, .flash = flash };
	u->board = rockusb_board(r, id);
	if (!u->board)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s has no `usb` in the platform file", id);
	(void)atomic_fetch_add(&r->updates, 1);
	return BMC_OK;
}

void rk_update_close(struct rk_update *u)
{
	rk_close(u->device);
	u->device = NULL;
	u->mode = RK_NONE;
}

void rk_update_done(struct rk_update *u)
{
	if (u->board)
		(void)atomic_fetch_sub(&u->r->updates, 1);
	rk_update_close(u);
	rk_layout_done(&u->layout);
}

/* The kernel's memory for all USB transfers is shared by the boards under way. */
static void share_memory(struct rk_update *u)
{
	unsigned n = atomic_load(&u->r->updates);

	rk_device_window(u->device, rockusb_usb_memory() / 4 * 3 / (n ? n : 1));
}

int rk_update_open(struct rk_update *u, struct bmc_error *err)
{
	int code;

	rk_update_close(u);
	code = rk_open_alone(u->board->id, u->board->path, &u->mode, &u->device, err);
	if (code == BMC_OK && u->device)
		share_memory(u);
	return code;
}

struct rk_link *rk_update_link(struct rk_update *u)
{
	struct rk_link *l;

	u->ops->heartbeat(u->call);
	share_memory(u);
	l = rk_device_link(u->device, u->ops->now, u->ops->now() + COMMAND_MS);
	l->transfer_ms = u->r->transfer_ms;
	l->asking = false;
	return l;
}

int rk_update_sleep(struct rk_update *u, int64_t ms)
{
	u->ops->heartbeat(u->call);
	return u->ops->sleep(u->call, ms) == BMC_ECANCELED || u->ops->cancelled(u->call)
		       ? BMC_ECANCELED
		       : BMC_OK;
}

bool rk_update_answers(struct rk_update *u)
{
	struct rk_link *l;

	if (!u->device)
		return false;
	if (u->mode == RK_LOADER)
		return true;
	l = rk_update_link(u);
	l->deadline = u->ops->now() + ANSWER_MS;
	l->asking = true;
	if (rk_test_unit_ready(l, NULL, NULL) == BMC_OK)
		return true;
	rk_update_close(u);
	return false;
}

int rk_update_reopen(struct rk_update *u, struct bmc_error *err)
{
	int64_t until = u->ops->now() + REOPEN_MS;
	enum rk_mode seen = RK_NONE;
	unsigned other = 0; /* how often it was no rockusb device */

	do {
		int code = rk_update_open(u, NULL);

		if (code == BMC_OK && u->mode != RK_NONE) {
			seen = u->mode;
			if (rk_update_answers(u))
				return BMC_OK;
		}
		other = code == BMC_OK && seen == RK_NONE && rk_number(u->board->path)
				? other + 1
				: 0;
		if (other == OTHER_POLLS)
			return bmc_fail(err, BMC_EABSENT,
					"%s: its system has started amidst the update",
					u->board->id);
		if (rk_update_sleep(u, POLL_MS) < 0)
			return bmc_fail(err, BMC_ECANCELED, "%s: cancelled",
					u->board->id);
	} while (u->ops->now() < until);
	rk_update_close(u);
	if (seen == RK_MASKROM)
		return bmc_fail(err, BMC_ESTATE,
				"%s: it is in mask ROM and takes no commands: flash it "
				"again with an image that has a loader",
				u->board->id);
	return bmc_fail(err, BMC_EABSENT,
			"%s: it has left its loader: check its cable and power",
			u->board->id);
}

/* ---- what the image has ---- */

bool rk_update_has_piece(const struct rk_update *u, enum bmc_flash_piece_kind kind)
{
	for (size_t i = 0; i < u->flash->n_pieces; i++) {
		if (u->flash->pieces[i].kind == kind)
			return true;
	}
	return false;
}

bool rk_update_can_upload(const struct rk_update *u)
{
	return rk_update_has_piece(u, BMC_PIECE_471) &&
	       rk_update_has_piece(u, BMC_PIECE_472);
}

/* ---- what it is ---- */

uint32_t rk_update_readable(const struct rk_update *u)
{
	return u->can & RK_CAP_READ_LBA ? RK_TRUSTED : RK_READABLE;
}

bool rk_update_has_parity(const struct rk_update *u)
{
	return u->can & RK_CAP_PARITY;
}

bool rk_update_can_verify(const struct rk_update *u)
{
	uint32_t readable = rk_update_readable(u);

	if (u->flash->verify == BMC_VERIFY_NONE || rk_update_has_parity(u))
		return true;
	for (size_t i = 0; i < u->layout.n; i++) {
		const struct rk_run *run = &u->layout.runs[i];

		/* the table's copy: one that is bad is made anew by the first system */
		if (run->lba + run->sectors > readable && run->bytes != u->layout.end)
			return false;
	}
	return true;
}

static int check_chip(struct rk_update *u, struct bmc_error *err)
{
	char chip[5];
	int code = rk_chip(rk_update_link(u), chip, err);

	if (code < 0 || !u->flash->chip[0])
		return code;
	if (strcmp(chip, u->flash->chip) == 0)
		return BMC_OK;
	return bmc_fail(err, BMC_ECONFLICT,
			"%s: its chip is %s, and the image is for %s", u->board->id,
			chip, u->flash->chip);
}

static int ask_storage(struct rk_update *u, struct bmc_error *err)
{
	struct rk_flash_info info;
	uint32_t most = 0;
	int code = rk_test_unit_ready(rk_update_link(u), &most, err);

	if (code == BMC_OK)
		code = rk_flash_info(rk_update_link(u), &info, err);
	if (code == BMC_OK)
		code = rk_capability(rk_update_link(u), &u->can, err);
	if (code < 0)
		return code;
	u->sectors = info.sectors;
	u->most = most / RK_SECTOR;
	u->most = u->most > CHUNK_MAX ? CHUNK_MAX : u->most;
	u->most = u->most < CHUNK_MIN ? CHUNK_MIN : u->most;
	return BMC_OK;
}

static int read_gpt(struct rk_update *u, unsigned char *gpt, struct bmc_error *err)
{
	int code = BMC_OK;

	for (uint32_t at = 0; code == BMC_OK && at < BMC_GPT_SECTORS; at += u->most) {
		uint32_t left = BMC_GPT_SECTORS - at;

		code = rk_update_read(u, at, left < u->most ? left : u->most,
				      gpt + (size_t)at * RK_SECTOR, err);
	}
	if (code < 0)
		return code;
	return rk_gpt_check(gpt, u->sectors) == BMC_OK ? BMC_OK : BMC_ENOTFOUND;
}

static int part_fill(struct rk_update *u, size_t part, uint64_t at, unsigned char *buf,
		     size_t len, struct bmc_error *err)
{
	const struct bmc_flash *f = u->flash;
	size_t got = 0;
	ssize_t n = 1;

	while (got < len && n > 0) {
		n = f->read(f, part, at + got, buf + got, len - got);
		if (n > 0)
			got += (size_t)n;
		if (n != BMC_EAGAIN)
			continue;
		u->ops->heartbeat(u->call);
		n = u->ops->cancelled(u->call) ? BMC_ECANCELED : 1;
	}
	if (n < 0)
		return bmc_fail(err, (int)n, "%s: the image can't be read: %s",
				u->board->id, bmc_strerror((int)n));
	if (at + got < f->parts[part].size && got < len)
		return bmc_fail(err, BMC_EIO, "%s: the image ends too early",
				u->board->id);
	memset(buf + got, 0, len - got);
	return BMC_OK;
}

static bool is_zero(const unsigned char *p, size_t len)
{
	return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

static int check_area(struct rk_update *u, size_t part, unsigned char *area,
		      struct bmc_error *err)
{
	uint64_t start = u->flash->parts[part].start;
	int code = BMC_OK;

	if (start < RK_AREA_LBA)
		code = part_fill(u, part, (RK_AREA_LBA - start) * RK_SECTOR, area,
				 RK_AREA_BYTES, err);
	for (size_t i = 0; code == BMC_OK && i < RK_AREA_COPIES; i++) {
		const unsigned char *copy = area + i * RK_COPY_BYTES;

		if (memcmp(copy, "DVKR", 4) != 0 && !is_zero(copy, RK_COPY_BYTES))
			code = bmc_fail(err, BMC_ECONFLICT,
					"%s: the image has data where it keeps serial "
					"number and MACs: give these up, or use "
					"another image",
					u->board->id);
	}
	return code;
}

int rk_update_check_kept(struct rk_update *u, struct bmc_error *err)
{
	unsigned char *area;
	int code = BMC_OK;

	if (!u->layout.keep)
		return BMC_OK;
	area = calloc(1, RK_AREA_BYTES);
	if (!area)
		return bmc_fail(err, BMC_ENOMEM, "%s: no memory", u->board->id);
	for (size_t i = 0; code == BMC_OK && i < u->flash->n_parts; i++) {
		if (u->flash->parts[i].name[0] == '\0')
			code = check_area(u, i, area, err);
	}
	free(area);
	return code;
}

int rk_update_ask(struct rk_update *u, struct bmc_error *err)
{
	struct rk_storage s = { 0 };
	unsigned char *gpt = NULL;
	int code = check_chip(u, err);

	if (code == BMC_OK)
		code = ask_storage(u, err);
	if (code == BMC_OK && rk_layout_needs_gpt(u->flash, u->sectors)) {
		gpt = malloc(RK_GPT_BYTES);
		code = gpt ? read_gpt(u, gpt, err) : BMC_ENOMEM;
		s.gpt = code == BMC_OK ? gpt : NULL;
		if (code == BMC_ENOTFOUND)
			code = BMC_OK; /* said where a part is not found */
	}
	s.sectors = u->sectors;
	s.can = u->can;
	rk_layout_done(&u->layout);
	if (code == BMC_OK)
		code = rk_layout_make(&u->layout, u->flash, &s, err);
	free(gpt);
	return code;
}

/* ---- sectors ---- */

int rk_update_read(struct rk_update *u, uint32_t lba, uint32_t count, void *buf,
		   struct bmc_error *err)
{
	int code = BMC_EIO;

	for (int i = 0; i < 2 && code == BMC_EIO; i++)
		code = rk_read_lba(rk_update_link(u), lba, (uint16_t)count, buf, err);
	return code;
}

int rk_update_fill(struct rk_update *u, const struct rk_chunk *c, void *buf,
		   struct bmc_error *err)
{
	const struct rk_run *run = &u->layout.runs[c->run];
	size_t len = (size_t)c->count * RK_SECTOR;

	if (!run->bytes)
		return part_fill(u, run->part, c->at * RK_SECTOR, buf, len, err);
	memcpy(buf, run->bytes + c->at * RK_SECTOR, len);
	return BMC_OK;
}

void rk_update_report(struct rk_update *u, const char *stage, uint64_t done,
		      uint64_t total)
{
	const struct bmc_progress p = {
		.millipercent = total ? (int64_t)(done * 100000 / total) : 100000,
		.stage = stage,
		.done = (int64_t)(done * RK_SECTOR),
		.total = (int64_t)(total * RK_SECTOR),
	};

	u->ops->report(u->call, &p);
}
