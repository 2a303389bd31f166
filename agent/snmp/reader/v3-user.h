// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nettle/aes.h>
#include <nettle/cfb.h>
#include <nettle/hmac.h>
#include <nettle/nettle-meta.h>
#include <stdbool.h>

#include "snmp/reader/reader.h"

/* USM users with their keys made ready: HMAC's inner and outer states and AES's round
 * keys are computed once for each user, not for each message. net-snmp's table of users
 * is where they come from. SNMP's thread. */

#define SN_V3_MAC_MAX   48 /* octets of a digest in a message: HMAC-384-SHA-512 */
#define SN_V3_NAME_MAX  32 /* RFC 3414, usmUserName */
#define SN_V3_SALT_LEN  8
#define SN_V3_IV_LEN    AES_BLOCK_SIZE
#define SN_V3_USERS_MAX 64

struct sn_v3_user {
	char name[SN_V3_NAME_MAX + 1];
	size_t name_len;
	const struct nettle_mac *mac;
	size_t mac_len; /* of its digest in a message */
	union {
		struct hmac_sha1_ctx sha1;
		struct hmac_sha256_ctx sha256;
		struct hmac_sha512_ctx sha512;
	} hash;
	nettle_cipher_func *encrypt; /* NULL: the user has no key for it */
	union {
		struct aes128_ctx aes128;
		struct aes192_ctx aes192;
		struct aes256_ctx aes256;
	} cipher;
	struct sn_view *views[2]; /* without and with encryption; NULL: not asked yet */
};

/** The user of this engine with that name. NULL: there is none, or its protocols are
 * others. Borrowed until sn_reader_v3_forget. */
struct sn_v3_user *sn_v3_user_find(const uint8_t *engine, size_t engine_len,
				   const uint8_t *name, size_t len);

/** Its digest of `n` pieces in a row, truncated to `mac_len`. */
struct sn_v3_piece {
	const void *data;
	size_t len;
};
void sn_v3_digest(struct sn_v3_user *u, const struct sn_v3_piece *pieces, size_t n,
		  uint8_t *ret);

/** AES in CFB mode (RFC 3826), in place or not. The user has `encrypt`. `iv` is used
 * up. */
void sn_v3_encrypt(const struct sn_v3_user *u, uint8_t iv[SN_V3_IV_LEN], size_t len,
		   uint8_t *to, const uint8_t *from);
void sn_v3_decrypt(const struct sn_v3_user *u, uint8_t iv[SN_V3_IV_LEN], size_t len,
		   uint8_t *to, const uint8_t *from);

/** Wipes and drops all. */
void sn_v3_users_forget(void);
