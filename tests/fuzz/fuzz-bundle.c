// SPDX-License-Identifier: Apache-2.0
// Fuzz target: signed bundles. Input: what follows the signature, which is made here
// with a key that is trusted, so that what stands behind it is reached.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "../unit/image-fixture.h"
#include "fuzz.h"
#include "image/image.h"

static gnutls_privkey_t secret;
static struct image_keys *keys;

static void make_keys(void)
{
	gnutls_pubkey_t key;
	gnutls_datum_t pem;

	if (gnutls_privkey_init(&secret) < 0 || gnutls_pubkey_init(&key) < 0 ||
	    gnutls_privkey_generate(secret, GNUTLS_PK_EDDSA_ED25519, 0, 0) < 0 ||
	    gnutls_pubkey_import_privkey(key, secret, 0, 0) < 0 ||
	    gnutls_pubkey_export2(key, GNUTLS_X509_FMT_PEM, &pem) < 0)
		abort();
	keys = image_keys_new();
	if (!keys || image_keys_add(keys, "fuzz", (char *)pem.data, pem.size, NULL) < 0)
		abort();
	gnutls_free(pem.data);
	gnutls_pubkey_deinit(key);
}

/* A tar header by hand. */
static void add_signature(struct memory_image *m, const gnutls_datum_t *signature)
{
	unsigned char h[1024] = "signature";
	unsigned sum = 0;

	(void)snprintf((char *)h + 124, 12, "%011o", signature->size);
	memcpy(h + 257, "ustar\00000", 8);
	h[156] = '0';
	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += h[i];
	(void)snprintf((char *)h + 148, 8, "%06o", sum);
	memcpy(h + 512, signature->data, signature->size);
	(void)memory_image_add(m, h, sizeof(h));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_limits limits = { .size = 1u << 20 };
	unsigned char digest[32];
	gnutls_datum_t what = { digest, sizeof(digest) }, signature;
	struct memory_image m;
	struct image *i;

	if (!keys)
		make_keys();
	limits.keys = keys;
	memory_image_init(&m);
	(void)gnutls_hash_fast(GNUTLS_DIG_SHA256, data, size, digest);
	if (gnutls_privkey_sign_data2(secret, GNUTLS_SIGN_EDDSA_ED25519, 0, &what,
				      &signature) < 0)
		abort();
	add_signature(&m, &signature);
	gnutls_free(signature.data);
	(void)memory_image_add(&m, data, size);
	if (image_open(&m.image, &limits, &i, NULL) == BMC_OK)
		(void)image_free(i);
	memory_image_done(&m);
	return 0;
}
