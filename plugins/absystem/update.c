// SPDX-License-Identifier: Apache-2.0
/* The calls of the flasher that write and verify the slot that does not run. */
#include <string.h>
#include <syslog.h>

#include "absystem.h"

#define KEPT_VERSION 1
#define SAMPLE       ((uint64_t)1 << 20)
#define SAMPLED_OF   16u /* one piece of SAMPLE of as many */

typedef int each_fn(struct ab_work *w, const struct ab_range *r);

struct walk {
	struct ab_work *w;
	const char *stage;
	uint64_t step, from; /* bytes of a piece; bytes that are done already */
	bool sampled, keeps;
	each_fn *each;
	uint64_t done;
};

/* ---- accepts ---- */

static int rooms(struct ab_work *w)
{
	int code = BMC_OK;

	for (size_t i = 0; i < w->n_parts && code == BMC_OK; i++) {
		const struct ab_part *p = &w->parts[i];
		uint64_t size = w->flash->parts[p->part].size, room = 0;

		code = w->medium->room(w, p->name, &room);
		if (code == BMC_OK && size > room)
			return bmc_fail(w->err, BMC_ENOSPC,
					"%s: %s has %llu bytes, the image %llu",
					w->board->id, p->name, (unsigned long long)room,
					(unsigned long long)size);
	}
	return code;
}

/* All that can be known before anything is changed. */
static int check_all(struct ab_work *w, bool waits)
{
	int code = waits ? ab_look(w) : ab_look_now(w);

	if (code == BMC_OK)
		code = ab_chip(w);
	if (code == BMC_OK)
		code = ab_check(w);
	if (code == BMC_OK)
		code = ab_parts(w, !w->running);
	if (code == BMC_OK && w->board->is_main)
		code = ab_keeps(w);
	return code == BMC_OK ? rooms(w) : code;
}

int ab_accepts(void *self, struct bmc_call *call, const struct bmc_flash *flash,
	       struct bmc_error *err)
{
	struct ab_work w;
	int code = ab_begin(&w, self, call, flash, err);

	return code == BMC_OK ? check_all(&w, false) : code;
}

/* ---- the bytes ---- */

static void tell(const struct walk *k)
{
	const struct ab_work *w = k->w;
	uint64_t total = w->flash->bytes;
	struct bmc_progress p = { .stage = k->stage,
				  .done = (int64_t)k->done,
				  .total = (int64_t)total,
				  .millipercent = BMC_UNKNOWN };

	if (total > 0)
		p.millipercent = (int64_t)((double)k->done * 100000 / (double)total);
	w->ab->ops->report(w->call, &p);
}

static void keep(const struct walk *k)
{
	const struct ab_work *w = k->w;
	struct bmc_checkpoint c = { .version = KEPT_VERSION,
				    .offset = k->done,
				    .len = 1,
				    .data = { (unsigned char)!w->running } };

	memcpy(c.digest, w->flash->file->digest, sizeof(c.digest));
	(void)w->ab->ops->checkpoint(w->call, &c);
}

/* What an earlier run has written; 0: nothing, or another image or slot. */
static uint64_t kept(const struct ab_work *w)
{
	struct bmc_checkpoint c;

	if (!w->ab->ops->resumed(w->call, &c) || c.version != KEPT_VERSION ||
	    c.len != 1 || c.data[0] != !w->running ||
	    ab_phase(&w->data, w->running) != AB_WRITING ||
	    memcmp(c.digest, w->flash->file->digest, sizeof(c.digest)) != 0)
		return 0;
	return c.offset;
}

static int piece(struct walk *k, const struct ab_range *r, bool wanted)
{
	struct ab_work *w = k->w;
	int code = BMC_OK;

	if (w->ab->ops->cancelled(w->call))
		return bmc_fail(w->err, BMC_ECANCELED, "%s: cancelled", w->board->id);
	if (wanted && k->done >= k->from)
		code = k->each(w, r);
	if (code < 0)
		return code;
	k->done += r->len;
	tell(k);
	if (k->keeps && k->done > k->from)
		keep(k);
	return BMC_OK;
}

static int extent(struct walk *k, const struct ab_part *p, const struct bmc_extent *e)
{
	uint64_t at = e->at, end = e->at + e->len, n = 0;
	int code = BMC_OK;

	for (; at < end && code == BMC_OK; n++) {
		struct ab_range r = { .part = p, .at = at, .len = k->step };

		if (r.len > end - at)
			r.len = end - at;
		at += r.len;
		code = piece(k, &r, !k->sampled || at == end || n % SAMPLED_OF == 0);
	}
	return code;
}

static int walk(struct walk *k)
{
	struct ab_work *w = k->w;
	int code = BMC_OK;

	tell(k);
	for (size_t i = 0; i < w->n_parts && code == BMC_OK; i++) {
		const struct ab_part *p = &w->parts[i];
		const struct bmc_flash_part *f = &w->flash->parts[p->part];

		for (size_t e = 0; e < f->n_extents && code == BMC_OK; e++)
			code = extent(k, p, &f->extents[e]);
	}
	return code;
}

int ab_write(void *self, struct bmc_call *call, const struct bmc_flash *flash,
	     struct bmc_error *err)
{
	struct ab_work w;
	int code = ab_begin(&w, self, call, flash, err);

	if (code == BMC_OK)
		code = check_all(&w, true);
	if (code < 0)
		return code;
	if (flash->n_pieces > 0)
		w.ab->ops->log(w.ab->host, LOG_NOTICE,
			       "%s: the image's loader is not written: it has no "
			       "second slot",
			       w.board->id);
	struct walk k = { .w = &w,
			  .stage = "write",
			  .step = AB_CHUNK,
			  .from = kept(&w),
			  .keeps = true,
			  .each = w.medium->write };
	/* from here on the other slot can't be started */
	ab_set_writing(&w.data, w.board->mode, w.running);
	code = ab_store(&w);
	return code == BMC_OK ? walk(&k) : code;
}

int ab_verify(void *self, struct bmc_call *call, const struct bmc_flash *flash,
	      struct bmc_error *err)
{
	struct ab_work w;
	int code = ab_begin(&w, self, call, flash, err);

	if (code < 0 || flash->verify == BMC_VERIFY_NONE)
		return code;
	code = ab_look(&w);
	if (code == BMC_OK)
		code = ab_parts(&w, !w.running);
	if (code == BMC_OK && ab_phase(&w.data, w.running) != AB_WRITING)
		code = bmc_fail(err, BMC_ESTATE,
				"%s: its slots are not as they were left by the write",
				w.board->id);
	if (code < 0)
		return code;
	struct walk k = { .w = &w,
			  .stage = "verify",
			  .step = flash->verify == BMC_VERIFY_FULL ? AB_CHUNK : SAMPLE,
			  .sampled = flash->verify != BMC_VERIFY_FULL,
			  .each = w.medium->compare };
	return walk(&k);
}
