// SPDX-License-Identifier: Apache-2.0
/* What a flasher is given of an image: one view for each board, over the window that
 * they share. */
#include "update/shared-reads.h"

#include <gnutls/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "image/gpt.h"
#include "update/window.h"

static const struct upd_reader *reader_of(const struct bmc_flash *flash)
{
	return (const struct upd_reader *)flash;
}

/* ---- what the flasher calls ---- */

static ssize_t flash_read(const struct bmc_flash *flash, size_t part, uint64_t offset,
			  void *buf, size_t len)
{
	struct upd_reader *r = (struct upd_reader *)(uintptr_t)flash;
	struct upd_span span;
	int code = upd_layout_find(&r->reads->layout, part, offset, &span);

	if (code != BMC_OK)
		return code;
	len = MIN(len, span.len);
	if (len == 0)
		return 0;
	if (!span.hole)
		return upd_window_read(r, span.at, buf, len);
	memset(buf, 0, len);
	return (ssize_t)len;
}

static ssize_t flash_read_piece(const struct bmc_flash *flash, size_t piece,
				uint64_t offset, void *buf, size_t len)
{
	const struct upd_layout *l = &reader_of(flash)->reads->layout;

	if (piece >= l->n_pieces)
		return BMC_EINVAL;
	uint64_t size = l->pieces[piece].size;

	if (offset >= size)
		return 0;
	len = MIN(len, size - offset);
	memcpy(buf, l->loader + l->piece_at[piece] + offset, len);
	return (ssize_t)len;
}

/* Of an image on a board the table is the same whenever it is made: what a run has
 * written before a restart is compared with it afterwards. */
static bool make_seed(const struct bmc_flash *flash, unsigned char ret[16])
{
	unsigned char in[sizeof(flash->file->digest) + BMC_ID_MAX] = { 0 }, sum[32];

	memcpy(in, flash->file->digest, sizeof(flash->file->digest));
	(void)bmc_copy((char *)in + sizeof(flash->file->digest), BMC_ID_MAX,
		       flash->board);
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, in, sizeof(in), sum) != 0)
		return false;
	memcpy(ret, sum, 16);
	return true;
}

static int flash_table(const struct bmc_flash *flash, uint64_t sectors, void *ret_begin,
		       void *ret_end, struct bmc_error *err)
{
	const struct image *image = reader_of(flash)->reads->image->image;
	unsigned char seed[16];

	_Static_assert(BMC_GPT_SECTORS == IMAGE_GPT_HEAD &&
			       BMC_GPT_BACKUP == IMAGE_GPT_TAIL,
		       "the plugin ABI's table is the image's");
	if (!image->has_parameter || !image->parameter.gpt)
		return bmc_fail(err, BMC_ENOTSUP, "the image has no partition table");
	auto_free struct image_gpt *gpt = malloc(sizeof(*gpt));

	if (!gpt || !make_seed(flash, seed))
		return bmc_fail(err, BMC_ENOMEM, "no memory for the partition table");
	int r = image_gpt_build(&image->parameter, sectors, seed, gpt, err);

	if (r != BMC_OK)
		return r;
	memcpy(ret_begin, gpt->head, sizeof(gpt->head));
	memcpy(ret_end, gpt->tail, sizeof(gpt->tail));
	return BMC_OK;
}

/* ---- life ---- */

void upd_reads_free(struct upd_reads *reads)
{
	if (!reads)
		return;
	if (reads->stats.passes > 0)
		log_info(
			"image %s: read %llu bytes in %llu passes for its boards, %llu "
			"more for boards outside of these; %llu evicted",
			reads->image->id, (unsigned long long)reads->stats.bytes,
			(unsigned long long)reads->stats.passes,
			(unsigned long long)reads->stats.own_bytes,
			(unsigned long long)reads->stats.evictions);
	upd_window_clear(reads);
	upd_layout_done(&reads->layout);
	(void)pthread_cond_destroy(&reads->changed);
	(void)pthread_mutex_destroy(&reads->lock);
	free(reads);
}

static struct upd_reads *reads_new(struct bmc_prepared *p)
{
	struct upd_reads *reads = calloc(1, sizeof(*reads));

	if (!reads)
		return NULL;
	(void)pthread_mutex_init(&reads->lock, NULL);
	bmc_cond_init(&reads->changed);
	reads->image = p;
	reads->n_blocks =
		p->image->packing ? UPD_READS_BLOCKS_PACKED : UPD_READS_BLOCKS;
	upd_window_clear(reads);
	if (upd_layout_init(&reads->layout, p->image, NULL) != BMC_OK) {
		upd_reads_free(reads);
		return NULL;
	}
	return reads;
}

/* The first open makes them; it reads the image, so there is one at a time. */
static struct upd_reads *reads_of(struct bmc_prepared *p)
{
	static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
	struct upd_reads *reads;

	(void)pthread_mutex_lock(&making);
	reads = atomic_load(&p->reads);
	if (!reads) {
		reads = reads_new(p);
		atomic_store(&p->reads, reads);
	}
	(void)pthread_mutex_unlock(&making);
	return reads;
}

static void fill_flash(struct upd_reader *r)
{
	const struct upd_layout *l = &r->reads->layout;
	const struct bmc_prepared *p = r->reads->image;

	r->flash = (struct bmc_flash){
		.size = sizeof(r->flash),
		.board = r->board,
		.name = p->name,
		.version = p->image->version,
		.format = p->image->format,
		.file = &p->file,
		.parts = l->parts,
		.n_parts = l->n_parts,
		.pieces = l->pieces,
		.n_pieces = l->n_pieces,
		.bytes = l->bytes,
		.read = flash_read,
		.read_piece = flash_read_piece,
		.table = flash_table,
	};
	(void)bmc_copy(r->flash.chip, sizeof(r->flash.chip), p->image->chip);
}

struct bmc_flash *upd_reads_open(struct bmc_prepared *p, const char *board)
{
	struct upd_reads *reads = reads_of(p);
	struct upd_reader *r = reads ? calloc(1, sizeof(*r)) : NULL;

	if (!r)
		return NULL;
	r->reads = reads;
	r->block = UPD_NOWHERE;
	(void)bmc_copy(r->board, sizeof(r->board), board);
	fill_flash(r);
	upd_prepared_ref(p);
	(void)pthread_mutex_lock(&reads->lock);
	r->next = reads->readers;
	reads->readers = r;
	if (!*reads->first)
		(void)bmc_copy(reads->first, sizeof(reads->first), board);
	reads->many |= strcmp(reads->first, r->board) != 0;
	(void)pthread_mutex_unlock(&reads->lock);
	return &r->flash;
}

void upd_reads_close(struct bmc_flash *flash)
{
	struct upd_reader *r = (struct upd_reader *)flash, **at;

	if (!r)
		return;
	struct upd_reads *reads = r->reads;

	(void)pthread_mutex_lock(&reads->lock);
	for (at = &reads->readers; *at != r; at = &(*at)->next)
		;
	*at = r->next;
	if (!reads->readers)
		upd_window_clear(reads); /* the next wave may be hours away */
	(void)pthread_cond_broadcast(&reads->changed);
	(void)pthread_mutex_unlock(&reads->lock);
	free(r);
	upd_prepared_unref(reads->image);
}

void upd_reads_stats(struct bmc_prepared *p, struct upd_reads_stats *ret)
{
	struct upd_reads *reads = atomic_load(&p->reads);

	*ret = (struct upd_reads_stats){ 0 };
	if (!reads)
		return;
	(void)pthread_mutex_lock(&reads->lock);
	*ret = reads->stats;
	(void)pthread_mutex_unlock(&reads->lock);
}
