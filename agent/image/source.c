// SPDX-License-Identifier: Apache-2.0
/* Sources of bytes: a stored file, and a range of another source. */
#include "image/source.h"

#include <stdlib.h>

#include "core/base/util.h"

struct file_source {
	struct image_source s;
	const struct bmc_image *file;
};

struct range_source {
	struct image_source s;
	struct image_source *of;
	uint64_t offset;
};

static ssize_t file_read(struct image_source *s, uint64_t offset, void *buf, size_t len)
{
	const struct bmc_image *file = ((struct file_source *)s)->file;

	return file->read(file, offset, buf, len);
}

static void source_free(struct image_source *s)
{
	free(s);
}

struct image_source *image_source_of(const struct bmc_image *file)
{
	struct file_source *f = malloc(sizeof(*f));

	if (!f)
		return NULL;
	*f = (struct file_source){
		.s = { .size = file->size, .read = file_read, .free = source_free },
		.file = file,
	};
	return &f->s;
}

static ssize_t range_read(struct image_source *s, uint64_t offset, void *buf,
			  size_t len)
{
	struct range_source *r = (struct range_source *)s;

	if (offset >= s->size)
		return 0;
	return r->of->read(r->of, r->offset + offset, buf, MIN(len, s->size - offset));
}

struct image_source *image_source_range(struct image_source *of, uint64_t offset,
					uint64_t size)
{
	struct range_source *r = malloc(sizeof(*r));

	if (!r)
		return NULL;
	*r = (struct range_source){
		.s = { .size = size, .read = range_read, .free = source_free },
		.of = of,
		.offset = offset,
	};
	return &r->s;
}

struct image_source *image_source_free(struct image_source *s)
{
	if (s)
		s->free(s);
	return NULL;
}

int image_read_all(struct image_source *s, uint64_t offset, void *buf, size_t len,
		   struct bmc_error *err)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = s->read(s, offset + done, (char *)buf + done, len - done);

		if (n < 0)
			return bmc_fail(err, (int)n,
					"the image can't be read at byte %llu",
					(unsigned long long)(offset + done));
		if (n == 0)
			return bmc_fail(err, BMC_ECORRUPT,
					"the image ends at byte %llu, in the middle of "
					"its contents",
					(unsigned long long)(offset + done));
		done += (size_t)n;
	}
	return BMC_OK;
}
