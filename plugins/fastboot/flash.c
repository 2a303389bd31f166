// SPDX-License-Identifier: Apache-2.0
/* Flashes a board in fastboot mode: its partitions one after the other, each in pieces
 * that the device's memory takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "fastboot.h"
#include "piece.h"

#define VERSION    1
#define PIECE_MOST (32u << 20) /* bytes: what is sent again after a restart  */
#define PIECE_OLD  (1u << 20)  /* of a device that does not say what it takes */
#define BUFFER     65536u
#define STORE_MS   120000 /* for a piece to be stored, and for each MiB: */
#define STORE_MIB  2000
#define BEAT_MS    120000
#define GRACE_MS   60000 /* an ended download is filled up with zeros  */

struct writer {
	struct fb_session s;
	const struct bmc_flash *flash;
	struct fb_target *targets; /* owned: of each part */
	size_t part;
	uint32_t max;          /* bytes of a piece */
	uint64_t done;         /* bytes of the image that are stored */
	uint64_t sent;         /* and of those the device was sent   */
	unsigned char *buffer; /* owned */
};

/* ---- before anything is written ---- */

static int read_max(struct writer *w, struct bmc_error *err)
{
	char value[FB_ANSWER_MAX], *end;
	int code = fb_getvar(w->s.link, "max-download-size", value, err);

	if (code < 0)
		return code;
	/* older devices do not say */
	uint64_t n = *value ? strtoull(value, &end, 0) : PIECE_OLD;

	if (n < FB_PIECE_MIN || (*value && *end))
		return bmc_fail(err, BMC_EIO,
				"%s: its fastboot says that it takes `%.20s` bytes at "
				"once",
				w->s.board->id, value);
	w->max = n > PIECE_MOST ? PIECE_MOST : (uint32_t)n;
	return BMC_OK;
}

/* All that can be known is checked before the first byte is written. */
static int prepare(struct writer *w, struct bmc_error *err)
{
	const struct bmc_flash *flash = w->flash;
	int code = fb_image_check(w->s.board, flash, err);

	if (code == BMC_OK)
		code = fb_product_check(&w->s, flash, err);
	if (code == BMC_OK)
		code = read_max(w, err);
	w->buffer = malloc(BUFFER);
	w->targets = calloc(flash->n_parts, sizeof(*w->targets));
	if (!w->buffer || !w->targets)
		return bmc_fail(err, BMC_ENOMEM, "%s: no memory", w->s.board->id);
	for (size_t i = 0; code == BMC_OK && i < flash->n_parts; i++)
		code = fb_target_find(&w->s, &flash->parts[i], &w->targets[i], err);
	return code;
}

static void writer_done(struct writer *w)
{
	fb_session_end(&w->s);
	free(w->targets);
	free(w->buffer);
}

/* ---- where it is ---- */

struct kept {
	uint32_t part, max;
	uint64_t next; /* in the part */
};

static void keep(struct writer *w, uint64_t next)
{
	const struct kept k = { (uint32_t)w->part, w->max, next };
	struct bmc_checkpoint c = { .version = VERSION,
				    .offset = w->done,
				    .len = sizeof(k) };

	memcpy(c.digest, w->flash->file->digest, sizeof(c.digest));
	memcpy(c.data, &k, sizeof(k));
	(void)w->s.f->ops->checkpoint(w->s.call, &c);
}

static void report(struct writer *w)
{
	const struct bmc_progress p = {
		.millipercent =
			(int64_t)((double)w->sent * 100000.0 / (double)w->flash->bytes),
		.stage = "write",
		.done = (int64_t)w->sent,
		.total = (int64_t)w->flash->bytes,
	};

	w->s.f->ops->report(w->s.call, &p);
}

/* Where the run before a restart has come to: what is before that was stored. */
static uint64_t resume(struct writer *w)
{
	struct bmc_checkpoint c;
	struct kept k;

	if (!w->s.f->ops->resumed(w->s.call, &c) || c.version != VERSION ||
	    c.len != sizeof(k) ||
	    memcmp(c.digest, w->flash->file->digest, sizeof(c.digest)) != 0)
		return 0;
	memcpy(&k, c.data, sizeof(k));
	if (k.part >= w->flash->n_parts || c.offset > w->flash->bytes ||
	    k.max < FB_PIECE_MIN || k.next > w->flash->parts[k.part].size)
		return 0;
	w->part = k.part;
	w->max = k.max < w->max ? k.max : w->max;
	w->done = c.offset;
	return k.next;
}

/* ---- a piece ---- */

static int put(void *arg, const void *data, size_t len, struct bmc_error *err)
{
	struct writer *w = arg;

	return fb_put(w->s.link, data, len, err);
}

static int read_some(struct writer *w, uint64_t at, size_t len, size_t *ret,
		     struct bmc_error *err)
{
	const struct bmc_flash *flash = w->flash;
	const struct bmc_host_ops *ops = w->s.f->ops;
	ssize_t n;

	while ((n = flash->read(flash, w->part, at, w->buffer, len)) == BMC_EAGAIN) {
		ops->heartbeat(w->s.call);
		if (ops->cancelled(w->s.call))
			return bmc_fail(err, BMC_ECANCELED, "%s: cancelled",
					w->s.board->id);
	}
	if (n <= 0)
		return bmc_fail(err, n < 0 ? (int)n : BMC_ECORRUPT,
				"%s: the image can't be read at byte %llu of `%s`",
				w->s.board->id, (unsigned long long)at,
				flash->parts[w->part].name);
	*ret = (size_t)n;
	return BMC_OK;
}

static int send_data(void *arg, uint64_t at, uint64_t len, struct bmc_error *err)
{
	struct writer *w = arg;

	while (len > 0) {
		size_t n = len < BUFFER ? (size_t)len : BUFFER;
		int code = read_some(w, at, n, &n, err);

		if (code == BMC_OK)
			code = fb_put(w->s.link, w->buffer, n, err);
		if (code < 0)
			return code;
		at += n;
		len -= n;
		w->sent += n;
		report(w);
	}
	return BMC_OK;
}

static int download(struct writer *w, const struct fb_piece *p, struct bmc_error *err)
{
	int code = fb_download(w->s.link, p->size, err);

	if (code < 0)
		return code;
	code = fb_piece_send(p, put, send_data, w, err);
	if (code == BMC_OK)
		return fb_put_end(w->s.link, err);
	fb_put_abort(w->s.link);
	return code;
}

static int store(struct writer *w, const struct fb_piece *p, struct bmc_error *err)
{
	char command[FB_COMMAND_MAX + 1];
	int code;

	(void)snprintf(command, sizeof(command), "flash:%s", w->targets[w->part].name);
	code = fb_command(w->s.link, command, STORE_MS + (p->size >> 20) * STORE_MIB,
			  NULL, err);
	if (code == BMC_ENOTSUP && err)
		err->code = BMC_EIO;
	return code == BMC_ENOTSUP ? BMC_EIO : code;
}

/* A device may take less than it says it does. */
static int write_piece(struct writer *w, uint64_t from, struct fb_piece *p,
		       struct bmc_error *err)
{
	const struct bmc_flash_part *part = &w->flash->parts[w->part];
	int code = BMC_ENOSPC;

	while (code == BMC_ENOSPC && fb_piece_make(part, from, w->max, p)) {
		w->sent = w->done;
		code = download(w, p, err);
		if (code == BMC_ENOSPC && p->size >= 2 * FB_PIECE_MIN)
			w->max = p->size / 2;
		else if (code == BMC_ENOSPC)
			break;
	}
	return code == BMC_OK ? store(w, p, err) : code;
}

static int write_part(struct writer *w, uint64_t from, struct bmc_error *err)
{
	const struct bmc_flash_part *part = &w->flash->parts[w->part];
	struct fb_piece *p = malloc(sizeof(*p));
	int code =
		p ? BMC_OK : bmc_fail(err, BMC_ENOMEM, "%s: no memory", w->s.board->id);

	while (code == BMC_OK && from < part->size) {
		code = write_piece(w, from, p, err);
		if (code < 0)
			break;
		from = p->next;
		w->done += p->bytes;
		keep(w, from);
	}
	free(p);
	return code;
}

/* ---- the flasher ---- */

static int accepts(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		   struct bmc_error *err)
{
	struct fastboot *f = self;
	const char *id = f->ops->target_id(call);
	const struct fb_board *b = fastboot_board(f, id);
	struct writer w = { .flash = flash };
	int code;

	if (!b)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s has no `usb` in the platform file", id);
	code = fb_image_check(b, flash, err);
	if (code < 0 || !fb_is_there(b->path))
		return code; /* what only fastboot knows is checked before the write */
	code = fb_session_begin(f, call, &w.s, err);
	if (code == BMC_OK)
		code = prepare(&w, err);
	writer_done(&w);
	return code;
}

static int detach(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		  struct bmc_error *err)
{
	struct fastboot *f = self;
	const char *id = f->ops->target_id(call);
	const struct fb_board *b = fastboot_board(f, id);

	(void)flash;
	return b ? fb_enter(f, call, b, err)
		 : bmc_fail(err, BMC_ENOTSUP, "%s has no `usb` in the platform file",
			    id);
}

static int write_all(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		     struct bmc_error *err)
{
	struct writer w = { .flash = flash };
	int code = fb_session_begin(self, call, &w.s, err);

	if (code == BMC_OK)
		code = prepare(&w, err);
	if (code == BMC_OK) {
		uint64_t from = resume(&w);

		for (; code == BMC_OK && w.part < flash->n_parts; w.part++, from = 0)
			code = write_part(&w, from, err);
	}
	writer_done(&w);
	return code;
}

/* There is no command that reads: the device has said OKAY, and no more is known. */
static int verify(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		  struct bmc_error *err)
{
	struct fastboot *f = self;
	const struct bmc_progress p = { .millipercent = BMC_UNKNOWN,
					.stage = "unverified",
					.done = BMC_UNKNOWN,
					.total = BMC_UNKNOWN };

	(void)err;
	if (flash->verify == BMC_VERIFY_NONE)
		return BMC_OK;
	f->ops->report(call, &p);
	f->ops->log(f->host, LOG_WARNING,
		    "%s: fastboot reads nothing back: what was written is not verified",
		    f->ops->target_id(call));
	return BMC_OK;
}

static int attach(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		  struct bmc_error *err)
{
	struct fastboot *f = self;
	const struct fb_board *b = fastboot_board(f, f->ops->target_id(call));
	char slot = fb_image_slot(flash), command[] = "set_active:?";
	struct fb_session s;
	int code;

	/* run again after a restart: it has left already */
	if (b && !fb_is_there(b->path))
		return BMC_OK;
	code = fb_session_begin(f, call, &s, err);
	if (code < 0)
		return code;
	command[strlen(command) - 1] = slot;
	if (slot)
		code = fb_command(s.link, command, FB_QUICK_MS, NULL, err);
	if (code == BMC_OK)
		code = fb_leave(&s, err);
	fb_session_end(&s);
	return code;
}

const struct bmc_flasher fastboot_flasher = {
	.size = sizeof(fastboot_flasher),
	.way = BMC_FLASH_PUSH,
	.beat = BEAT_MS,
	.grace = GRACE_MS,
	.accepts = accepts,
	.detach = detach,
	.write = write_all,
	.verify = verify,
	.attach = attach,
};
