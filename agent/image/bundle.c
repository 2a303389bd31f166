// SPDX-License-Identifier: Apache-2.0
/* Reading a signed bundle: a ustar archive (POSIX.1-1988) of regular files. Until the
 * signature is good nothing is looked at but the first kilobyte, in which it stands.
 * Then each member has to be the one that the manifest names next. */
#include "image/bundle.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "core/base/util.h"
#include "image/manifest.h"
#include "image/parameter.h"

#define BLOCK    512u
#define CHUNK    (256u << 10)
#define TAIL_MAX (64u << 10) /* zeros that end an archive */

struct member {
	char name[101];
	uint64_t offset, size; /* of its content */
};

/* ---- tar ---- */

/* A damaged one is one too, lest it be written as a disk's image. */
bool image_is_bundle(struct image_source *s)
{
	unsigned char h[BLOCK];

	return s->size >= BLOCK && image_read_all(s, 0, h, BLOCK, NULL) == BMC_OK &&
	       (memcmp(h + 257, "ustar", 5) == 0 || memcmp(h, "signature", 10) == 0);
}

/* A field of octal digits, ended by a blank or NUL. */
static bool octal(const unsigned char *field, size_t len, uint64_t *ret)
{
	size_t i = 0;

	*ret = 0;
	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
		*ret = *ret << 3 | (uint64_t)(field[i] - '0');
	return i > 0 && (i == len || field[i] == '\0' || field[i] == ' ');
}

static bool sum_is_right(const unsigned char h[BLOCK])
{
	uint64_t said, sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : h[i];
	return octal(h + 148, 8, &said) && said == sum;
}

static bool all_zero(const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i])
			return false;
	return true;
}

static int read_member(struct image_source *s, uint64_t at, struct member *ret,
		       struct bmc_error *err)
{
	unsigned char h[BLOCK];
	int r = image_within(at, BLOCK, s->size)
			? image_read_all(s, at, h, BLOCK, err)
			: bmc_fail(err, BMC_ECORRUPT, "the bundle is cut off");

	if (r != BMC_OK)
		return r;
	memcpy(ret->name, h, 100);
	ret->name[100] = '\0';
	ret->offset = at + BLOCK;
	if (memcmp(h + 257, "ustar\00000", 8) != 0 || !sum_is_right(h) ||
	    (h[156] != '0' && h[156] != '\0') || h[345] != '\0' ||
	    !octal(h + 124, 12, &ret->size) || !image_manifest_name_ok(ret->name))
		return bmc_fail(err, BMC_ECORRUPT,
				"the bundle has at byte %llu no plain file of a ustar "
				"archive",
				(unsigned long long)at);
	if (!image_within(ret->offset, ret->size, s->size))
		return bmc_fail(err, BMC_ECORRUPT, "the bundle's `%s` is cut off",
				ret->name);
	return BMC_OK;
}

static uint64_t end_of(const struct member *m)
{
	return m->offset + (m->size + BLOCK - 1) / BLOCK * BLOCK;
}

/* Two blocks of zeros at least, and nothing else to the end. */
static int check_tail(struct image_source *s, uint64_t at, struct bmc_error *err)
{
	unsigned char h[BLOCK];
	uint64_t len = s->size - MIN(at, s->size);
	int r = BMC_OK;

	if (len < (uint64_t)2 * BLOCK || len > TAIL_MAX || len % BLOCK)
		return bmc_fail(err, BMC_ECORRUPT,
				"the bundle has more files than its manifest names, or "
				"no end");
	for (; r == BMC_OK && at < s->size; at += BLOCK) {
		r = image_read_all(s, at, h, BLOCK, err);
		if (r == BMC_OK && !all_zero(h, BLOCK))
			r = bmc_fail(err, BMC_ECORRUPT,
				     "the bundle has more files than its manifest "
				     "names");
	}
	return r;
}

/* ---- digests ---- */

static int digest_of(struct image_source *s, uint64_t at, uint64_t size,
		     unsigned char ret[32], struct bmc_error *err)
{
	auto_free unsigned char *buf = malloc(CHUNK);
	gnutls_hash_hd_t hash;
	int r = BMC_OK;

	if (!buf || gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) < 0)
		return bmc_fail(err, BMC_ENOMEM, "no memory to check the bundle");
	while (r == BMC_OK && size > 0) {
		size_t n = (size_t)MIN(size, CHUNK);

		r = image_read_all(s, at, buf, n, err);
		if (r == BMC_OK && gnutls_hash(hash, buf, n) < 0)
			r = bmc_fail(err, BMC_EIO, "no digest can be taken");
		at += n;
		size -= n;
	}
	gnutls_hash_deinit(hash, ret);
	return r;
}

static int check_signature(struct image_source *s, const struct image_keys *keys,
			   const char **ret_signer, struct bmc_error *err)
{
	unsigned char signature[BLOCK], digest[32];
	struct member m;
	int r = read_member(s, 0, &m, err);

	if (r != BMC_OK)
		return r;
	if (strcmp(m.name, "signature") != 0 || m.size == 0 || m.size > BLOCK ||
	    s->size <= IMAGE_SIGNED_FROM)
		return bmc_fail(err, BMC_ECORRUPT,
				"the bundle does not begin with its signature");
	r = image_read_all(s, m.offset, signature, sizeof(signature), err);
	if (r == BMC_OK && !all_zero(signature + m.size, BLOCK - m.size))
		r = bmc_fail(err, BMC_ECORRUPT, "the bundle's signature is padded");
	if (r == BMC_OK)
		r = digest_of(s, IMAGE_SIGNED_FROM, s->size - IMAGE_SIGNED_FROM, digest,
			      err);
	if (r != BMC_OK)
		return r;
	*ret_signer = image_keys_find(keys, digest, sizeof(digest), signature, m.size);
	return *ret_signer
		       ? BMC_OK
		       : bmc_fail(err, BMC_EPERM,
				  "no key of `update.keys` has signed the bundle as "
				  "it is: sign it, or add its key");
}

/* ---- what is in it ---- */

static int read_manifest(struct image_source *s, struct member *m,
			 struct image_manifest *ret, struct bmc_error *err)
{
	int r = read_member(s, IMAGE_SIGNED_FROM, m, err);

	if (r != BMC_OK)
		return r;
	if (strcmp(m->name, "manifest") != 0 || m->size > IMAGE_MANIFEST_MAX)
		return bmc_fail(err, BMC_ECORRUPT,
				"the bundle's second file is not its manifest");
	auto_free char *text = calloc(1, m->size + 1);

	if (!text)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the manifest");
	r = image_read_all(s, m->offset, text, m->size, err);
	if (r == BMC_OK && memchr(text, '\0', m->size))
		r = bmc_fail(err, BMC_ECORRUPT, "the bundle's manifest is no text");
	return r == BMC_OK ? image_manifest_read(text, ret, err) : r;
}

static int check_file(struct image_source *s, const struct member *m,
		      const struct image_manifest_file *f, struct bmc_error *err)
{
	unsigned char digest[32];
	char hex[65];

	if (strcmp(m->name, f->name) != 0)
		return bmc_fail(err, BMC_ECORRUPT,
				"the bundle has `%s` where its manifest names `%s`",
				m->name, f->name);
	if (m->size != f->size)
		return bmc_fail(err, BMC_ECORRUPT,
				"the bundle's `%s` has another size than its manifest "
				"says",
				f->name);
	int r = digest_of(s, m->offset, m->size, digest, err);

	if (r != BMC_OK)
		return r;
	bmc_hex(digest, sizeof(digest), hex);
	return strcmp(hex, f->digest) == 0
		       ? BMC_OK
		       : bmc_fail(err, BMC_ECORRUPT,
				  "the bundle's `%s` has another digest than its "
				  "manifest says",
				  f->name);
}

static void add_part(struct image_update *u, const struct member *m,
		     const struct image_manifest_file *f)
{
	struct image_file *to = &u->of[u->n++];

	(void)bmc_copy(to->name, sizeof(to->name), f->partition);
	to->offset = m->offset;
	to->size = m->size;
	to->start = f->role == IMAGE_ROLE_DISK ? 0 : IMAGE_NO_SECTOR;
	to->room = 0;
}

static void place(struct image_bundle *b, struct image_update *u,
		  const struct member *m, const struct image_manifest_file *f)
{
	switch (f->role) {
	case IMAGE_ROLE_LOADER:
		u->loader_offset = m->offset;
		u->loader_size = m->size;
		break;
	case IMAGE_ROLE_PARAMETER:
		u->parameter_offset = m->offset;
		u->parameter_size = m->size;
		break;
	case IMAGE_ROLE_UPDATE:
		b->inner_offset = m->offset;
		b->inner_size = m->size;
		break;
	case IMAGE_ROLE_PARTITION:
	case IMAGE_ROLE_DISK:
		add_part(u, m, f);
		break;
	}
}

static int read_files(struct image_source *s, const struct image_manifest *manifest,
		      struct member *m, struct image_bundle *b, struct image_update *u,
		      struct bmc_error *err)
{
	int r = BMC_OK;

	for (size_t i = 0; r == BMC_OK && i < manifest->n; i++) {
		const struct image_manifest_file *f = &manifest->of[i];

		r = read_member(s, end_of(m), m, err);
		if (r == BMC_OK)
			r = check_file(s, m, f, err);
		if (r == BMC_OK && f->role == IMAGE_ROLE_PARAMETER &&
		    f->size > IMAGE_PARAMETER_MAX)
			r = bmc_fail(err, BMC_ECORRUPT, "`%s` is too long", f->name);
		if (r == BMC_OK)
			place(b, u, m, f);
	}
	return r == BMC_OK ? check_tail(s, end_of(m), err) : r;
}

int image_bundle_read(struct image_source *s, const struct image_keys *keys,
		      struct image_bundle *ret, struct image_update *files,
		      struct bmc_error *err)
{
	auto_free struct image_manifest *manifest = malloc(sizeof(*manifest));
	struct member m;

	*ret = (struct image_bundle){ 0 };
	*files = (struct image_update){ 0 };
	if (!manifest)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the manifest");
	int r = check_signature(s, keys, &ret->signer, err);

	if (r == BMC_OK)
		r = read_manifest(s, &m, manifest, err);
	if (r != BMC_OK)
		return r;
	memcpy(ret->version, manifest->version, sizeof(ret->version));
	memcpy(files->chip, manifest->target, sizeof(files->chip));
	return read_files(s, manifest, &m, ret, files, err);
}
