// SPDX-License-Identifier: Apache-2.0
// See facts.h. Called by tls.c when a pair is taken.
#include "http/facts.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/base/util.h"

typedef int get_part(gnutls_x509_crt_t crt, const char *oid, unsigned index,
		     unsigned raw, void *buf, size_t *size);

static void part(gnutls_x509_crt_t crt, get_part *get, const char *oid, char *ret,
		 size_t size)
{
	size_t len = size;

	if (get(crt, oid, 0, 0, ret, &len) < 0)
		ret[0] = 0;
	bmc_text_sanitize(ret);
}

static void name_of(gnutls_x509_crt_t crt, get_part *get, struct http_name *n)
{
	/* clang-format off */
	part(crt, get, GNUTLS_OID_X520_COMMON_NAME, n->common_name, sizeof(n->common_name));
	part(crt, get, GNUTLS_OID_X520_ORGANIZATION_NAME, n->organization, sizeof(n->organization));
	part(crt, get, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, n->unit, sizeof(n->unit));
	part(crt, get, GNUTLS_OID_X520_LOCALITY_NAME, n->city, sizeof(n->city));
	part(crt, get, GNUTLS_OID_X520_STATE_OR_PROVINCE_NAME, n->state, sizeof(n->state));
	part(crt, get, GNUTLS_OID_X520_COUNTRY_NAME, n->country, sizeof(n->country));
	part(crt, get, GNUTLS_OID_PKCS9_EMAIL, n->email, sizeof(n->email));
	/* clang-format on */
}

/* "01:af" */
static void octets(const unsigned char *bytes, size_t n, char *ret, size_t size)
{
	size_t at = 0;

	ret[0] = 0;
	for (size_t i = 0; i < n && at + 4 <= size; i++)
		at += (size_t)snprintf(ret + at, size - at, "%s%02x", i ? ":" : "",
				       bytes[i]);
}

static void add_usage(struct http_certificate *c, const char *word)
{
	if (c->n_usages < HTTP_USAGES_MAX)
		c->usages[c->n_usages++] = word;
}

static const struct {
	unsigned bit;
	const char *word;
} bits[] = {
	{ GNUTLS_KEY_DIGITAL_SIGNATURE, "DigitalSignature" },
	{ GNUTLS_KEY_NON_REPUDIATION, "NonRepudiation" },
	{ GNUTLS_KEY_KEY_ENCIPHERMENT, "KeyEncipherment" },
	{ GNUTLS_KEY_DATA_ENCIPHERMENT, "DataEncipherment" },
	{ GNUTLS_KEY_KEY_AGREEMENT, "KeyAgreement" },
	{ GNUTLS_KEY_KEY_CERT_SIGN, "KeyCertSign" },
	{ GNUTLS_KEY_CRL_SIGN, "CRLSigning" },
	{ GNUTLS_KEY_ENCIPHER_ONLY, "EncipherOnly" },
	{ GNUTLS_KEY_DECIPHER_ONLY, "DecipherOnly" },
};

unsigned http_usage_bit(const char *word)
{
	for (size_t i = 0; word && i < ARRAY_SIZE(bits); i++) {
		if (strcmp(word, bits[i].word) == 0)
			return bits[i].bit;
	}
	return 0;
}

static void usages(gnutls_x509_crt_t crt, struct http_certificate *c)
{
	static const struct {
		const char *oid, *word;
	} purposes[] = {
		{ GNUTLS_KP_TLS_WWW_SERVER, "ServerAuthentication" },
		{ GNUTLS_KP_TLS_WWW_CLIENT, "ClientAuthentication" },
		{ GNUTLS_KP_CODE_SIGNING, "CodeSigning" },
		{ GNUTLS_KP_EMAIL_PROTECTION, "EmailProtection" },
		{ GNUTLS_KP_TIME_STAMPING, "Timestamping" },
		{ GNUTLS_KP_OCSP_SIGNING, "OCSPSigning" },
	};
	unsigned usage = 0;
	char oid[128];
	size_t len = sizeof(oid);

	if (gnutls_x509_crt_get_key_usage(crt, &usage, NULL) < 0)
		usage = 0;
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		if (usage & bits[i].bit)
			add_usage(c, bits[i].word);
	}
	for (unsigned i = 0;
	     gnutls_x509_crt_get_key_purpose_oid(crt, i, oid, &len, NULL) >= 0; i++) {
		for (size_t p = 0; p < ARRAY_SIZE(purposes); p++) {
			if (strcmp(oid, purposes[p].oid) == 0)
				add_usage(c, purposes[p].word);
		}
		len = sizeof(oid);
	}
}

static bool put_name(const unsigned char *value, size_t len, int type, char ret[128])
{
	int family = len == 4 ? AF_INET : AF_INET6;

	if (type == GNUTLS_SAN_IPADDRESS)
		return (len == 4 || len == 16) && inet_ntop(family, value, ret, 128);
	if (type != GNUTLS_SAN_DNSNAME && type != GNUTLS_SAN_RFC822NAME &&
	    type != GNUTLS_SAN_URI)
		return false;
	(void)snprintf(ret, 128, "%.*s", (int)len, (const char *)value);
	bmc_text_sanitize(ret);
	return true;
}

static void names(gnutls_x509_crt_t crt, struct http_certificate *c)
{
	unsigned char value[256];
	size_t len = sizeof(value);
	int type;

	for (unsigned i = 0; c->n_names < HTTP_NAMES_MAX; i++, len = sizeof(value)) {
		type = gnutls_x509_crt_get_subject_alt_name(crt, i, value, &len, NULL);
		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return;
		if (type >= 0 && put_name(value, len, type, c->names[c->n_names]))
			c->n_names++;
	}
}

void http_certificate_facts(gnutls_x509_crt_t crt, struct http_certificate *ret)
{
	unsigned char bytes[64];
	size_t len = sizeof(bytes);

	memset(ret, 0, sizeof(*ret));
	name_of(crt, gnutls_x509_crt_get_dn_by_oid, &ret->subject);
	name_of(crt, gnutls_x509_crt_get_issuer_dn_by_oid, &ret->issuer);
	size_t size = sizeof(ret->subject.text);
	if (gnutls_x509_crt_get_dn(crt, ret->subject.text, &size) < 0)
		ret->subject.text[0] = 0;
	size = sizeof(ret->issuer.text);
	if (gnutls_x509_crt_get_issuer_dn(crt, ret->issuer.text, &size) < 0)
		ret->issuer.text[0] = 0;
	bmc_text_sanitize(ret->subject.text);
	bmc_text_sanitize(ret->issuer.text);
	ret->not_before = gnutls_x509_crt_get_activation_time(crt);
	ret->not_after = gnutls_x509_crt_get_expiration_time(crt);
	if (gnutls_x509_crt_get_serial(crt, bytes, &len) >= 0) {
		/* A zero before a high bit is DER's sign, not a part of the number. */
		size_t sign = len > 1 && bytes[0] == 0 ? 1 : 0;
		octets(bytes + sign, len - sign, ret->serial, sizeof(ret->serial));
	}
	len = sizeof(bytes);
	if (gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, bytes, &len) >= 0)
		octets(bytes, len, ret->fingerprint, sizeof(ret->fingerprint));
	const char *alg = gnutls_sign_get_name(
		(gnutls_sign_algorithm_t)gnutls_x509_crt_get_signature_algorithm(crt));
	(void)bmc_copy(ret->signature, sizeof(ret->signature), alg ? alg : "");
	usages(crt, ret);
	names(crt, ret);
}
