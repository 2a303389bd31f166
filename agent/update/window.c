// SPDX-License-Identifier: Apache-2.0
/* The window of blocks that the boards of a job share, see shared-reads.h. */
#include "update/window.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/thread.h"
#include "core/base/util.h"

#define SLICE_MS 100 /* after which a wait looks for boards to evict */

/* ---- who is in it ---- */

static bool is_packed(const struct upd_reads *w)
{
	return w->image->image->packing != NULL;
}

/* Others may wait for it so long, and no longer. */
static bool in_budget(const struct upd_reader *r, int64_t now)
{
	int64_t share = is_packed(r->reads) ? UPD_READS_SHARE_PACKED : UPD_READS_SHARE;

	return r->charged <= UPD_READS_GRACE_MS + (now - r->began) * share / 100;
}

static bool is_active(const struct upd_reader *r)
{
	return r->member && r->block != UPD_NOWHERE;
}

/* The lowest block that a board of the window still needs. */
static uint64_t tail(const struct upd_reads *w)
{
	uint64_t lowest = UPD_NOWHERE;

	for (const struct upd_reader *r = w->readers; r; r = r->next)
		if (is_active(r))
			lowest = MIN(lowest, r->block);
	return lowest;
}

static bool has_others(const struct upd_reader *r)
{
	for (const struct upd_reader *o = r->reads->readers; o; o = o->next)
		if (o != r && is_active(o))
			return true;
	return false;
}

static void join(struct upd_reader *r)
{
	if (!r->member && (in_budget(r, bmc_now()) || !has_others(r)))
		r->member = true;
}

static void evict(struct upd_reader *r)
{
	r->member = false;
	r->reads->stats.evictions++;
	(void)pthread_cond_broadcast(&r->reads->changed);
}

/* `r` waits for the boards that are last in the window: for as long as it has waited
 * since `from` these are charged, once however many wait. */
static void charge_last(struct upd_reader *r, int64_t from)
{
	struct upd_reads *w = r->reads;
	uint64_t last = tail(w);
	int64_t now = bmc_now(), ms = now - MAX(from, w->charged_at);

	w->charged_at = now;
	for (struct upd_reader *o = w->readers; o; o = o->next) {
		if (o == r || !is_active(o) || o->block != last || o->waiting)
			continue;
		o->charged += ms;
		if (!in_budget(o, now))
			evict(o);
	}
}

/* What waits for the end of the pass does not hurry those that move on. */
static void evict_idle(struct upd_reader *r)
{
	int64_t now = bmc_now();

	for (struct upd_reader *o = r->reads->readers; o; o = o->next)
		if (o != r && is_active(o) && !o->waiting &&
		    now - o->last > UPD_READS_IDLE_MS)
			evict(o);
}

/* ---- blocks ---- */

static struct upd_block *find_block(struct upd_reads *w, uint64_t index)
{
	for (size_t i = 0; i < w->n_blocks; i++)
		if (w->blocks[i].index == index)
			return &w->blocks[i];
	return NULL;
}

/* One that is not used, or that all have passed, or that is left of an earlier pass. */
static struct upd_block *free_block(struct upd_reads *w)
{
	uint64_t lowest = tail(w);
	struct upd_block *best = NULL;

	for (size_t i = 0; i < w->n_blocks; i++) {
		struct upd_block *b = &w->blocks[i];

		if (b->pins || b->loading)
			continue;
		if (b->index == UPD_NOWHERE ||
		    (w->head != UPD_NOWHERE && b->index > w->head))
			return b;
		if (b->index < lowest && (!best || b->index < best->index))
			best = b;
	}
	return best;
}

static ssize_t copy_block(struct upd_reads *w, struct upd_block *b, uint64_t at,
			  void *buf, size_t len)
{
	size_t skip = at % UPD_READS_BLOCK, n = MIN(len, UPD_READS_BLOCK - skip);

	b->pins++;
	(void)pthread_mutex_unlock(&w->lock);
	memcpy(buf, b->data + skip, n);
	(void)pthread_mutex_lock(&w->lock);
	if (--b->pins == 0)
		(void)pthread_cond_broadcast(&w->changed);
	return (ssize_t)n;
}

/* Reads the image without the lock. */
static int read_image(struct upd_reads *w, uint64_t at, void *buf, size_t len)
{
	int r;

	w->busy = true;
	(void)pthread_mutex_unlock(&w->lock);
	r = upd_layout_read(&w->layout, w->image->image, at, buf, len);
	(void)pthread_mutex_lock(&w->lock);
	w->busy = false;
	(void)pthread_cond_broadcast(&w->changed);
	return r;
}

static int load_block(struct upd_reads *w, struct upd_block *b, uint64_t index)
{
	uint64_t at = index * UPD_READS_BLOCK;
	size_t len = MIN(UPD_READS_BLOCK, w->layout.bytes - at);

	if (!b->data)
		b->data = malloc(UPD_READS_BLOCK);
	if (!b->data)
		return BMC_ENOMEM;
	w->head = index;
	b->index = index;
	b->loading = true;
	int r = read_image(w, at, b->data, len);

	b->loading = false;
	if (r != BMC_OK) {
		b->index = UPD_NOWHERE;
		return r;
	}
	w->stats.blocks++;
	w->stats.bytes += len;
	return BMC_OK;
}

void upd_window_clear(struct upd_reads *w)
{
	for (size_t i = 0; i < w->n_blocks; i++) {
		free(w->blocks[i].data);
		w->blocks[i] = (struct upd_block){ .index = UPD_NOWHERE };
	}
	w->head = UPD_NOWHERE;
}

/* ---- what is to be done about a block that is not there ---- */

enum step {
	LOAD,       /* a block is to be loaded                             */
	OWN,        /* the board reads by itself                           */
	BLOCKED,    /* until slower boards have moved on, who are charged  */
	NEXT,       /* until the pass is over, or begins                   */
	WHILE_BUSY, /* until another thread has read                       */
};

/* No pass is under way: those that are about to begin are waited for, and the one that
 * is furthest back begins. */
static enum step begin_pass(struct upd_reader *r, uint64_t index)
{
	struct upd_reads *w = r->reads;
	int64_t now = bmc_now();

	if (w->many && now > w->gather_until + UPD_READS_WAIT_MS)
		w->gather_until = now + (is_packed(w) ? UPD_READS_GATHER_PACKED_MS
						      : UPD_READS_GATHER_MS);
	if (now < w->gather_until)
		return NEXT;
	for (const struct upd_reader *o = w->readers; o; o = o->next)
		if (o->waiting && o->block < index)
			return NEXT;
	w->stats.passes++;
	w->head = UPD_NOWHERE;
	return LOAD;
}

/* The others are about to be through: a pass with all of them is worth the wait. */
static bool is_nearly_over(const struct upd_reads *w)
{
	uint64_t blocks = (w->layout.bytes - 1) / UPD_READS_BLOCK + 1;

	return blocks - MIN(blocks, tail(w)) <= w->n_blocks;
}

static enum step beyond_pass(struct upd_reader *r, uint64_t index, uint64_t *ret_index)
{
	struct upd_reads *w = r->reads;
	uint64_t ahead = index - w->head;

	if (!is_packed(w) && ahead > (r->member ? UPD_READS_REACH : w->n_blocks))
		return OWN;
	/* what lies between is needed by those behind, or unpacked all the same */
	if (is_packed(w) || !r->member)
		*ret_index = w->head + 1;
	return LOAD;
}

static enum step plan(struct upd_reader *r, uint64_t index, uint64_t *ret_index,
		      struct upd_block **ret_block)
{
	struct upd_reads *w = r->reads;
	enum step step = LOAD;

	*ret_index = index;
	if (w->busy)
		return WHILE_BUSY;
	if (w->head != UPD_NOWHERE && index <= w->head)
		r->member = false; /* it goes back, or has been left behind */
	if (!has_others(r)) {
		if (!r->member)
			step = begin_pass(r, index);
	} else if (index > w->head) {
		step = beyond_pass(r, index, ret_index);
	} else {
		step = is_nearly_over(w) ? BLOCKED : OWN;
	}
	if (step == LOAD) {
		*ret_block = free_block(w);
		step = *ret_block ? LOAD : r->member ? BLOCKED : OWN;
	}
	if (step == OWN)
		r->member = false;
	return is_packed(w) && !r->member && (step == OWN || step == BLOCKED) ? NEXT
									      : step;
}

/* ---- reading ---- */

static ssize_t read_own(struct upd_reads *w, uint64_t at, void *buf, size_t len)
{
	size_t n = MIN(len, UPD_READS_OWN);
	int r = read_image(w, at, buf, n);

	if (r != BMC_OK)
		return r;
	w->stats.own_bytes += n;
	return (ssize_t)n;
}

static bool wait_for(struct upd_reader *r, enum step step, int64_t until)
{
	struct upd_reads *w = r->reads;
	int64_t from = bmc_now(), slice = MIN(until, from + SLICE_MS);

	if (from >= until)
		return false;
	(void)bmc_cond_wait(&w->changed, &w->lock, slice);
	if (step == BLOCKED)
		charge_last(r, from);
	else if (step == NEXT)
		evict_idle(r);
	return true;
}

static ssize_t read_locked(struct upd_reader *r, uint64_t at, void *buf, size_t len)
{
	struct upd_reads *w = r->reads;
	uint64_t index = at / UPD_READS_BLOCK, load = index;
	int64_t until = bmc_now() + UPD_READS_WAIT_MS;
	bool waited = false;

	for (;;) {
		struct upd_block *b = find_block(w, index);
		enum step step = WHILE_BUSY;

		if (b && !b->loading) {
			join(r);
			return copy_block(w, b, at, buf, len);
		}
		if (!b)
			step = plan(r, index, &load, &b);
		if (step == OWN)
			return read_own(w, at, buf, len);
		if (step == LOAD) {
			int code = load_block(w, b, load);

			if (code != BMC_OK)
				return code;
			continue;
		}
		if (step != WHILE_BUSY && !waited)
			w->stats.waits++;
		waited = waited || step != WHILE_BUSY;
		if (!wait_for(r, step, until))
			return BMC_EAGAIN;
	}
}

/* Where it stands after a read of `n` bytes. */
static void move(struct upd_reader *r, uint64_t at)
{
	uint64_t block =
		at >= r->reads->layout.bytes ? UPD_NOWHERE : at / UPD_READS_BLOCK;

	if (block != r->block)
		(void)pthread_cond_broadcast(&r->reads->changed);
	r->block = block;
}

ssize_t upd_window_read(struct upd_reader *r, uint64_t at, void *buf, size_t len)
{
	struct upd_reads *w = r->reads;
	ssize_t n;

	(void)pthread_mutex_lock(&w->lock);
	r->last = bmc_now();
	if (!r->began)
		r->began = r->last;
	r->waiting = true;
	if (w->head != UPD_NOWHERE && at / UPD_READS_BLOCK <= w->head &&
	    !find_block(w, at / UPD_READS_BLOCK))
		r->member = false;
	move(r, at);
	n = read_locked(r, at, buf, len);
	if (n > 0)
		move(r, at + (uint64_t)n);
	r->waiting = false;
	r->last = bmc_now();
	(void)pthread_mutex_unlock(&w->lock);
	return n;
}
