// SPDX-License-Identifier: Apache-2.0
/* Android sparse images. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/util.h"
#include "image/extents.h"

#define SPARSE_MAGIC 0xed26ff3au
#define HEADER       28u
#define CHUNK_HEADER 12u
#define BLOCK_MAX    (1u << 20)
#define SUMS_MAX     16u /* CRC32 chunks: each may unpack a compressed image once more */

enum { RAW = 0xcac1, FILL = 0xcac2, DONT_CARE = 0xcac3, CRC = 0xcac4 };

struct sparse {
	struct image_source *s;
	const struct image_sparse_limits *limits;
	uint32_t block, blocks, chunks, checksum;
	uint64_t at;  /* in the file      */
	uint64_t out; /* in the partition */
	size_t room;
	struct image_extents *x;
	uint64_t summed; /* bytes of the partition that `crc` covers */
	uLong crc;
	unsigned sums;
};

struct chunk {
	uint16_t type;
	uint32_t total; /* bytes in the file, with the header */
	uint64_t len;   /* bytes of the partition              */
	unsigned char word[4];
};

bool image_is_sparse(struct image_source *s)
{
	unsigned char magic[4];

	return s->read(s, 0, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
	       image_le32(magic) == SPARSE_MAGIC;
}

static int read_header(struct sparse *p, struct bmc_error *err)
{
	unsigned char h[HEADER];
	int r = image_read_all(p->s, 0, h, sizeof(h), err);

	if (r != BMC_OK)
		return r;
	if (image_le16(h + 4) != 1 || image_le16(h + 8) != HEADER ||
	    image_le16(h + 10) != CHUNK_HEADER)
		return bmc_fail(err, BMC_ENOTSUP,
				"sparse image of version %u with headers of %u and %u "
				"bytes: only 1, 28 and 12 are known",
				image_le16(h + 4), image_le16(h + 8),
				image_le16(h + 10));
	p->block = image_le32(h + 12);
	p->blocks = image_le32(h + 16);
	p->chunks = image_le32(h + 20);
	p->checksum = image_le32(h + 24);
	if (p->block < 512 || p->block % 512 || p->block > BLOCK_MAX)
		return bmc_fail(err, BMC_ECORRUPT,
				"sparse image with blocks of %u bytes", p->block);
	if (p->chunks > p->limits->chunks)
		return bmc_fail(err, BMC_ENOSPC,
				"sparse image of %u chunks: at most %u in all parts",
				p->chunks, IMAGE_EXTENTS_MAX);
	p->at = HEADER;
	return BMC_OK;
}

static int bad_chunk(const struct sparse *p, const char *what, struct bmc_error *err)
{
	return bmc_fail(err, BMC_ECORRUPT, "sparse image, chunk at byte %llu: %s",
			(unsigned long long)p->at, what);
}

/* The bytes that a chunk of this type has behind its header, or UINT64_MAX. */
static uint64_t payload(const struct chunk *c)
{
	switch (c->type) {
	case RAW:
		return c->len;
	case FILL:
	case CRC:
		return 4;
	case DONT_CARE:
		return 0;
	default:
		return UINT64_MAX;
	}
}

static int read_chunk(struct sparse *p, struct chunk *c, struct bmc_error *err)
{
	unsigned char h[CHUNK_HEADER];
	int r = image_read_all(p->s, p->at, h, sizeof(h), err);

	if (r != BMC_OK)
		return r;
	c->type = image_le16(h);
	c->len = (uint64_t)image_le32(h + 4) * p->block;
	c->total = image_le32(h + 8);
	uint64_t len = payload(c), all = (uint64_t)p->blocks * p->block;

	if (len == UINT64_MAX)
		return bad_chunk(p, "of an unknown type", err);
	if (c->total != CHUNK_HEADER + len)
		return bad_chunk(p, "its sizes contradict each other", err);
	if (!image_within(p->at + CHUNK_HEADER, len, p->s->size))
		return bad_chunk(p, "it reaches beyond the file", err);
	if (c->type == CRC ? c->len != 0 : !image_within(p->out, c->len, all))
		return bad_chunk(p, "it reaches beyond the image", err);
	if (len == 4)
		return image_read_all(p->s, p->at + CHUNK_HEADER, c->word, 4, err);
	return BMC_OK;
}

static int add(struct sparse *p, const struct chunk *c, struct bmc_error *err)
{
	struct image_extents *x = p->x;

	if (x->n == p->room) {
		size_t room = p->room ? p->room * 2 : 64;
		struct image_extent *more = reallocarray(x->of, room, sizeof(*more));

		if (!more)
			return bmc_fail(err, BMC_ENOMEM,
					"no memory for the image's table");
		x->of = more;
		p->room = room;
	}
	struct image_extent *e = &x->of[x->n++];

	*e = (struct image_extent){ .at = p->out,
				    .len = c->len,
				    .source = p->at + CHUNK_HEADER,
				    .how = c->type == RAW ? IMAGE_FROM_SOURCE
							  : IMAGE_PATTERN };
	if (c->type == FILL)
		memcpy(&e->pattern, c->word, 4);
	x->bytes += c->len;
	return BMC_OK;
}

static bool is_wanted(const struct sparse *p, uint64_t end)
{
	const struct image_sparse_limits *l = p->limits;

	return !l->watch || l->watch(l->arg, p->summed, end);
}

/* Compares the CRC32 of the image up to `end`, holes as zeros: what libsparse sums. A
 * few bytes of chunks may be petabytes of that, for which no file is read. */
static int sum(struct sparse *p, uint64_t end, uint32_t wanted, struct bmc_error *err)
{
	const struct image_extents x = { .of = p->x->of, .n = p->x->n, .size = end };
	unsigned char buf[65536];
	ssize_t n;

	if (p->sums++ == SUMS_MAX)
		return bad_chunk(p, "too many checksums", err);
	if (end > p->limits->sum)
		return bmc_fail(err, BMC_ENOSPC,
				"the image unpacks to more than %llu bytes",
				(unsigned long long)p->limits->sum);
	while ((n = image_extents_read(&x, p->s, p->summed, buf, sizeof(buf))) > 0) {
		p->crc = crc32(p->crc, buf, (uInt)n);
		p->summed += (uint64_t)n;
		if (!is_wanted(p, end))
			return bmc_fail(err, BMC_ECANCELED, "cancelled");
	}
	if (n < 0)
		return bmc_fail(err, (int)n, "the image can't be read");
	if (p->crc != wanted)
		return bmc_fail(err, BMC_ECORRUPT,
				"the sparse image's checksum is wrong: it is damaged");
	return BMC_OK;
}

static int take(struct sparse *p, struct bmc_error *err)
{
	struct chunk c;
	int r = read_chunk(p, &c, err);

	if (r == BMC_OK && c.type == CRC)
		r = sum(p, p->out, image_le32(c.word), err);
	else if (r == BMC_OK && c.type != DONT_CARE && c.len > 0)
		r = add(p, &c, err);
	p->at += c.total;
	p->out += c.len;
	return r;
}

static int take_all(struct sparse *p, struct bmc_error *err)
{
	int r = read_header(p, err);

	for (uint32_t i = 0; r == BMC_OK && i < p->chunks; i++)
		r = take(p, err);
	if (r != BMC_OK)
		return r;
	p->x->size = (uint64_t)p->blocks * p->block;
	if (p->out != p->x->size)
		return bmc_fail(err, BMC_ECORRUPT,
				"the sparse image's chunks are %llu bytes, its header "
				"says %llu",
				(unsigned long long)p->out,
				(unsigned long long)p->x->size);
	return p->checksum ? sum(p, p->x->size, p->checksum, err) : BMC_OK;
}

int image_sparse_read(struct image_source *s, const struct image_sparse_limits *limits,
		      struct image_extents *ret, struct bmc_error *err)
{
	struct image_extents x = { 0 };
	struct sparse p = { .s = s, .limits = limits, .x = &x };
	int r = take_all(&p, err);

	if (r == BMC_OK)
		*ret = x;
	else
		image_extents_done(&x);
	return r;
}
