// SPDX-License-Identifier: Apache-2.0
/* The model's vendor storage, as U-Boot's vendor.c keeps it on an eMMC: four copies of
 * 64 KiB from sector 7168 on, the newest whole one counts. */
#include <string.h>

#include "rockusb-own.h"

#define AREA  (7168u * SECTOR)
#define COPY  65536u
#define TAG   0x524B5644u
#define ITEMS 126u
#define DATA  1024u
#define END   (COPY - 8)

static uint32_t get32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t get16(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8;
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

static unsigned char *copy_at(const struct rockusb_model *m, unsigned n)
{
	return m->disk + AREA + n * COPY;
}

/* The newest whole copy, or NULL. */
static const unsigned char *newest(const struct rockusb_model *m)
{
	const unsigned char *best = NULL;

	if (m->sectors * SECTOR < AREA + 4 * COPY)
		return NULL;
	for (unsigned i = 0; i < 4; i++) {
		const unsigned char *c = copy_at(m, i);

		if (get32(c) == TAG && get32(c + 4) == get32(c + COPY - 4) &&
		    (!best || get32(c + 4) > get32(best + 4)))
			best = c;
	}
	return best;
}

static const unsigned char *find(const unsigned char *c, unsigned id)
{
	for (unsigned i = 0; c && i < get16(c + 10) && i < ITEMS; i++) {
		const unsigned char *item = c + 16 + (size_t)i * 8;

		if (get16(item) == id &&
		    get16(item + 2) + get16(item + 4) <= END - DATA)
			return item;
	}
	return NULL;
}

int rockusb_vendor_get(const struct rockusb_model *m, unsigned id, unsigned char *buf,
		       size_t max)
{
	const unsigned char *c = newest(m), *item = find(c, id);
	size_t len;

	if (!item)
		return -1;
	len = get16(item + 4);
	memcpy(buf, c + DATA + get16(item + 2), len < max ? len : max);
	return (int)len;
}

/* A new item at the end; false: no room. */
static bool append(unsigned char *c, unsigned id, const unsigned char *data, size_t len)
{
	uint32_t n = get16(c + 10), at = get16(c + 12), left = get16(c + 14);
	uint32_t room = ((uint32_t)len + 63) & ~63u;
	unsigned char *item = c + 16 + (size_t)n * 8;

	if (n >= ITEMS || room > left)
		return false;
	put16(item, id);
	put16(item + 2, at);
	put16(item + 4, (uint32_t)len);
	put16(item + 6, 0);
	memcpy(c + DATA + at, data, len);
	put16(c + 10, n + 1);
	put16(c + 12, at + room);
	put16(c + 14, left - room);
	return true;
}

bool rockusb_vendor_put(struct rockusb_model *m, unsigned id, const unsigned char *data,
			size_t len)
{
	static unsigned char new[COPY];
	const unsigned char *c = newest(m);
	unsigned char *item;
	uint32_t next;

	if (m->sectors * SECTOR < AREA + 4 * COPY)
		return false;
	memset(new, 0, sizeof(new));
	put16(new + 14, END - DATA);
	if (c)
		memcpy(new, c, COPY);
	item = new + (c && find(c, id) ? find(c, id) - c : 0);
	if (item != new &&get16(item + 4) >= len) {
		put16(item + 4, (uint32_t)len);
		memcpy(new + DATA + get16(item + 2), data, len);
	} else if (item != new || !append(new, id, data, len)) {
		return false;
	}
	next = get16(new + 8) % 4;
	put32(new, TAG);
	put32(new + 4, get32(new + 4) + 1);
	put32(new + COPY - 4, get32(new + 4));
	put16(new + 8, (next + 1) % 4);
	memcpy(copy_at(m, next), new, m->now == ROCKUSB_TORN ? COPY / 2 : COPY);
	return true;
}
