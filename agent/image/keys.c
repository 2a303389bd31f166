// SPDX-License-Identifier: Apache-2.0
/* Trusted keys, and whether one of them has signed something. */
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>

#include "core/base/util.h"
#include "image/bundle.h"

#define NAME_MAX_BYTES 64
#define RSA_BITS_MIN   2048u

struct key {
	char name[NAME_MAX_BYTES];
	gnutls_pubkey_t key;
	gnutls_sign_algorithm_t sign;
};

struct image_keys {
	size_t n;
	struct key of[IMAGE_KEYS_MAX];
};

struct image_keys *image_keys_new(void)
{
	return calloc(1, sizeof(struct image_keys));
}

struct image_keys *image_keys_free(struct image_keys *k)
{
	for (size_t i = 0; k && i < k->n; i++)
		gnutls_pubkey_deinit(k->of[i].key);
	free(k);
	return NULL;
}

/* How its signatures are made; unknown: not taken. */
static gnutls_sign_algorithm_t algorithm_of(gnutls_pubkey_t key)
{
	unsigned bits = 0;

	switch (gnutls_pubkey_get_pk_algorithm(key, &bits)) {
	case GNUTLS_PK_EDDSA_ED25519:
		return GNUTLS_SIGN_EDDSA_ED25519;
	case GNUTLS_PK_ECDSA:
		return GNUTLS_SIGN_ECDSA_SHA256;
	case GNUTLS_PK_RSA:
		return bits >= RSA_BITS_MIN ? GNUTLS_SIGN_RSA_SHA256
					    : GNUTLS_SIGN_UNKNOWN;
	default:
		return GNUTLS_SIGN_UNKNOWN;
	}
}

int image_keys_add(struct image_keys *k, const char *name, const char *pem, size_t len,
		   struct bmc_error *err)
{
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)pem, (unsigned)len };
	struct key *key = &k->of[k->n];

	if (k->n == IMAGE_KEYS_MAX)
		return bmc_fail(err, BMC_ENOSPC, "more than %u trusted keys",
				IMAGE_KEYS_MAX);
	if (gnutls_pubkey_init(&key->key) < 0)
		return bmc_fail(err, BMC_ENOMEM, "no memory for a trusted key");
	if (gnutls_pubkey_import(key->key, &data, GNUTLS_X509_FMT_PEM) < 0 ||
	    (key->sign = algorithm_of(key->key)) == GNUTLS_SIGN_UNKNOWN) {
		gnutls_pubkey_deinit(key->key);
		return bmc_fail(err, BMC_EINVAL,
				"key `%s`: not a public key in PEM (Ed25519, ECDSA, or "
				"RSA of 2048 bits and more)",
				name);
	}
	(void)bmc_copy(key->name, sizeof(key->name), name);
	k->n++;
	return BMC_OK;
}

const char *image_keys_find(const struct image_keys *k, const void *signed_bytes,
			    size_t len, const void *signature, size_t signature_len)
{
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)signed_bytes,
				(unsigned)len },
		       sig = { (unsigned char *)(uintptr_t)signature,
			       (unsigned)signature_len };

	for (size_t i = 0; k && i < k->n; i++)
		if (gnutls_pubkey_verify_data2(k->of[i].key, k->of[i].sign, 0, &data,
					       &sig) == 0)
			return k->of[i].name;
	return NULL;
}
