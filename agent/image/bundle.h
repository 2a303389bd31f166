// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/source.h"

/* Signed bundles: a tar archive whose first member is a signature over the SHA-256 of
 * all that follows it, whose second one says what the files after it are. doc/bundle.md
 * describes the format, and how one is made. */

#define IMAGE_KEYS_MAX 16u

/* The keys that are trusted. */
struct image_keys;

/** NULL: no memory. */
struct image_keys *image_keys_new(void);
/** Accepts and returns NULL. */
struct image_keys *image_keys_free(struct image_keys *k);
/** Adds a public key (PEM) under this name: Ed25519, ECDSA, or RSA of 2,048 bits and
 * more. BMC_EINVAL, BMC_ENOSPC (more than IMAGE_KEYS_MAX). */
int image_keys_add(struct image_keys *k, const char *name, const char *pem, size_t len,
		   struct bmc_error *err);
/** The name of the key that has signed these bytes; NULL: none has. Borrowed. Any
 * thread. */
const char *image_keys_find(const struct image_keys *k, const void *signed_bytes,
			    size_t len, const void *signature, size_t signature_len);

/* ---- for image.c ---- */

#define IMAGE_MANIFEST_MAX 65536u /* bytes */
#define IMAGE_SIGNED_FROM  1024u  /* where what is signed begins */

struct image_update; /* image/rkfw.h */

struct image_bundle {
	const char *signer; /* borrowed from the keys */
	char version[48];
	/* "Role: update": a file that is an image by itself; size 0: it has none */
	uint64_t inner_offset, inner_size;
};

/** True when the source is a tar archive. */
bool image_is_bundle(struct image_source *s);

/** Checks the signature over all of it, then what it has: `files` gets its target,
 * loader, parameter and parts as those of an update.img. BMC_EPERM: no trusted key has
 * signed it, as it is now. */
int image_bundle_read(struct image_source *s, const struct image_keys *keys,
		      struct image_bundle *ret, struct image_update *files,
		      struct bmc_error *err);
