// SPDX-License-Identifier: Apache-2.0
/* Rockchip's RKFW: the frame of an update.img. RKAF is rkaf.c. */
#include "image/rkfw.h"

#include <ctype.h>
#include <gnutls/crypto.h>
#include <string.h>

#include "core/base/util.h"
#include "image/rkaf.h"

#define HEADER 0x66u
#define MD5    32u /* hexadecimal digits */
/* A signature, when there is one, is behind the MD5. */
#define SIGNATURE_MAX 512u

static bool begins(struct image_source *s, const char *tag)
{
	char is[4];

	return s->read(s, 0, is, sizeof(is)) == (ssize_t)sizeof(is) &&
	       memcmp(is, tag, sizeof(is)) == 0;
}

bool image_is_rkfw(struct image_source *s)
{
	return begins(s, "RKFW");
}

bool image_is_rkaf(struct image_source *s)
{
	return begins(s, "RKAF");
}

static int bad(const char *what, struct bmc_error *err)
{
	return bmc_fail(err, BMC_ECORRUPT, "update.img (RKFW) is damaged: %s", what);
}

static int md5_of(struct image_source *s, uint64_t len, char ret[MD5 + 1],
		  struct bmc_error *err)
{
	unsigned char buf[65536], digest[16];
	gnutls_hash_hd_t md5;
	int r = BMC_OK;

	if (gnutls_hash_init(&md5, GNUTLS_DIG_MD5) != 0)
		return bmc_fail(err, BMC_ENOMEM, "no memory for a digest");
	for (uint64_t at = 0; r == BMC_OK && at < len; at += sizeof(buf)) {
		size_t n = MIN(sizeof(buf), len - at);

		r = image_read_all(s, at, buf, n, err);
		if (r == BMC_OK && gnutls_hash(md5, buf, n) != 0)
			r = bmc_fail(err, BMC_EIO, "the digest failed");
	}
	gnutls_hash_deinit(md5, digest);
	bmc_hex(digest, sizeof(digest), ret);
	return r;
}

/* The MD5 of all before it, as text, at `at`. */
static int check_md5(struct image_source *s, uint64_t at, struct bmc_error *err)
{
	char wanted[MD5 + 1], is[MD5 + 1] = "";
	int r = image_read_all(s, at, is, MD5, err);

	if (r == BMC_OK)
		r = md5_of(s, at, wanted, err);
	if (r != BMC_OK)
		return r;
	for (size_t i = 0; i < MD5; i++)
		is[i] = (char)tolower((unsigned char)is[i]);
	return strcmp(is, wanted) == 0 ? BMC_OK : bad("its MD5 is wrong", err);
}

/* Where the RKAF is; its size may have 64 bits ("HI"). */
static void firmware_place(const unsigned char *h, uint64_t *ret_at, uint64_t *ret_size)
{
	const unsigned char *reserved = h + 0x29;

	*ret_at = image_le32(h + 0x21);
	*ret_size = image_le32(h + 0x25);
	if (memcmp(reserved + 14, "HI", 2) == 0)
		*ret_size |= (uint64_t)image_le32(reserved + 16) << 32;
}

static int read_frame(struct image_source *s, struct image_update *ret,
		      uint64_t *ret_at, uint64_t *ret_size, struct bmc_error *err)
{
	unsigned char h[HEADER];
	int r = image_read_all(s, 0, h, sizeof(h), err);

	if (r != BMC_OK)
		return r;
	image_chip_tag(h + 0x15, ret->chip);
	ret->loader_offset = image_le32(h + 0x19);
	ret->loader_size = image_le32(h + 0x1d);
	firmware_place(h, ret_at, ret_size);
	uint64_t end = *ret_at + *ret_size;

	if (image_le16(h + 4) != HEADER || !*ret->chip)
		return bad("its header is another one", err);
	if (!image_within(*ret_at, *ret_size, s->size) || s->size - end < MD5 ||
	    s->size - end > MD5 + SIGNATURE_MAX)
		return bad("the firmware's size does not fit the file", err);
	if (ret->loader_offset < HEADER ||
	    !image_within(ret->loader_offset, ret->loader_size, *ret_at))
		return bad("the loader overlaps the header or the firmware", err);
	return check_md5(s, end, err);
}

int image_update_read(struct image_source *s, struct image_update *ret,
		      struct bmc_error *err)
{
	uint64_t at = 0, size = s->size;
	int r = BMC_OK;

	*ret = (struct image_update){ 0 };
	if (image_is_rkfw(s))
		r = read_frame(s, ret, &at, &size, err);
	return r == BMC_OK ? image_rkaf_read(s, at, size, ret, err) : r;
}
