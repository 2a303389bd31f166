// SPDX-License-Identifier: Apache-2.0
/* Tables of extents. */
#include "image/extents.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

int image_extents_whole(uint64_t size, struct image_extents *ret, struct bmc_error *err)
{
	struct image_extent *x = calloc(1, sizeof(*x));

	if (!x)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image's table");
	x->len = size;
	*ret = (struct image_extents){ .of = x, .n = 1, .size = size, .bytes = size };
	return BMC_OK;
}

void image_extents_done(struct image_extents *x)
{
	free(x->of);
	*x = (struct image_extents){ 0 };
}

/* The first extent that ends after `offset`. */
static size_t find(const struct image_extents *x, uint64_t offset)
{
	size_t low = 0, high = x->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (x->of[mid].at + x->of[mid].len <= offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void fill(unsigned char *buf, size_t len, uint32_t pattern, uint64_t phase)
{
	unsigned char p[sizeof(pattern)];

	memcpy(p, &pattern, sizeof(p));
	for (size_t i = 0; i < len; i++)
		buf[i] = p[(phase + i) % sizeof(p)];
}

ssize_t image_extents_read(const struct image_extents *x, struct image_source *s,
			   uint64_t offset, void *buf, size_t len)
{
	if (offset >= x->size)
		return 0;
	size_t i = find(x, offset);
	uint64_t start = i < x->n ? x->of[i].at : x->size;

	if (offset < start) {
		size_t n = MIN(len, start - offset);

		memset(buf, 0, n);
		return (ssize_t)n;
	}
	const struct image_extent *e = &x->of[i];
	size_t n = MIN(len, e->at + e->len - offset);

	if (e->how == IMAGE_FROM_SOURCE)
		return s->read(s, e->source + (offset - e->at), buf, n);
	fill(buf, n, e->pattern, offset - e->at);
	return (ssize_t)n;
}
