// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "bmc/error.h"
#include "core/model/service.h"

/* The images that are stored: DIR/DIGEST.img, each named by its SHA-256 and complete
 * since it has that name, beside DIGEST.txt with what is known of it; and the firmware
 * folder's files, which are only listed. When the bound is reached the image that was
 * used least recently goes; one that is in use never does. Any thread, if nothing else
 * is said; calls wait for local storage. */

struct upd_store_conf {
	const char *dir;    /* copied; made when it is missing */
	const char *folder; /* the firmware folder, copied; "": none */
	uint64_t bytes;     /* of all images that are stored */
	unsigned images;    /* how many */
	uint64_t keep_free; /* bytes of the file system that are left alone */
	/* Something about an image has changed. Any thread; must not call the store. */
	void (*changed)(void);
};

#define UPD_FOLDER_MAX 256u /* files of the firmware folder that are listed */

/** Opens the store, takes over what is in it and removes what was interrupted. Main
 * thread. */
int upd_store_init(const struct upd_store_conf *conf, struct bmc_error *err);
/** All references have been given back. Main thread. */
void upd_store_done(void);

/* An image that is stored. Counted; the file stays as long as there is a reference. */
struct upd_stored;

/** The image with this id, or the file of the firmware folder with this name; a
 * reference, NULL: there is none. */
struct upd_stored *upd_store_get(const char *id);
/** Whether there is one. */
bool upd_store_has(const char *id);
struct upd_stored *upd_stored_ref(struct upd_stored *s);
/** Accepts and returns NULL. */
struct upd_stored *upd_stored_unref(struct upd_stored *s);
/** Its row as it is now. */
void upd_stored_row(struct upd_stored *s, struct bmc_stored_image *ret);
/** Opens its file for reading. */
int upd_stored_open(struct upd_stored *s, int *ret_fd, struct bmc_error *err);
/** Whether its content has had the digest of its row while this process runs, and the
 * file (of `fd`) is still the same. */
bool upd_stored_is_hashed(struct upd_stored *s, int fd);
/** Its content has this digest (64 digits) now. BMC_ECORRUPT: it is stored by another
 * one. */
int upd_stored_hashed(struct upd_stored *s, int fd, const char *digest,
		      struct bmc_error *err);
/** Takes format, packing, chip, version, trust, signer, state and reason from `row`. */
void upd_stored_found(struct upd_stored *s, const struct bmc_stored_image *row);
/** It is not removed to make room before `until` (BMC_TIME). */
void upd_stored_hold(struct upd_stored *s, int64_t until);

/** Calls `each` with every image's row, under the store's lock. */
void upd_store_each(void (*each)(void *arg, const struct bmc_stored_image *row),
		    void *arg);
/** Removes one. BMC_ENOTFOUND, BMC_EBUSY (a job uses it), BMC_EREADONLY (a file of the
 * firmware folder). */
int upd_store_remove(const char *id, struct bmc_error *err);
/** Looks for changes in the firmware folder. */
void upd_store_scan(void);
/** Bytes of the largest image that can be stored. */
uint64_t upd_store_max(void);

/* ---- images on their way into the store ---- */

struct upd_incoming;

/** Begins one of `size` bytes (UINT64_MAX: not known). `name` is hostile, or NULL.
 * BMC_ERANGE: larger than the store; BMC_ENOSPC: there is no room. */
int upd_incoming_new(const char *name, uint64_t size, struct upd_incoming **ret,
		     struct bmc_error *err);
/** Appends bytes. BMC_ERANGE: more than were announced, or than the store has;
 * BMC_ENOSPC, BMC_EIO. After an error it can only be aborted. One thread at a time. */
int upd_incoming_append(struct upd_incoming *in, const void *buf, size_t len,
			struct bmc_error *err);
/** All bytes are in: `*ret` is the image (a reference), which may have been there
 * before. Steals `in`, also on failure. BMC_EIO: fewer bytes than were announced. */
int upd_incoming_commit(struct upd_incoming *in, struct upd_stored **ret,
			struct bmc_error *err);
/** Drops it; nothing of it is left. Accepts and returns NULL. */
struct upd_incoming *upd_incoming_abort(struct upd_incoming *in);
