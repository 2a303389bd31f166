// SPDX-License-Identifier: Apache-2.0
// Messages of SNMPv3 with right digests, for the SNMP fuzz target.
#include "usm.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <nettle/aes.h>
#include <nettle/cfb.h>
#include <nettle/hmac.h>
#include <string.h>

#define MAC_LEN 24
#define AUTH    1
#define PRIV    2

static const uint8_t engine[] = { 0x80, 0, 0, 0, 1, 2, 3, 4 };

/* Puts a head ahead of `at`. */
static uint8_t *head(uint8_t *at, uint8_t tag, size_t len)
{
	if (len > 0xff)
		*--at = (uint8_t)len, *--at = (uint8_t)(len >> 8), *--at = 0x82;
	else if (len > 0x7f)
		*--at = (uint8_t)len, *--at = 0x81;
	else
		*--at = (uint8_t)len;
	*--at = tag;
	return at;
}

static uint8_t *put(uint8_t *at, uint8_t tag, const void *data, size_t len)
{
	at -= len;
	memcpy(at, data, len);
	return head(at, tag, len);
}

static uint8_t *put_number(uint8_t *at, uint32_t n)
{
	uint8_t *end = at;

	do {
		*--at = (uint8_t)n;
		n >>= 8;
	} while (n || *at & 0x80);
	return head(at, 2, (size_t)(end - at));
}

static void encrypt(const struct usmUser *u, uint32_t boots, uint32_t now,
		    uint8_t *data, size_t len)
{
	struct aes256_ctx key;
	uint8_t iv[16] = { 0 };

	for (int i = 0; i < 4; i++) {
		iv[i] = (uint8_t)(boots >> (24 - 8 * i));
		iv[4 + i] = (uint8_t)(now >> (24 - 8 * i));
	}
	aes256_set_encrypt_key(&key, u->privKey);
	cfb_encrypt(&key, (nettle_cipher_func *)aes256_encrypt, sizeof(iv), iv, len,
		    data, data);
}

static void sign(const struct usmUser *u, const uint8_t *data, size_t len, uint8_t *ret)
{
	struct hmac_sha256_ctx mac;

	hmac_sha256_set_key(&mac, u->authKeyLen, u->authKey);
	hmac_sha256_update(&mac, len, data);
	hmac_sha256_digest(&mac, MAC_LEN, ret);
}

size_t usm_message(const uint8_t *data, size_t size, int late, uint8_t *ret)
{
	static const uint8_t zeros[MAC_LEN];
	const struct usmUser *u = usm_get_user(engine, sizeof(engine), "u");
	uint32_t boots = (uint32_t)snmpv3_local_snmpEngineBoots(),
		 now = (uint32_t)((int64_t)snmpv3_local_snmpEngineTime() - late);
	uint8_t *end = ret + size + USM_HEAD, *at = end, *usm, *digest, flags;

	if (size < 2 || *data != USM_MARK || size > 60000 || !u)
		return 0;
	flags = data[1];
	at -= size - 2;
	memcpy(at, data + 2, size - 2);
	if (flags & PRIV) {
		encrypt(u, boots, now, at, size - 2);
		at = head(at, 4, size - 2);
	}
	usm = at;
	at = put(at, 4, zeros, flags & PRIV ? 8 : 0);
	at = put(at, 4, zeros, flags & AUTH ? MAC_LEN : 0);
	digest = at + 2;
	at = put(at, 4, "u", 1);
	at = put_number(at, now);
	at = put_number(at, boots);
	at = put(at, 4, engine, sizeof(engine));
	at = head(at, 0x30, (size_t)(usm - at));
	at = head(at, 4, (size_t)(usm - at));
	usm = at;
	at = put_number(at, 3);
	at = put(at, 4, &flags, 1);
	at = put_number(at, 65507);
	at = put_number(at, 7);
	at = head(at, 0x30, (size_t)(usm - at));
	at = put_number(at, 3);
	at = head(at, 0x30, (size_t)(end - at));
	if (flags & AUTH)
		sign(u, at, (size_t)(end - at), digest);
	memmove(ret, at, (size_t)(end - at));
	return (size_t)(end - at);
}
