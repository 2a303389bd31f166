// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/image.h"

/* Firmware images in memory, made from facts on their formats and not by agent/image.
 */

struct memory_image {
	struct bmc_image image;
	unsigned char *data; /* owned */
	size_t room;
	uint64_t reads;
};

void memory_image_init(struct memory_image *m);
void memory_image_done(struct memory_image *m);
/** Appends bytes, zeros for NULL; returns where they begin. */
size_t memory_image_add(struct memory_image *m, const void *data, size_t len);
void memory_image_load(struct memory_image *m, const char *path);
void memory_image_le(struct memory_image *m, size_t at, uint64_t n, size_t bytes);

/** A loader for RK3399 ("330C") with an entry of each table. */
void build_loader(struct memory_image *m);

/** One file of an RKAF. */
struct packed_file {
	const char *name, *path;
	const void *data;
	size_t len;
	uint32_t start, room; /* sectors */
};

/** Appends an RKAF of these files (a NULL name ends them). */
void build_rkaf(struct memory_image *m, const struct packed_file *files);
/** An RKFW around a loader and an RKAF. */
void build_rkfw(struct memory_image *m, const struct packed_file *files);
/** A "PARM" around the text; the caller frees it. */
unsigned char *build_parm(const char *text, size_t *ret_len);

/** The sums as their formats have them, a bit at a time. */
uint32_t slow_rkcrc(const unsigned char *p, size_t len);
/** Puts right the sums of an RKFW that build_rkfw() made and a test has changed. */
void seal_rkfw(struct memory_image *m);
void seal_loader(struct memory_image *m);
