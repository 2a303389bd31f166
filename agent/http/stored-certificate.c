// SPDX-License-Identifier: Apache-2.0
// See stored-certificate.h. What is checked here was sent by a client.
#include "http/stored-certificate.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/util.h"
#include "http/certificate-check.h"
#include "http/facts.h"

#define TEXT_MAX     16384 /* with the words that openssl writes before it */
#define RSA_MIN_BITS 2048
#define CLOCK_S      300 /* a CA's clock may be ahead by so much */
#define SHOWN_MAX    64  /* of a file */

/* ---- the text ---- */

static unsigned count(const char *text, const char *word)
{
	unsigned n = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

static int check_text(const char *pem, struct bmc_error *err)
{
	unsigned blocks;

	if (strlen(pem) > TEXT_MAX)
		return bmc_fail(err, BMC_EINVAL, "it has more than %d bytes", TEXT_MAX);
	if (strstr(pem, "PRIVATE KEY-----"))
		return bmc_fail(err, BMC_EINVAL,
				"it holds a private key: keep that, and send the "
				"certificate alone");
	blocks = count(pem, "-----BEGIN ");
	if (blocks != 1 || count(pem, "-----BEGIN CERTIFICATE-----") != 1)
		return bmc_fail(err, BMC_EINVAL,
				"one certificate (PEM) is wanted, it has %u PEM blocks",
				blocks);
	return BMC_OK;
}

static int import(const char *pem, gnutls_x509_crt_t *ret)
{
	const gnutls_datum_t text = { (unsigned char *)(uintptr_t)pem,
				      (unsigned)strlen(pem) };
	int r = gnutls_x509_crt_init(ret);

	if (r < 0)
		return r;
	r = gnutls_x509_crt_import(*ret, &text, GNUTLS_X509_FMT_PEM);
	if (r < 0)
		gnutls_x509_crt_deinit(*ret);
	return r;
}

/* One certificate has one text, so texts can be compared. */
static int export(gnutls_x509_crt_t crt, struct bmc_certificate *ret,
		  struct bmc_error *err)
{
	gnutls_datum_t pem = { NULL, 0 };
	int r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem) < 0 ? BMC_ENOMEM
									    : BMC_OK;

	if (r == BMC_OK && pem.size >= sizeof(ret->pem))
		r = bmc_fail(err, BMC_EINVAL, "the certificate has more than %zu bytes",
			     sizeof(ret->pem) - 1);
	if (r == BMC_OK) {
		memcpy(ret->pem, pem.data, pem.size);
		ret->pem[pem.size] = '\0';
	}
	gnutls_free(pem.data);
	return r;
}

/* ---- what it is ---- */

static int check_dates(gnutls_x509_crt_t crt, struct bmc_error *err)
{
	time_t now = time(NULL);

	if (gnutls_x509_crt_get_expiration_time(crt) <= now)
		return bmc_fail(err, BMC_EINVAL, "the certificate has expired");
	if (gnutls_x509_crt_get_activation_time(crt) > now + CLOCK_S)
		return bmc_fail(err, BMC_EINVAL, "the certificate is not valid yet");
	return BMC_OK;
}

static int check_key(gnutls_x509_crt_t crt, struct bmc_error *err)
{
	unsigned bits = 0;
	int kind = gnutls_x509_crt_get_pk_algorithm(crt, &bits);

	if (kind == GNUTLS_PK_ECDSA || kind == GNUTLS_PK_EDDSA_ED25519)
		return BMC_OK;
	if (kind != GNUTLS_PK_RSA && kind != GNUTLS_PK_RSA_PSS)
		return bmc_fail(err, BMC_EINVAL,
				"the key is neither ECDSA, Ed25519 nor RSA");
	return bits >= RSA_MIN_BITS
		       ? BMC_OK
		       : bmc_fail(err, BMC_EINVAL, "an RSA key of %u bits is too short",
				  bits);
}

static bool is_authority(gnutls_x509_crt_t crt)
{
	unsigned critical, usage = 0;

	if (gnutls_x509_crt_get_ca_status(crt, &critical) <= 0)
		return false;
	return gnutls_x509_crt_get_key_usage(crt, &usage, &critical) < 0 ||
	       (usage & GNUTLS_KEY_KEY_CERT_SIGN);
}

static int check_purpose(gnutls_x509_crt_t crt, enum bmc_certificate_purpose purpose,
			 struct bmc_error *err)
{
	if (purpose == BMC_CERTIFICATE_CLIENT_CA)
		return is_authority(crt)
			       ? BMC_OK
			       : bmc_fail(err, BMC_EINVAL, "it is no CA's certificate");
	return http_certificate_is_for(crt, GNUTLS_KP_TLS_WWW_CLIENT)
		       ? BMC_OK
		       : bmc_fail(err, BMC_EINVAL,
				  "the certificate is not for clients");
}

int http_certificate_take(const char *pem, enum bmc_certificate_purpose purpose,
			  struct bmc_certificate *ret, struct bmc_error *err)
{
	gnutls_x509_crt_t crt;
	int r = check_text(pem, err);

	if (r < 0)
		return r;
	r = import(pem, &crt);
	if (r < 0)
		return bmc_fail(err, BMC_EINVAL, "it is no certificate (PEM): %s",
				gnutls_strerror(r));
	r = check_dates(crt, err);
	if (r == BMC_OK)
		r = check_key(crt, err);
	if (r == BMC_OK)
		r = check_purpose(crt, purpose, err);
	if (r == BMC_OK)
		r = export(crt, ret, err);
	gnutls_x509_crt_deinit(crt);
	ret->purpose = purpose;
	return r;
}

bool http_certificate_read(const char *pem, struct http_certificate *ret)
{
	gnutls_x509_crt_t crt;

	if (import(pem, &crt) < 0)
		return false;
	http_certificate_facts(crt, ret);
	gnutls_x509_crt_deinit(crt);
	return true;
}

void http_certificates_each(const char *pem,
			    void (*each)(const struct bmc_certificate *row))
{
	const gnutls_datum_t text = { (unsigned char *)(uintptr_t)pem,
				      pem ? (unsigned)strlen(pem) : 0 };
	gnutls_x509_crt_t list[SHOWN_MAX];
	unsigned n = SHOWN_MAX;

	each(NULL);
	/* of a longer list those that there is room for */
	if (!pem ||
	    gnutls_x509_crt_list_import(list, &n, &text, GNUTLS_X509_FMT_PEM, 0) < 0)
		return;
	for (unsigned i = 0; i < n; i++) {
		struct bmc_certificate row = { .purpose = BMC_CERTIFICATE_CLIENT_CA };

		row.row.index[0] = 1U << 31 | i;
		(void)snprintf(row.row.id, sizeof(row.row.id), "file-%u", i + 1);
		if (export(list[i], &row, NULL) == BMC_OK)
			each(&row);
		gnutls_x509_crt_deinit(list[i]);
	}
}
