// SPDX-License-Identifier: Apache-2.0
// See certificate-check.h. Called by identity.c before anything is written.
#include "http/certificate-check.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/util.h"

#define RSA_MIN_BITS 2048
#define CLOCK_S      300 /* a CA's clock may be ahead by so much */

void http_chain_done(struct http_chain *c)
{
	for (unsigned i = 0; i < c->n; i++)
		gnutls_x509_crt_deinit(c->list[i]);
	c->n = 0;
}

static int check_dates(const struct http_chain *c, struct bmc_error *err)
{
	time_t now = time(NULL);

	for (unsigned i = 0; i < c->n; i++) {
		if (gnutls_x509_crt_get_expiration_time(c->list[i]) <= now)
			return bmc_fail(err, BMC_EINVAL,
					"certificate %u of the chain has expired",
					i + 1);
		if (gnutls_x509_crt_get_activation_time(c->list[i]) > now + CLOCK_S)
			return bmc_fail(err, BMC_EINVAL,
					"certificate %u of the chain is not valid yet",
					i + 1);
	}
	return 0;
}

static int check_order(const struct http_chain *c, struct bmc_error *err)
{
	for (unsigned i = 0; i + 1 < c->n; i++) {
		unsigned bad = 1;
		int r = gnutls_x509_crt_verify(c->list[i], &c->list[i + 1], 1,
					       GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &bad);
		if (r < 0 || bad)
			return bmc_fail(err, BMC_EINVAL,
					"certificate %u of the chain was not issued by "
					"the next one",
					i + 1);
	}
	return 0;
}

/* No purposes at all are all of them (RFC 5280, section 4.2.1.12). */
bool http_certificate_is_for(gnutls_x509_crt_t crt, const char *purpose)
{
	char oid[128];
	size_t len = sizeof(oid);
	unsigned i = 0;

	for (; gnutls_x509_crt_get_key_purpose_oid(crt, i, oid, &len, NULL) >= 0; i++) {
		if (strcmp(oid, purpose) == 0 || strcmp(oid, GNUTLS_KP_ANY) == 0)
			return true;
		len = sizeof(oid);
	}
	return i == 0;
}

static int check_first(gnutls_x509_crt_t crt, struct bmc_error *err)
{
	unsigned bits = 0;
	int kind = gnutls_x509_crt_get_pk_algorithm(crt, &bits);

	if (kind != GNUTLS_PK_ECDSA && kind != GNUTLS_PK_RSA)
		return bmc_fail(err, BMC_EINVAL, "the key is neither ECDSA nor RSA");
	if (kind == GNUTLS_PK_RSA && bits < RSA_MIN_BITS)
		return bmc_fail(err, BMC_EINVAL, "an RSA key of %u bits is too short",
				bits);
	if (!http_certificate_is_for(crt, GNUTLS_KP_TLS_WWW_SERVER))
		return bmc_fail(err, BMC_EINVAL, "the certificate is not for servers");
	return 0;
}

int http_chain_read(struct http_chain *c, const char *pem, struct bmc_error *err)
{
	const gnutls_datum_t text = { (unsigned char *)(uintptr_t)pem,
				      (unsigned)strlen(pem) };

	c->n = HTTP_CHAIN_MAX;
	int r = gnutls_x509_crt_list_import(c->list, &c->n, &text, GNUTLS_X509_FMT_PEM,
					    GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
	if (r <= 0) {
		c->n = 0;
		return bmc_fail(err, BMC_EINVAL,
				"it is no chain of at most %d certificates (PEM): %s",
				HTTP_CHAIN_MAX, r < 0 ? gnutls_strerror(r) : "empty");
	}
	r = check_first(c->list[0], err);
	if (r == 0)
		r = check_dates(c, err);
	if (r == 0)
		r = check_order(c, err);
	if (r < 0)
		http_chain_done(c);
	return r;
}

bool http_chain_has_key(const struct http_chain *c, gnutls_x509_privkey_t key)
{
	unsigned char a[64], b[64];
	size_t len_a = sizeof(a), len_b = sizeof(b);

	return gnutls_x509_crt_get_key_id(c->list[0], GNUTLS_KEYID_USE_SHA256, a,
					  &len_a) >= 0 &&
	       gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, b,
					      &len_b) >= 0 &&
	       len_a == len_b && memcmp(a, b, len_a) == 0;
}

static int add(char **text, const gnutls_datum_t *pem)
{
	size_t have = *text ? strlen(*text) : 0;
	char *more = realloc(*text, have + pem->size + 1);

	if (!more)
		return BMC_ENOMEM;
	memcpy(more + have, pem->data, pem->size);
	more[have + pem->size] = 0;
	*text = more;
	return 0;
}

int http_chain_write(const struct http_chain *c, char **text)
{
	int r = 0;

	for (unsigned i = 0; i < c->n && r == 0; i++) {
		gnutls_datum_t pem = { NULL, 0 };
		r = gnutls_x509_crt_export2(c->list[i], GNUTLS_X509_FMT_PEM, &pem) < 0
			    ? BMC_EINVAL
			    : add(text, &pem);
		gnutls_free(pem.data);
	}
	return r;
}
