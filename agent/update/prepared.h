// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdatomic.h>
#include <time.h>

#include "core/ports/images.h"
#include "image/image.h"

/* A checked image of one job. agent/update's own: check.c makes it,
 * shared-reads.c reads it for the boards, offer.c serves it to those that
 * fetch it. Everything but `refs`, `reads` and `offers` stays as it is. */

struct upd_stored;
struct upd_reads;
struct upd_offers;
struct upd_watch;

struct bmc_prepared {
	_Atomic unsigned refs;
	/* Called with the last reference; frees it with all that is in it. */
	void (*free)(struct bmc_prepared *p);
	struct upd_stored *stored; /* owned reference: the file is there */
	/* The file as it is stored; pread, so any thread. Its ref and unref are those
	 * of the prepared image. */
	struct bmc_image file;
	int fd; /* the same, read-only: pread and sendfile only; owned */
	/* What is in it. Owned; one thread at a time, and whoever reads a part holds
	 * the lock of `reads`. */
	struct image *image;
	uint32_t task;
	char id[BMC_ID_MAX];
	char name[BMC_NAME_MAX];
	/* A file of the firmware folder may be changed while it is in use: reads fail
	 * when its time of change is another one. */
	bool in_folder;
	struct timespec changed;
	/* While it is checked: what looks at each read of the file, and ends it with an
	 * error. Else NULL. */
	struct upd_watch *watch;
	/* Made at the first open, or offer; freed with the image. */
	struct upd_reads *_Atomic reads;
	struct upd_offers *_Atomic offers;
};

/** The prepared image that has this file; borrowed. */
static inline struct bmc_prepared *upd_prepared_of(const struct bmc_image *file)
{
	return (struct bmc_prepared *)((char *)(uintptr_t)file -
				       offsetof(struct bmc_prepared, file));
}

/** A reference more, one less; the last one frees it. Accept NULL. Any thread. */
void upd_prepared_ref(struct bmc_prepared *p);
void upd_prepared_unref(struct bmc_prepared *p);
