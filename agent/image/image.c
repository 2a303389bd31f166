// SPDX-License-Identifier: Apache-2.0
/* Recognises a firmware image, checks it and lists its parts. */
#include "image/image.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "image/rkfw.h"

struct image *image_free(struct image *i)
{
	if (!i)
		return NULL;
	for (size_t k = 0; k < i->n; k++) {
		image_extents_done(&i->of[k].extents);
		(void)image_source_free(i->of[k].source);
	}
	(void)image_source_free(i->loader_source);
	(void)image_source_free(i->unpacked);
	(void)image_source_free(i->inner);
	(void)image_source_free(i->file);
	free(i);
	return NULL;
}

ssize_t image_part_read(const struct image_part *part, uint64_t offset, void *buf,
			size_t len)
{
	return image_extents_read(&part->extents, part->source, offset, buf, len);
}

static int fill_sparse(struct image *i, struct image_part *part, struct bmc_error *err)
{
	const struct image_sparse_limits limits = {
		.sum = i->limits->size,
		.chunks = IMAGE_EXTENTS_MAX - i->n_extents,
		.watch = i->limits->watch,
		.arg = i->limits->arg,
	};
	int r = image_sparse_read(part->source, &limits, &part->extents, err);

	if (r == BMC_OK)
		i->n_extents += part->extents.n;
	return r;
}

/* `size` bytes at `offset`, which may be a sparse image. */
static int fill_part(struct image *i, struct image_part *part, struct image_source *of,
		     uint64_t offset, uint64_t size, struct bmc_error *err)
{
	part->file_at = offset;
	part->source = image_source_range(of, offset, size);
	if (!part->source)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image");
	if (image_is_sparse(part->source))
		return fill_sparse(i, part, err);
	return image_extents_whole(size, &part->extents, err);
}

static int open_raw(struct image *i, struct image_source *s, struct bmc_error *err)
{
	i->format = image_is_sparse(s) ? "sparse" : "raw";
	i->n = 1;
	return fill_part(i, &i->of[0], s, 0, s->size, err);
}

static int open_loader(struct image *i, struct image_source *s, uint64_t offset,
		       uint64_t size, struct bmc_error *err)
{
	i->loader_source = image_source_range(s, offset, size);
	if (!i->loader_source)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image");
	int r = image_loader_read(i->loader_source, &i->loader, err);

	if (r != BMC_OK)
		return r;
	if (*i->chip && strcmp(i->chip, i->loader.chip) != 0)
		return bmc_fail(err, BMC_ECORRUPT,
				"the image is for chip %s, the loader in it for %s",
				i->chip, i->loader.chip);
	memcpy(i->chip, i->loader.chip, sizeof(i->chip));
	i->has_loader = true;
	return BMC_OK;
}

static int open_parameter(struct image *i, struct image_source *s,
			  const struct image_update *u, struct bmc_error *err)
{
	auto_free char *text = malloc(u->parameter_size + 1);

	if (!text)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image's parameter");
	int r = image_read_all(s, u->parameter_offset, text, u->parameter_size, err);

	if (r == BMC_OK)
		r = image_parameter_read(text, u->parameter_size, &i->parameter, err);
	i->has_parameter = r == BMC_OK;
	return r;
}

/* Where a file of an update.img is written: RKAF and parameter must agree. */
static int place_part(const struct image *i, const struct image_file *f,
		      struct image_part *part, struct bmc_error *err)
{
	const struct image_partition *p =
		i->has_parameter ? image_parameter_find(&i->parameter, f->name) : NULL;

	memcpy(part->name, f->name, sizeof(f->name));
	part->start = f->start == IMAGE_NO_SECTOR ? IMAGE_ANYWHERE : f->start;
	part->room = f->room;
	if (!i->has_parameter)
		return BMC_OK;
	if (!p)
		return bmc_fail(err, BMC_ECORRUPT,
				"`%s` is in the image, but not in its partition table",
				f->name);
	if (part->start != IMAGE_ANYWHERE && part->start != p->start)
		return bmc_fail(err, BMC_ECORRUPT,
				"`%s` is for sector %llu, its partition begins at %llu",
				f->name, (unsigned long long)part->start,
				(unsigned long long)p->start);
	part->start = p->start;
	part->room = p->sectors;
	return BMC_OK;
}

static int fits(const struct image_part *part, struct bmc_error *err)
{
	uint64_t sectors = part->extents.size / IMAGE_SECTOR +
			   (part->extents.size % IMAGE_SECTOR != 0);

	if (part->room && sectors > part->room)
		return bmc_fail(err, BMC_ECORRUPT,
				"`%s` is %llu sectors, its partition has %llu",
				part->name, (unsigned long long)sectors,
				(unsigned long long)part->room);
	return BMC_OK;
}

static int by_start(const void *a, const void *b)
{
	const struct image_part *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int overlap(struct image *i, struct bmc_error *err)
{
	qsort(i->of, i->n, sizeof(i->of[0]), by_start);
	for (size_t k = 1; k < i->n; k++) {
		const struct image_part *a = &i->of[k - 1], *b = &i->of[k];

		if (b->start != IMAGE_ANYWHERE &&
		    a->extents.size > (b->start - a->start) * IMAGE_SECTOR)
			return bmc_fail(err, BMC_ECORRUPT, "`%s` and `%s` overlap",
					a->name, b->name);
	}
	return BMC_OK;
}

static int open_parts(struct image *i, struct image_source *s,
		      const struct image_update *u, struct bmc_error *err)
{
	int r = BMC_OK;

	for (size_t k = 0; r == BMC_OK && k < u->n; k++) {
		struct image_part *part = &i->of[i->n++];

		r = place_part(i, &u->of[k], part, err);
		if (r == BMC_OK)
			r = fill_part(i, part, s, u->of[k].offset, u->of[k].size, err);
		if (r == BMC_OK)
			r = fits(part, err);
	}
	return r == BMC_OK ? overlap(i, err) : r;
}

/* Loader, parameter and parts. */
static int open_files(struct image *i, struct image_source *s,
		      const struct image_update *u, struct bmc_error *err)
{
	int r = BMC_OK;

	if (u->loader_size)
		r = open_loader(i, s, u->loader_offset, u->loader_size, err);
	if (r == BMC_OK && u->parameter_size)
		r = open_parameter(i, s, u, err);
	return r == BMC_OK ? open_parts(i, s, u, err) : r;
}

static int open_update(struct image *i, struct image_source *s, struct bmc_error *err)
{
	struct image_update u;
	int r = image_update_read(s, &u, err);

	if (r != BMC_OK)
		return r;
	i->format = *u.chip ? "rkfw" : "rkaf";
	memcpy(i->chip, u.chip, sizeof(i->chip));
	return open_files(i, s, &u, err);
}

static int open_source(struct image *i, struct image_source *s, struct bmc_error *err)
{
	if (s->size == 0)
		return bmc_fail(err, BMC_ECORRUPT, "the image is empty");
	if (image_is_rkfw(s) || image_is_rkaf(s))
		return open_update(i, s, err);
	if (image_is_loader(s)) {
		i->format = "loader";
		return open_loader(i, s, 0, s->size, err);
	}
	return open_raw(i, s, err);
}

static int open_packed(struct image *i, struct image_source *s,
		       const struct image_limits *limits, struct bmc_error *err)
{
	const struct image_codec *codec = image_codec_of(s);

	if (!codec && s->size > limits->size)
		return bmc_fail(err, BMC_ENOSPC, "the image has more than %llu bytes",
				(unsigned long long)limits->size);
	if (!codec)
		return open_source(i, s, err);
	i->packing = image_codec_name(codec);
	int r = image_unpack(s, codec, limits->size, limits->watch, limits->arg,
			     &i->unpacked, err);

	if (r != BMC_OK)
		return r;
	if (image_codec_of(i->unpacked))
		return bmc_fail(err, BMC_ENOTSUP, "the image is compressed twice");
	return open_source(i, i->unpacked, err);
}

/* A file in a bundle that is an image by itself. */
static int open_inner(struct image *i, struct image_source *s,
		      const struct image_bundle *b, const struct image_limits *limits,
		      struct bmc_error *err)
{
	char target[IMAGE_CHIP_MAX];

	memcpy(target, i->chip, sizeof(target));
	i->chip[0] = '\0';
	i->inner = image_source_range(s, b->inner_offset, b->inner_size);
	if (!i->inner)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image");
	if (image_is_bundle(i->inner))
		return bmc_fail(err, BMC_ENOTSUP, "the bundle has a bundle in it");
	int r = open_packed(i, i->inner, limits, err);

	if (r == BMC_OK && *i->chip && strcmp(i->chip, target) != 0)
		return bmc_fail(err, BMC_ECORRUPT,
				"the bundle is for chip %s, the image in it for %s",
				target, i->chip);
	memcpy(i->chip, target, sizeof(target));
	return r;
}

static int open_bundle(struct image *i, struct image_source *s,
		       const struct image_limits *limits, struct bmc_error *err)
{
	struct image_bundle b;
	struct image_update u;
	int r = image_bundle_read(s, limits->keys, &b, &u, err);

	if (r != BMC_OK)
		return r;
	memcpy(i->chip, u.chip, sizeof(i->chip));
	memcpy(i->version, b.version, sizeof(i->version));
	(void)bmc_copy(i->signer, sizeof(i->signer), b.signer);
	r = b.inner_size ? open_inner(i, s, &b, limits, err)
			 : open_files(i, s, &u, err);
	i->format = "bundle";
	return r;
}

static int open_all(struct image *i, const struct image_limits *limits,
		    struct bmc_error *err)
{
	if (!image_is_bundle(i->file))
		return open_packed(i, i->file, limits, err);
	if (i->file->size > limits->size)
		return bmc_fail(err, BMC_ENOSPC, "the image has more than %llu bytes",
				(unsigned long long)limits->size);
	return open_bundle(i, i->file, limits, err);
}

/* A sparse image may be one hole: who asks for it to be written is not told that it
 * was. */
static int check_contents(const struct image *i, struct bmc_error *err)
{
	if (i->has_loader || i->has_parameter)
		return BMC_OK;
	for (size_t k = 0; k < i->n; k++)
		if (i->of[k].extents.bytes > 0)
			return BMC_OK;
	return bmc_fail(err, BMC_ECORRUPT, "the image has nothing that is written");
}

int image_open(const struct bmc_image *file, const struct image_limits *limits,
	       struct image **ret, struct bmc_error *err)
{
	struct image *i = calloc(1, sizeof(*i));

	if (i)
		i->file = image_source_of(file);
	if (!i || !i->file) {
		(void)image_free(i);
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image");
	}
	i->limits = limits;
	int r = open_all(i, limits, err);

	i->limits = NULL;
	if (r == BMC_OK)
		r = check_contents(i, err);
	if (r != BMC_OK) {
		(void)image_free(i);
		return r;
	}
	*ret = i;
	return BMC_OK;
}
