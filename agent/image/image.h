// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/bundle.h"
#include "image/extents.h"
#include "image/parameter.h"
#include "image/rkboot.h"
#include "image/unpack.h"

/* What a firmware image is and what of it is written where. Everything in a file is
 * hostile: it is checked, with all its sums, before image_open() returns; memory stays
 * below 64 MiB. One thread at a time for each struct image. */

#define IMAGE_PARTS_MAX 64u
#define IMAGE_ANYWHERE  UINT64_MAX /* the partition of this name, wherever it is */

struct image_part {
	char name[IMAGE_PARTITION_NAME + 1]; /* "": the whole storage */
	uint64_t start;              /* its first sector, or IMAGE_ANYWHERE    */
	uint64_t room;               /* sectors it may take, 0: not known      */
	uint64_t file_at;            /* where it begins in what the file unpacks to */
	struct image_source *source; /* owned                                  */
	struct image_extents extents;
};

struct image {
	const char *format;  /* "raw", "sparse", "rkfw", "rkaf", "loader", "bundle" */
	const char *packing; /* "gzip", "xz", "zstd"; NULL: none          */
	char chip[IMAGE_CHIP_MAX]; /* "": it does not say                 */
	char version[48];          /* of a bundle; "": it does not say    */
	char signer[64]; /* name of the trusted key that has signed it; "": none */
	bool has_loader, has_parameter;
	struct image_loader loader; /* its entries lie in `loader_source` */
	struct image_parameter parameter;
	struct image_source *loader_source; /* owned, or NULL */
	size_t n;
	struct image_part of[IMAGE_PARTS_MAX]; /* ascending where `start` is known */
	struct image_source *file, *unpacked;  /* owned */
	struct image_source *inner; /* the file of a bundle that is an image; owned */
	const struct image_limits *limits; /* while it is opened  */
	size_t n_extents;                  /* of all sparse parts */
};

struct image_limits {
	uint64_t size;         /* bytes that it may unpack to */
	image_watch_fn *watch; /* NULL: none                  */
	void *arg;
	const struct image_keys *keys; /* trusted; NULL: none */
};

/** Reads and checks `file`, which is borrowed and outlives the image. BMC_ECORRUPT:
 * what is in it contradicts itself; BMC_EPERM: a bundle that no trusted key has
 * signed; BMC_ENOTSUP: a format or version that is not known;
 * BMC_ENOSPC: it is larger than a limit. */
int image_open(const struct bmc_image *file, const struct image_limits *limits,
	       struct image **ret, struct bmc_error *err);

/** Accepts and returns NULL. */
struct image *image_free(struct image *i);

/** Reads what is written at `offset` (bytes) of the part, as image_source.read; what no
 * extent covers reads as zeros. */
ssize_t image_part_read(const struct image_part *part, uint64_t offset, void *buf,
			size_t len);
