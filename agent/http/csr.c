// SPDX-License-Identifier: Apache-2.0
// See csr.h. Called by identity.c.
#include "http/csr.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/base/util.h"

gnutls_x509_privkey_t http_key_new(enum http_key kind)
{
	static const struct {
		gnutls_pk_algorithm_t algorithm;
		unsigned bits;
	} kinds[] = {
		[HTTP_KEY_P256] = { GNUTLS_PK_ECDSA,
				    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) },
		[HTTP_KEY_P384] = { GNUTLS_PK_ECDSA,
				    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1) },
		[HTTP_KEY_P521] = { GNUTLS_PK_ECDSA,
				    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1) },
		[HTTP_KEY_RSA_2048] = { GNUTLS_PK_RSA, 2048 },
		[HTTP_KEY_RSA_3072] = { GNUTLS_PK_RSA, 3072 },
		[HTTP_KEY_RSA_4096] = { GNUTLS_PK_RSA, 4096 },
	};
	gnutls_x509_privkey_t key;

	if (gnutls_x509_privkey_init(&key) < 0)
		return NULL;
	if (gnutls_x509_privkey_generate(key, kinds[kind].algorithm, kinds[kind].bits,
					 0) >= 0)
		return key;
	gnutls_x509_privkey_deinit(key);
	return NULL;
}

static int put_part(gnutls_x509_crq_t crq, const char *oid, const char *text)
{
	return text[0] ? gnutls_x509_crq_set_dn_by_oid(crq, oid, 0, text,
						       (unsigned)strlen(text))
		       : 0;
}

static int put_subject(gnutls_x509_crq_t crq, const struct http_name *n)
{
	const struct {
		const char *oid, *text;
	} parts[] = {
		{ GNUTLS_OID_X520_COUNTRY_NAME, n->country },
		{ GNUTLS_OID_X520_STATE_OR_PROVINCE_NAME, n->state },
		{ GNUTLS_OID_X520_LOCALITY_NAME, n->city },
		{ GNUTLS_OID_X520_ORGANIZATION_NAME, n->organization },
		{ GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, n->unit },
		{ GNUTLS_OID_X520_COMMON_NAME, n->common_name },
		{ GNUTLS_OID_PKCS9_EMAIL, n->email },
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts) && r >= 0; i++)
		r = put_part(crq, parts[i].oid, parts[i].text);
	return r;
}

static int put_name(gnutls_x509_crq_t crq, const char *name)
{
	unsigned char address[16];
	size_t len = inet_pton(AF_INET, name, address) == 1    ? 4
		     : inet_pton(AF_INET6, name, address) == 1 ? 16
							       : 0;

	if (len)
		return gnutls_x509_crq_set_subject_alt_name(crq, GNUTLS_SAN_IPADDRESS,
							    address, (unsigned)len,
							    GNUTLS_FSAN_APPEND);
	return gnutls_x509_crq_set_subject_alt_name(crq, GNUTLS_SAN_DNSNAME, name,
						    (unsigned)strlen(name),
						    GNUTLS_FSAN_APPEND);
}

static int fill(gnutls_x509_crq_t crq, const struct http_csr *csr,
		gnutls_x509_privkey_t key)
{
	int r = gnutls_x509_crq_set_version(crq, 1);

	if (r >= 0)
		r = put_subject(crq, &csr->subject);
	for (size_t i = 0; i < csr->n_names && r >= 0; i++)
		r = put_name(crq, csr->names[i]);
	if (r >= 0)
		r = gnutls_x509_crq_set_key_usage(
			crq, csr->usage ? csr->usage : GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (r >= 0)
		r = gnutls_x509_crq_set_key_purpose_oid(crq, GNUTLS_KP_TLS_WWW_SERVER,
							0);
	if (r >= 0)
		r = gnutls_x509_crq_set_key(crq, key);
	return r < 0 ? r : gnutls_x509_crq_sign2(crq, key, GNUTLS_DIG_SHA256, 0);
}

int http_csr_write(const struct http_csr *csr, gnutls_x509_privkey_t key, char **ret)
{
	gnutls_datum_t pem = { NULL, 0 };
	gnutls_x509_crq_t crq;
	int r = gnutls_x509_crq_init(&crq);

	if (r < 0)
		return BMC_ENOMEM;
	r = fill(crq, csr, key);
	if (r >= 0)
		r = gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_PEM, &pem);
	gnutls_x509_crq_deinit(crq);
	if (r >= 0)
		*ret = strndup((const char *)pem.data, pem.size);
	gnutls_free(pem.data);
	if (r < 0)
		return BMC_EINVAL;
	return *ret ? 0 : BMC_ENOMEM;
}
