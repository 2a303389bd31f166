// SPDX-License-Identifier: Apache-2.0
/* USM users' keys made ready, see v3-user.h. Called by v3.c. */
#include "snmp/reader/v3-user.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <string.h>

#include "core/base/util.h"

/* clang-format off */
#define PROTOCOL(oids) (oids), OID_LENGTH(oids)
/* RFC 3414 and RFC 7860: octets of the digest that a message has. */
static const struct hash {
	const oid *id;
	size_t id_len, mac_len;
	const struct nettle_mac *mac;
} hashes[] = {
	{ PROTOCOL(usmHMAC192SHA256AuthProtocol), 24, &nettle_hmac_sha256 },
	{ PROTOCOL(usmHMAC384SHA512AuthProtocol), 48, &nettle_hmac_sha512 },
	{ PROTOCOL(usmHMAC256SHA384AuthProtocol), 32, &nettle_hmac_sha384 },
	{ PROTOCOL(usmHMAC128SHA224AuthProtocol), 16, &nettle_hmac_sha224 },
	{ PROTOCOL(usmHMACSHA1AuthProtocol),      12, &nettle_hmac_sha1 },
};
static const struct cipher {
	const oid *id;
	size_t id_len, key_len;
	nettle_set_key_func *set_key;
	nettle_cipher_func *encrypt;
} ciphers[] = {
	{ PROTOCOL(usmAES256PrivProtocol), AES256_KEY_SIZE,
	  (nettle_set_key_func *)aes256_set_encrypt_key, (nettle_cipher_func *)aes256_encrypt },
	{ PROTOCOL(usmAES192PrivProtocol), AES192_KEY_SIZE,
	  (nettle_set_key_func *)aes192_set_encrypt_key, (nettle_cipher_func *)aes192_encrypt },
	{ PROTOCOL(usmAESPrivProtocol), AES128_KEY_SIZE,
	  (nettle_set_key_func *)aes128_set_encrypt_key, (nettle_cipher_func *)aes128_encrypt },
};
/* clang-format on */

static struct sn_v3_user users[SN_V3_USERS_MAX];
static size_t n_users;

static bool set_hash(const struct usmUser *from, struct sn_v3_user *u)
{
	for (size_t i = 0; i < ARRAY_SIZE(hashes); i++) {
		const struct hash *h = &hashes[i];
		if (netsnmp_oid_equals(from->authProtocol, from->authProtocolLen, h->id,
				       h->id_len) != 0)
			continue;
		if (!from->authKey || from->authKeyLen != h->mac->key_size)
			return false;
		u->mac = h->mac;
		u->mac_len = h->mac_len;
		h->mac->set_key(&u->hash, from->authKey);
		return true;
	}
	return false;
}

/* The key may be longer than the cipher takes: it is a hash. */
static bool set_cipher(const struct usmUser *from, struct sn_v3_user *u)
{
	if (netsnmp_oid_equals(from->privProtocol, from->privProtocolLen,
			       usmNoPrivProtocol, OID_LENGTH(usmNoPrivProtocol)) == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
		const struct cipher *c = &ciphers[i];
		if (netsnmp_oid_equals(from->privProtocol, from->privProtocolLen, c->id,
				       c->id_len) != 0)
			continue;
		if (!from->privKey || from->privKeyLen < c->key_len)
			return false;
		u->encrypt = c->encrypt;
		c->set_key(&u->cipher, from->privKey);
		return true;
	}
	return false;
}

static struct sn_v3_user *add(const uint8_t *engine, size_t engine_len,
			      const uint8_t *name, size_t len)
{
	struct sn_v3_user *u = &users[n_users];

	if (len < 1 || len > SN_V3_NAME_MAX || n_users == SN_V3_USERS_MAX ||
	    memchr(name, 0, len))
		return NULL;
	memset(u, 0, sizeof(*u));
	memcpy(u->name, name, len);
	u->name_len = len;
	const struct usmUser *from = usm_get_user(engine, engine_len, u->name);
	if (from && from->userStatus == SNMP_ROW_ACTIVE && set_hash(from, u) &&
	    set_cipher(from, u)) {
		n_users++;
		return u;
	}
	bmc_wipe(u, sizeof(*u));
	return NULL;
}

struct sn_v3_user *sn_v3_user_find(const uint8_t *engine, size_t engine_len,
				   const uint8_t *name, size_t len)
{
	for (size_t i = 0; i < n_users; i++) {
		if (users[i].name_len == len && memcmp(users[i].name, name, len) == 0)
			return &users[i];
	}
	return add(engine, engine_len, name, len);
}

void sn_v3_digest(struct sn_v3_user *u, const struct sn_v3_piece *pieces, size_t n,
		  uint8_t *ret)
{
	for (size_t i = 0; i < n; i++)
		u->mac->update(&u->hash, pieces[i].len, pieces[i].data);
	u->mac->digest(&u->hash, u->mac_len, ret);
}

void sn_v3_encrypt(const struct sn_v3_user *u, uint8_t iv[SN_V3_IV_LEN], size_t len,
		   uint8_t *to, const uint8_t *from)
{
	cfb_encrypt(&u->cipher, u->encrypt, SN_V3_IV_LEN, iv, len, to, from);
}

void sn_v3_decrypt(const struct sn_v3_user *u, uint8_t iv[SN_V3_IV_LEN], size_t len,
		   uint8_t *to, const uint8_t *from)
{
	cfb_decrypt(&u->cipher, u->encrypt, SN_V3_IV_LEN, iv, len, to, from);
}

void sn_v3_users_forget(void)
{
	bmc_wipe(users, sizeof(users));
	n_users = 0;
}
