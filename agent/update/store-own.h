// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include "update/store.h"

/* What the store's files share. */

#define UPD_DIGEST_HEX 64

/* What makes a file the same file with the same content. */
struct upd_identity {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime, ctime;
};

struct upd_stored {
	LIST_ENTRY(upd_stored) link;
	struct bmc_stored_image row;
	unsigned refs;
	bool listed;  /* in the list; else its file is gone, and the last reference ends
			 it */
	bool seen;    /* in the present scan of the firmware folder */
	int64_t held; /* BMC_TIME */
	int64_t used; /* ms since 1970 */
	struct upd_identity hashed; /* when it had its digest; dev, ino 0: never */
	struct upd_identity found;  /* of a file of the firmware folder: when listed */
};

struct upd_store {
	pthread_mutex_t lock;
	LIST_HEAD(, upd_stored) list;
	int dir, folder; /* descriptors, -1: none */
	uint64_t bytes, max_bytes, keep_free;
	unsigned images, max_images, folder_images;
	uint32_t last; /* number of a row */
	void (*changed)(void);
};
extern struct upd_store upd_store;

/** Makes room for so many bytes more, and for an image more; accounts for them. Under
 * the lock. */
int upd_store_reserve(uint64_t bytes, bool image, struct bmc_error *err);
void upd_store_release(uint64_t bytes, bool image);
/** Adds an entry to the list; stolen. Under the lock. */
struct upd_stored *upd_store_insert(struct upd_stored *s);
/** Takes it out of the list, and frees it if it is not referred to. Under the lock. */
void upd_store_drop(struct upd_stored *s);
struct upd_stored *upd_store_find(const char *id);
/** A job uses it from now on: a reference to it. Under the lock. */
struct upd_stored *upd_store_use(struct upd_stored *s);

struct upd_identity upd_identity_of(const struct stat *st);
bool upd_identity_equal(const struct upd_identity *a, const struct upd_identity *b);

/** Reads and writes DIGEST.txt; what can't be read is as if it were not there. */
void upd_facts_read(struct upd_stored *s);
void upd_facts_write(const struct upd_stored *s);
/** Takes over the files of the store's folder, removes what was interrupted. */
void upd_files_take_over(void);
/** Removes an image's files. */
void upd_files_remove(const char *digest);
