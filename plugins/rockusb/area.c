// SPDX-License-Identifier: Apache-2.0
/* The vendor storage area of an eMMC: see area.h. A copy is a header of 16 bytes, 126
 * items of 8, data from 1024 on, and the version once more at its very end: a torn
 * write leaves the two unequal. */
#include "area.h"

#include <stdbool.h>
#include <string.h>

#include "bmc/error.h"

#define TAG       0x524B5644u /* "RKVD" */
#define ITEM_AT   16
#define ITEM_SIZE 8
#define DATA_AT   1024
#define VERSION2  (RK_COPY_BYTES - 4)

_Static_assert(RK_AREA_ROOM == RK_COPY_BYTES - 8 - DATA_AT,
	       "a hash and the version end it");

static uint32_t get16(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const unsigned char *p)
{
	return get16(p) | get16(p + 2) << 16;
}

static void put16(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)v;
	p[1] = (unsigned char)(v >> 8);
}

static void put32(unsigned char *p, uint32_t v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

static uint32_t aligned(uint32_t size)
{
	return (size + 63) & ~63u;
}

/* ---- a copy ---- */

static uint32_t version(const unsigned char *c)
{
	return get32(c + 4);
}

static uint32_t n_items(const unsigned char *c)
{
	return get16(c + 10);
}

static const unsigned char *item_at(const unsigned char *c, size_t i)
{
	return c + ITEM_AT + i * ITEM_SIZE;
}

static uint32_t item_offset(const unsigned char *item)
{
	return get16(item + 2);
}

static uint32_t item_size(const unsigned char *item)
{
	return get16(item + 4);
}

static bool is_whole(const unsigned char *c)
{
	return get32(c) == TAG && version(c) == get32(c + VERSION2);
}

/* And all that it says lies within it. */
static bool is_sound(const unsigned char *c)
{
	if (!is_whole(c) || n_items(c) > RK_AREA_ITEMS ||
	    get16(c + 12) + get16(c + 14) > RK_AREA_ROOM)
		return false;
	for (uint32_t i = 0; i < n_items(c); i++) {
		const unsigned char *item = item_at(c, i);

		if (item_offset(item) + item_size(item) > get16(c + 12))
			return false;
	}
	return true;
}

static const unsigned char *find(const unsigned char *c, uint16_t id)
{
	for (uint32_t i = 0; i < n_items(c); i++) {
		if (get16(item_at(c, i)) == id)
			return item_at(c, i);
	}
	return NULL;
}

/* ---- reading ---- */

int rk_area_newest(const unsigned char *area)
{
	int best = BMC_ENOTFOUND;

	for (unsigned i = 0; i < RK_AREA_COPIES; i++) {
		const unsigned char *c = area + i * RK_COPY_BYTES;

		if (is_sound(c) &&
		    (best < 0 ||
		     version(c) > version(area + (size_t)best * RK_COPY_BYTES)))
			best = (int)i;
	}
	return best;
}

static const unsigned char *newest(const unsigned char *area)
{
	int i = rk_area_newest(area);

	return i < 0 ? NULL : area + (size_t)i * RK_COPY_BYTES;
}

static int show(const unsigned char *c, const unsigned char *item,
		const unsigned char **ret)
{
	*ret = c + DATA_AT + item_offset(item);
	return (int)item_size(item);
}

int rk_area_get(const unsigned char *area, uint16_t id, const unsigned char **ret)
{
	const unsigned char *c = newest(area), *item = c ? find(c, id) : NULL;

	return item ? show(c, item, ret) : BMC_ENOTFOUND;
}

int rk_area_item(const unsigned char *area, size_t n, uint16_t *ret_id,
		 const unsigned char **ret)
{
	const unsigned char *c = newest(area);

	if (!c || n >= n_items(c))
		return BMC_ENOTFOUND;
	*ret_id = (uint16_t)get16(item_at(c, n));
	return show(c, item_at(c, n), ret);
}

/* ---- writing ---- */

static void put_item(unsigned char *c, uint32_t i, uint16_t id, uint32_t offset,
		     uint32_t size)
{
	unsigned char *item = c + ITEM_AT + i * ITEM_SIZE;

	put16(item, id);
	put16(item + 2, offset);
	put16(item + 4, size);
	put16(item + 6, 0);
}

/* An item at the end of a copy that has room. */
static void append(unsigned char *c, uint16_t id, const unsigned char *data,
		   uint32_t len)
{
	uint32_t n = n_items(c), at = get16(c + 12);

	put_item(c, n, id, at, len);
	memcpy(c + DATA_AT + at, data, len);
	put16(c + 10, n + 1);
	put16(c + 12, at + aligned(len));
	put16(c + 14, RK_AREA_ROOM - at - aligned(len));
}

/* The items of `from` (NULL: none) one behind the other, with `id` as it is to be, in
 * its old place in the order or at the end. */
static void rebuild(unsigned char *c, const unsigned char *from, uint16_t id,
		    const unsigned char *data, uint32_t len)
{
	bool done = false;

	memset(c, 0, RK_COPY_BYTES);
	for (uint32_t i = 0; from && i < n_items(from); i++) {
		const unsigned char *item = item_at(from, i);
		bool is_it = get16(item) == id;

		if (is_it && done)
			continue; /* twice: the first one counts */
		done = done || is_it;
		append(c, (uint16_t)get16(item),
		       is_it ? data : from + DATA_AT + item_offset(item),
		       is_it ? len : item_size(item));
	}
	if (!done)
		append(c, id, data, len);
}

/* What `from` names, unless that is itself or nowhere: then the one behind it. */
static unsigned target(const unsigned char *from, int index)
{
	uint32_t next = from ? get16(from + 8) : 0;

	if (from && (next >= RK_AREA_COPIES || (int)next == index))
		next = (unsigned)(index + 1) % RK_AREA_COPIES;
	return next;
}

/* Whether all fits with `len` bytes for `id`: before anything is overwritten. */
static bool fits(const unsigned char *from, uint16_t id, uint32_t len)
{
	uint32_t room = aligned(len), n = 1;

	for (uint32_t i = 0; from && i < n_items(from); i++) {
		const unsigned char *item = item_at(from, i);

		if (get16(item) == id)
			continue;
		room += aligned(item_size(item));
		n++;
	}
	return room <= RK_AREA_ROOM && n <= RK_AREA_ITEMS;
}

/* Beyond that of each whole copy, also of one that a loader would take for sound; 0:
 * there is none. */
static uint32_t next_version(const unsigned char *area)
{
	uint32_t most = 0;

	for (unsigned i = 0; i < RK_AREA_COPIES; i++) {
		const unsigned char *c = area + i * RK_COPY_BYTES;

		if (is_whole(c) && version(c) > most)
			most = version(c);
	}
	return most + 1;
}

int rk_area_set(unsigned char *area, uint16_t id, const void *data, size_t len)
{
	int index = rk_area_newest(area);
	const unsigned char *from = newest(area);
	unsigned next = target(from, index);
	unsigned char *to = area + next * RK_COPY_BYTES;
	uint32_t new_version = next_version(area);

	if (len < 1 || len > RK_AREA_ROOM || new_version == 0)
		return BMC_ERANGE;
	if (!fits(from, id, (uint32_t)len))
		return BMC_ENOSPC;
	rebuild(to, from, id, data, (uint32_t)len);
	put32(to, TAG);
	put32(to + 4, new_version);
	put16(to + 8, (next + 1) % RK_AREA_COPIES);
	put32(to + VERSION2, new_version);
	return (int)next;
}
