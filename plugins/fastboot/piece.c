// SPDX-License-Identifier: Apache-2.0
/* Parts of an image as sparse images. */
#include "piece.h"

#include <string.h>

#define MAGIC     0xed26ff3au
#define RAW       0xcac1u
#define DONT_CARE 0xcac3u
#define BLOCK     4096u

static bool aligned(const struct bmc_flash_part *part, uint32_t to)
{
	for (size_t i = 0; i < part->n_extents; i++)
		if (part->extents[i].at % to || part->extents[i].len % to)
			return false;
	return true;
}

bool fb_pieces_check(const struct bmc_flash_part *part)
{
	for (size_t i = 0; i < part->n_extents; i++)
		if (part->extents[i].at % BMC_SECTOR ||
		    (i + 1 < part->n_extents && part->extents[i].len % BMC_SECTOR))
			return false;
	/* blocks are counted in 32 bits */
	return part->size / BMC_SECTOR < UINT32_MAX;
}

static uint64_t round_up(uint64_t n, uint32_t to)
{
	return (n + to - 1) / to * to;
}

/* ---- planning ---- */

static bool whole(const struct bmc_flash_part *part, uint32_t max, struct fb_piece *ret)
{
	const struct bmc_extent *x = part->extents;

	if (part->n_extents != 1 || x->at != 0 || x->len > max)
		return false;
	ret->raw = true;
	ret->size = (uint32_t)x->len;
	ret->bytes = ret->next = x->len;
	ret->n = 1;
	ret->of[0] = (struct fb_chunk){ 0, x->len };
	return true;
}

/* As much of an extent as there is room for. */
static uint64_t take(struct fb_piece *p, const struct bmc_extent *x, uint64_t from,
		     uint64_t room)
{
	uint64_t end = x->at + x->len, at = from > x->at ? from : x->at;
	uint64_t most = room > 2 * FB_CHUNK_HEAD
				? (room - 2 * FB_CHUNK_HEAD) / p->block * p->block
				: 0;
	uint64_t len = end - at < most ? end - at : most;

	if (len == 0)
		return from;
	p->of[p->n++] = (struct fb_chunk){ at, len };
	p->bytes += len;
	return at + len;
}

static uint32_t size_of(const struct fb_piece *p)
{
	uint64_t size = FB_SPARSE, at = 0;

	for (size_t i = 0; i < p->n; i++) {
		size += (p->of[i].at > at ? 2 : 1) * FB_CHUNK_HEAD;
		at = p->of[i].at + round_up(p->of[i].len, p->block);
		size += at - p->of[i].at;
	}
	return (uint32_t)(size + (at < p->blocks * p->block ? FB_CHUNK_HEAD : 0));
}

bool fb_piece_make(const struct bmc_flash_part *part, uint64_t from, uint32_t max,
		   struct fb_piece *ret)
{
	uint64_t room = max - FB_SPARSE - FB_CHUNK_HEAD;

	*ret = (struct fb_piece){ .block = aligned(part, BLOCK) ? BLOCK : BMC_SECTOR };
	ret->blocks = round_up(part->size, ret->block) / ret->block;
	ret->next = from;
	if (from >= part->size || (from == 0 && whole(part, max, ret)))
		return from < part->size;
	for (size_t i = 0; i < part->n_extents && ret->n < FB_CHUNKS; i++) {
		const struct bmc_extent *x = &part->extents[i];

		if (x->at + x->len <= from)
			continue;
		ret->next = take(ret, x, ret->next, room);
		if (ret->next < x->at + x->len)
			break; /* it is full */
		room -= 2 * FB_CHUNK_HEAD +
			round_up(ret->of[ret->n - 1].len, ret->block);
	}
	ret->size = size_of(ret);
	return ret->n > 0;
}

/* ---- sending ---- */

static void le(unsigned char *p, uint64_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, n >>= 8)
		p[i] = (unsigned char)n;
}

static int put_chunk(const struct fb_piece *p, uint32_t type, uint64_t len,
		     fb_put_fn *put, void *arg, struct bmc_error *err)
{
	unsigned char head[FB_CHUNK_HEAD] = { 0 };

	le(head, type, 2);
	le(head + 4, len / p->block, 4);
	le(head + 8, FB_CHUNK_HEAD + (type == RAW ? len : 0), 4);
	return put(arg, head, sizeof(head), err);
}

static size_t count_chunks(const struct fb_piece *p)
{
	size_t n = 0;
	uint64_t at = 0;

	for (size_t i = 0; i < p->n; i++) {
		n += p->of[i].at > at ? 2 : 1;
		at = p->of[i].at + round_up(p->of[i].len, p->block);
	}
	return n + (at < p->blocks * p->block);
}

static int put_header(const struct fb_piece *p, fb_put_fn *put, void *arg,
		      struct bmc_error *err)
{
	unsigned char head[FB_SPARSE] = { 0 };

	le(head, MAGIC, 4);
	le(head + 4, 1, 2);
	le(head + 8, FB_SPARSE, 2);
	le(head + 10, FB_CHUNK_HEAD, 2);
	le(head + 12, p->block, 4);
	le(head + 16, p->blocks, 4);
	le(head + 20, count_chunks(p), 4);
	return put(arg, head, sizeof(head), err);
}

/* A last sector that the image fills in part is filled with zeros. */
static int send_chunk(const struct fb_piece *p, const struct fb_chunk *c,
		      fb_put_fn *put, fb_data_fn *data, void *arg,
		      struct bmc_error *err)
{
	static const unsigned char zeros[BLOCK];
	uint64_t len = round_up(c->len, p->block);
	int code = put_chunk(p, RAW, len, put, arg, err);

	if (code == BMC_OK)
		code = data(arg, c->at, c->len, err);
	if (code == BMC_OK && len > c->len)
		code = put(arg, zeros, len - c->len, err);
	return code;
}

int fb_piece_send(const struct fb_piece *p, fb_put_fn *put, fb_data_fn *data, void *arg,
		  struct bmc_error *err)
{
	uint64_t at = 0, end = p->blocks * p->block;
	int code;

	if (p->raw)
		return data(arg, 0, p->bytes, err);
	code = put_header(p, put, arg, err);
	for (size_t i = 0; code == BMC_OK && i < p->n; i++) {
		const struct fb_chunk *c = &p->of[i];

		if (c->at > at)
			code = put_chunk(p, DONT_CARE, c->at - at, put, arg, err);
		if (code == BMC_OK)
			code = send_chunk(p, c, put, data, arg, err);
		at = c->at + round_up(c->len, p->block);
	}
	if (code == BMC_OK && at < end)
		code = put_chunk(p, DONT_CARE, end - at, put, arg, err);
	return code;
}
