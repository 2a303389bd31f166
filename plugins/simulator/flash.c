// SPDX-License-Identifier: Apache-2.0
/* How simulated boards are flashed: as those with Rockchip's loader are. The bytes go
 * to a checksum, at the setting's rate; the new version shows when its system has
 * started. Worker threads; the lock is never held while one waits. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define CHUNK    (256u * 1024)
#define STEP_MS  50
#define RETRIES  (600000 / STEP_MS) /* of a chunk that is not there yet */
#define LEAVE_MS 30000              /* for a system to take the request */

struct work {
	struct sim *s;
	const struct bmc_host_ops *ops;
	struct bmc_call *call;
	struct sim_board *b;
	const struct bmc_flash *flash;
	unsigned char *buf;
	int64_t began, rate;
	const char *stage;
	uint64_t done, from; /* of all extents; where this run began */
	uint32_t crc;
};

/* As zlib's crc32(), a byte at a time: it has to be no faster than a board. */
static uint32_t crc_add(uint32_t crc, const unsigned char *p, size_t n)
{
	crc = ~crc;
	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static int open_work(struct work *w, void *self, struct bmc_call *call,
		     const struct bmc_flash *flash, struct bmc_error *err)
{
	struct sim *s = self;
	const char *id = s->reporter.ops->target_id(call);

	*w = (struct work){ .s = s,
			    .ops = s->reporter.ops,
			    .call = call,
			    .b = sim_find_board(s, id),
			    .flash = flash,
			    .rate = s->flash_rate * s->speed };
	if (!w->b)
		return bmc_fail(err, BMC_ENOTFOUND, "%s: not a simulated board", id);
	return BMC_OK;
}

static bool faulty(const struct work *w, enum sim_fault f)
{
	bool is;

	pthread_mutex_lock(&w->s->lock);
	is = sim_board_faulty(&w->b->model, f, w->ops->now());
	pthread_mutex_unlock(&w->s->lock);
	return is;
}

static struct sim_seen seen(const struct work *w)
{
	struct sim_seen is;

	pthread_mutex_lock(&w->s->lock);
	sim_tick(w->s, w->ops->now());
	is = sim_board_seen(&w->b->model, w->ops->now());
	pthread_mutex_unlock(&w->s->lock);
	return is;
}

static void request(const struct work *w, const char *text, unsigned mode)
{
	pthread_mutex_lock(&w->s->lock);
	sim_pins_request(&w->s->pins, w->b->row->id, text, mode, true);
	sim_tick(w->s, w->ops->now());
	pthread_mutex_unlock(&w->s->lock);
}

static int rest(const struct work *w)
{
	int r = w->ops->sleep(w->call, STEP_MS);

	w->ops->heartbeat(w->call);
	return r;
}

/* ---- before and after ---- */

static int accepts(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		   struct bmc_error *err)
{
	struct work w;
	int r = open_work(&w, self, call, flash, err);
	struct sim_seen is;

	if (r < 0)
		return r;
	is = seen(&w);
	if (faulty(&w, SIM_FLASH_REFUSE))
		return bmc_fail(err, BMC_ECONFLICT, "%s: the image is for another chip",
				w.b->row->id);
	if (flash->bytes > (uint64_t)w.b->soc->storage)
		return bmc_fail(err, BMC_ENOSPC, "%s: its storage is smaller",
				w.b->row->id);
	if (is.usb != BMC_USB_LOADER && is.adb != BMC_ADB_DEVICE)
		return bmc_fail(
			err, BMC_ESTATE,
			"%s: neither its system nor its loader answers: start it",
			w.b->row->id);
	return BMC_OK;
}

static int detach(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		  struct bmc_error *err)
{
	struct work w;
	int r = open_work(&w, self, call, flash, err);
	int64_t until;

	if (r < 0)
		return r;
	if (seen(&w).phase != SIM_HELD)
		request(&w, "reboot loader", BMC_USB_LOADER);
	until = w.ops->now() + LEAVE_MS + 4 * w.s->boot_ms;
	while (r == BMC_OK &&
	       (seen(&w).usb != BMC_USB_LOADER || seen(&w).phase != SIM_HELD ||
		faulty(&w, SIM_FLASH_LOST))) {
		if (w.ops->now() > until)
			return bmc_fail(err, BMC_ETIMEDOUT,
					"%s: it did not come up in its loader",
					w.b->row->id);
		r = rest(&w);
	}
	return r;
}

/* A system that does not start: what was written is to blame. */
static int attach(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		  struct bmc_error *err)
{
	struct work w;
	int r = open_work(&w, self, call, flash, err);

	if (r < 0)
		return r;
	if (faulty(&w, SIM_FLASH_SILENT)) {
		pthread_mutex_lock(&w.s->lock);
		sim_board_fault(&w.b->model, SIM_NO_BOOT, w.ops->now(), SIM_NEVER);
		sim_keep(w.s);
		pthread_mutex_unlock(&w.s->lock);
	}
	request(&w, "loader reset", 0);
	return BMC_OK;
}

static int confirm(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		   struct bmc_error *err)
{
	struct work w;
	int r = open_work(&w, self, call, flash, err);

	if (r < 0)
		return r;
	pthread_mutex_lock(&w.s->lock);
	w.b->former = w.b->flashed;
	sim_board_ask(w.s, w.b);
	sim_keep(w.s);
	pthread_mutex_unlock(&w.s->lock);
	return BMC_OK;
}

/* Whether a board was asked for its loader and is not in it yet. */
static bool is_on_its_way(const struct work *w)
{
	bool is;

	pthread_mutex_lock(&w->s->lock);
	is = w->b->model.mode == BMC_USB_LOADER && w->b->model.phase != SIM_OFF;
	pthread_mutex_unlock(&w->s->lock);
	return is && seen(w).phase != SIM_HELD;
}

/* The other slot has what was there before. */
static int rollback(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		    struct bmc_error *err)
{
	struct work w;
	int r = open_work(&w, self, call, flash, err);
	int64_t until;

	if (r < 0)
		return r;
	until = w.ops->now() + LEAVE_MS + 4 * w.s->boot_ms;
	while (is_on_its_way(&w) && w.ops->now() < until && rest(&w) == BMC_OK)
		;
	pthread_mutex_lock(&w.s->lock);
	w.b->flashed = w.b->former;
	sim_board_fault(&w.b->model, SIM_NO_BOOT, 0, 0);
	sim_keep(w.s);
	pthread_mutex_unlock(&w.s->lock);
	if (seen(&w).phase == SIM_HELD)
		request(&w, "loader reset", 0);
	return BMC_OK;
}

/* ---- the bytes ---- */

/* Waits until the rate allows as many bytes as were moved. */
static int pace(const struct work *w)
{
	int64_t due = w->began + (int64_t)(w->done - w->from) * 1000 / w->rate;
	int64_t now = w->ops->now();

	if (w->ops->cancelled(w->call))
		return BMC_ECANCELED;
	return due > now ? w->ops->sleep(w->call, due - now) : BMC_OK;
}

static void tell(const struct work *w)
{
	struct bmc_progress p = { .stage = w->stage,
				  .done = (int64_t)w->done,
				  .total = (int64_t)w->flash->bytes,
				  .millipercent = BMC_UNKNOWN };

	if (w->flash->bytes)
		p.millipercent =
			(int64_t)((double)w->done * 100000.0 / (double)w->flash->bytes);
	w->ops->report(w->call, &p);
}

static ssize_t read_some(const struct work *w, size_t part, uint64_t at, size_t len)
{
	ssize_t n = BMC_EAGAIN;

	for (int i = 0; n == BMC_EAGAIN && i < RETRIES; i++) {
		n = w->flash->read(w->flash, part, at, w->buf, len);
		if (n == BMC_EAGAIN && rest(w) < 0)
			return BMC_ECANCELED;
	}
	return n;
}

static void keep_place(const struct work *w)
{
	struct bmc_checkpoint c = { .version = 1, .offset = w->done, .len = 4 };

	memcpy(c.digest, w->flash->file->digest, sizeof(c.digest));
	memcpy(c.data, &w->crc, 4);
	(void)w->ops->checkpoint(w->call, &c);
}

/* Moves a piece of an extent, of which `skip` bytes were moved before a restart. */
static int move_extent(struct work *w, size_t part, const struct bmc_extent *e,
		       uint64_t *skip, bool write, struct bmc_error *err)
{
	uint64_t at = *skip < e->len ? *skip : e->len;

	*skip -= at;
	while (at < e->len) {
		size_t len = e->len - at < CHUNK ? (size_t)(e->len - at) : CHUNK;
		ssize_t n = read_some(w, part, e->at + at, len);
		int r = n <= 0 ? (n < 0 ? (int)n : BMC_EIO) : pace(w);

		if (r < 0)
			return bmc_fail(err, r, "%s: %s", w->b->row->id,
					n <= 0 ? "the image can't be read"
					       : bmc_strerror(r));
		w->crc = crc_add(w->crc, w->buf, (size_t)n);
		at += (uint64_t)n;
		w->done += (uint64_t)n;
		tell(w);
		if (write)
			keep_place(w);
		while (write && faulty(w, SIM_FLASH_HANG) && rest(w) == BMC_OK)
			;
		if (write && w->done * 2 >= w->flash->bytes &&
		    faulty(w, SIM_FLASH_FAIL))
			return bmc_fail(err, BMC_EIO, "%s: the loader answers an error",
					w->b->row->id);
	}
	return BMC_OK;
}

static int move(struct work *w, bool write, struct bmc_error *err)
{
	uint64_t skip = w->from;
	int r = BMC_OK;

	w->buf = malloc(CHUNK);
	if (!w->buf)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	w->began = w->ops->now();
	for (size_t i = 0; i < w->flash->n_parts && r == BMC_OK; i++) {
		const struct bmc_flash_part *p = &w->flash->parts[i];

		for (size_t k = 0; k < p->n_extents && r == BMC_OK; k++)
			r = move_extent(w, i, &p->extents[k], &skip, write, err);
	}
	free(w->buf);
	return r;
}

static void go_on_from(struct work *w)
{
	struct bmc_checkpoint before;

	if (!w->ops->resumed(w->call, &before) || before.version != 1 ||
	    before.len != 4 || before.offset > w->flash->bytes ||
	    memcmp(before.digest, w->flash->file->digest, sizeof(before.digest)) != 0)
		return;
	w->done = w->from = before.offset;
	memcpy(&w->crc, before.data, 4);
}

static int write_all(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		     struct bmc_error *err)
{
	struct work w;
	int r = open_work(&w, self, call, flash, err);

	if (r < 0)
		return r;
	w.stage = "write";
	go_on_from(&w);
	r = move(&w, true, err);
	if (r < 0)
		return r;
	pthread_mutex_lock(&w.s->lock);
	w.b->flashed = (struct sim_flashed){ .bytes = w.done, .crc = w.crc };
	if (sim_board_faulty(&w.b->model, SIM_FLASH_BAD, w.ops->now()))
		w.b->flashed.crc ^= 1;
	(void)snprintf(w.b->flashed.version, sizeof(w.b->flashed.version), "%s",
		       flash->version[0] ? flash->version : flash->name);
	sim_keep(w.s);
	pthread_mutex_unlock(&w.s->lock);
	return BMC_OK;
}

static int verify(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		  struct bmc_error *err)
{
	struct work w;
	int r = open_work(&w, self, call, flash, err);

	if (r < 0 || flash->verify == BMC_VERIFY_NONE)
		return r;
	w.stage = "verify";
	w.rate *= 2;
	r = move(&w, false, err);
	if (r < 0)
		return r;
	pthread_mutex_lock(&w.s->lock);
	if (w.b->flashed.crc != w.crc || w.b->flashed.bytes != w.done)
		r = bmc_fail(err, BMC_ECORRUPT,
			     "%s: it reads other bytes than were sent", w.b->row->id);
	pthread_mutex_unlock(&w.s->lock);
	return r;
}

const struct bmc_flasher sim_flasher = {
	.size = sizeof(sim_flasher),
	.way = BMC_FLASH_PUSH,
	.beat = 30000,
	.grace = 5000,
	.accepts = accepts,
	.detach = detach,
	.write = write_all,
	.verify = verify,
	.attach = attach,
	.confirm = confirm,
	.rollback = rollback,
};
