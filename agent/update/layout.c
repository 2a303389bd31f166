// SPDX-License-Identifier: Apache-2.0
/* The parts, extents and loader of an image as a flasher is given them. */
#include "update/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

/* ---- parts ---- */

static void order_parts(struct upd_layout *l, const struct image *image)
{
	for (size_t i = 0; i < image->n; i++) {
		size_t k = i;

		for (; image->packing && k > 0 &&
		       image->of[l->part_of[k - 1]].file_at > image->of[i].file_at;
		     k--)
			l->part_of[k] = l->part_of[k - 1];
		l->part_of[k] = i;
	}
}

/* What is written side by side is one extent, whatever it is made of. */
static void add_extents(struct upd_layout *l, const struct image_extents *from,
			struct bmc_flash_part *part)
{
	struct bmc_extent *first = &l->extents[l->n_extents];
	size_t n = 0;

	for (size_t i = 0; i < from->n; i++) {
		const struct image_extent *x = &from->of[i];

		if (x->len == 0)
			continue;
		if (n > 0 && first[n - 1].at + first[n - 1].len == x->at) {
			first[n - 1].len += x->len;
		} else {
			first[n] = (struct bmc_extent){ .at = x->at, .len = x->len };
			l->before[l->n_extents + n++] = l->bytes;
		}
		l->bytes += x->len;
	}
	l->n_extents += n;
	part->extents = first;
	part->n_extents = n;
	part->size = n ? first[n - 1].at + first[n - 1].len : 0;
}

static int add_parts(struct upd_layout *l, const struct image *image)
{
	size_t n = 0;

	for (size_t i = 0; i < image->n; i++)
		n += image->of[i].extents.n;
	l->parts = calloc(image->n + 1, sizeof(*l->parts));
	l->part_of = calloc(image->n + 1, sizeof(*l->part_of));
	l->extents = calloc(n + 1, sizeof(*l->extents));
	l->before = calloc(n + 1, sizeof(*l->before));
	if (!l->parts || !l->part_of || !l->extents || !l->before)
		return BMC_ENOMEM;
	order_parts(l, image);
	for (size_t i = 0; i < image->n; i++) {
		const struct image_part *from = &image->of[l->part_of[i]];
		struct bmc_flash_part *part = &l->parts[l->n_parts++];

		part->name = from->name;
		part->start =
			from->start == IMAGE_ANYWHERE ? BMC_FLASH_BY_NAME : from->start;
		part->room = from->room;
		add_extents(l, &from->extents, part);
	}
	return BMC_OK;
}

/* ---- the loader ---- */

static void add_piece(struct upd_layout *l, const struct image_loader *loader,
		      enum image_loader_table table, size_t i)
{
	static const enum bmc_flash_piece_kind kinds[IMAGE_LOADER_TABLES] = {
		[IMAGE_LOADER_471] = BMC_PIECE_471,
		[IMAGE_LOADER_472] = BMC_PIECE_472,
		[IMAGE_LOADER_FLASH] = BMC_PIECE_LOADER,
	};
	const struct image_loader_entry *e = &loader->of[table][i];
	struct bmc_flash_piece *p = &l->pieces[l->n_pieces];

	p->kind = kinds[table];
	(void)snprintf(p->name, sizeof(p->name), "%s", e->name);
	p->size = e->size;
	p->delay = e->delay;
	p->rc4 = loader->rc4;
	l->piece_at[l->n_pieces++] = e->offset;
}

static int add_loader(struct upd_layout *l, struct image *image, struct bmc_error *err)
{
	struct image_source *s = image->loader_source;
	const struct image_loader *loader = &image->loader;

	l->pieces = calloc(IMAGE_LOADER_TABLES * (size_t)IMAGE_LOADER_ENTRIES,
			   sizeof(*l->pieces));
	l->piece_at = calloc(IMAGE_LOADER_TABLES * (size_t)IMAGE_LOADER_ENTRIES,
			     sizeof(*l->piece_at));
	l->loader = malloc(s->size);
	if (!l->pieces || !l->piece_at || !l->loader)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image's loader");
	for (size_t t = 0; t < IMAGE_LOADER_TABLES; t++)
		for (size_t i = 0; i < loader->n[t]; i++)
			add_piece(l, loader, (enum image_loader_table)t, i);
	return image_read_all(s, 0, l->loader, s->size, err);
}

/* ---- life ---- */

int upd_layout_init(struct upd_layout *l, struct image *image, struct bmc_error *err)
{
	*l = (struct upd_layout){ 0 };
	if (add_parts(l, image) != BMC_OK)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image's table");
	return image->has_loader ? add_loader(l, image, err) : BMC_OK;
}

void upd_layout_done(struct upd_layout *l)
{
	free(l->parts);
	free(l->extents);
	free(l->before);
	free(l->part_of);
	free(l->pieces);
	free(l->piece_at);
	free(l->loader);
	*l = (struct upd_layout){ 0 };
}

/* ---- reading ---- */

/* Of `n` extents the first that ends after `offset`. */
static size_t extent_at(const struct bmc_extent *x, size_t n, uint64_t offset)
{
	size_t low = 0;

	while (low < n) {
		size_t mid = low + (n - low) / 2;

		if (x[mid].at + x[mid].len <= offset)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

int upd_layout_find(const struct upd_layout *l, size_t part, uint64_t offset,
		    struct upd_span *ret)
{
	*ret = (struct upd_span){ 0 };
	if (part >= l->n_parts)
		return BMC_EINVAL;
	const struct bmc_flash_part *p = &l->parts[part];
	size_t i = extent_at(p->extents, p->n_extents, offset);

	if (i == p->n_extents)
		return BMC_OK;
	const struct bmc_extent *x = &p->extents[i];

	ret->hole = offset < x->at;
	if (ret->hole) {
		ret->len = x->at - offset;
	} else {
		ret->at = l->before[x - l->extents] + (offset - x->at);
		ret->len = x->at + x->len - offset;
	}
	return BMC_OK;
}

static int read_part(const struct image_part *part, uint64_t offset, unsigned char *buf,
		     size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n =
			image_part_read(part, offset + done, buf + done, len - done);

		if (n < 0)
			return (int)n;
		if (n == 0)
			return BMC_ECORRUPT; /* the file has become shorter */
		done += (size_t)n;
	}
	return BMC_OK;
}

/* The last extent that begins at or before `at`. */
static size_t extent_on_line(const struct upd_layout *l, uint64_t at)
{
	size_t low = 0, high = l->n_extents;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (l->before[mid] <= at)
			low = mid;
		else
			high = mid;
	}
	return low;
}

int upd_layout_read(const struct upd_layout *l, struct image *image, uint64_t at,
		    void *buf, size_t len)
{
	unsigned char *to = buf;
	size_t part = 0;

	for (size_t i = extent_on_line(l, at); len > 0; i++) {
		const struct bmc_extent *x = &l->extents[i];
		uint64_t skip = at - l->before[i];
		size_t n = MIN(len, x->len - skip);

		while (x >= l->parts[part].extents + l->parts[part].n_extents)
			part++;
		int r = read_part(&image->of[l->part_of[part]], x->at + skip, to, n);

		if (r != BMC_OK)
			return r;
		to += n;
		at += n;
		len -= n;
	}
	return BMC_OK;
}
