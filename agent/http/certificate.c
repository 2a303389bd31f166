// SPDX-License-Identifier: Apache-2.0
// See certificate.h. Called when the pair is loaded and when it ends soon.
#include "http/certificate.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "http/new-file.h"

#define YEAR_S  (365 * 86400LL)
#define EPOCH_S 1767225600LL /* 2026-01-01: for clocks that were never set */

static int fail(struct bmc_error *err, const char *what, int r)
{
	return bmc_fail(err, BMC_EIO, "%s: %s", what, gnutls_strerror(r));
}

/* ---- files ---- */

/* Both are on the disk before the first takes its place. */
static int store(const struct http_pair *files, const gnutls_datum_t *key,
		 const gnutls_datum_t *cert, struct bmc_error *err)
{
	struct http_new_file k, c = { .temp = "" };
	int r = http_new_file_write(&k, files->key, key, 0600, err);

	if (r == 0)
		r = http_new_file_write(&c, files->certificate, cert, 0644, err);
	if (r == 0)
		r = http_new_file_rename(&k, err);
	if (r == 0)
		r = http_new_file_rename(&c, err);
	if (r != 0) {
		http_new_file_drop(&k);
		http_new_file_drop(&c);
	}
	return r;
}

/* ---- making ---- */

static int describe(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
	static const unsigned char loopback[] = { 127, 0, 0, 1 };
	char host[65] = "clusterbmc";
	unsigned char serial[16];
	time_t now = time(NULL);

	(void)gethostname(host, sizeof(host) - 1);
	bmc_random(serial, sizeof(serial));
	/* Positive and no leading zero octet: DER's shortest form, RFC 5280 4.1.2.2. */
	serial[0] = (serial[0] & 0x3f) | 0x40;
	(void)gnutls_x509_crt_set_version(crt, 3);
	(void)gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
	(void)gnutls_x509_crt_set_activation_time(crt, MIN(now - 86400, EPOCH_S));
	(void)gnutls_x509_crt_set_expiration_time(crt, MAX(now, EPOCH_S) + 10 * YEAR_S);
	(void)gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, host,
					    (unsigned)strlen(host));
	(void)gnutls_x509_crt_set_subject_alt_name(
		crt, GNUTLS_SAN_DNSNAME, host, (unsigned)strlen(host), GNUTLS_FSAN_SET);
	(void)gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "localhost",
						   9, GNUTLS_FSAN_APPEND);
	(void)gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, loopback,
						   sizeof(loopback),
						   GNUTLS_FSAN_APPEND);
	(void)gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
	(void)gnutls_x509_crt_set_basic_constraints(crt, 0, -1);
	(void)gnutls_x509_crt_set_key(crt, key);
	return gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
}

static int export(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key,
		  const struct http_pair *files, struct bmc_error *err)
{
	gnutls_datum_t key_pem = { NULL, 0 }, cert_pem = { NULL, 0 };
	int r = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
						  GNUTLS_PKCS_PLAIN, &key_pem);

	if (r >= 0)
		r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &cert_pem);
	r = r < 0 ? fail(err, "https key and certificate", r)
		  : store(files, &key_pem, &cert_pem, err);
	if (key_pem.data)
		bmc_wipe(key_pem.data, key_pem.size);
	gnutls_free(key_pem.data);
	gnutls_free(cert_pem.data);
	return r;
}

int http_certificate_make(const struct http_pair *files, struct bmc_error *err)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
	int r = gnutls_x509_privkey_init(&key);

	if (r < 0)
		return fail(err, "https key", r);
	r = gnutls_x509_crt_init(&crt);
	if (r < 0) {
		gnutls_x509_privkey_deinit(key);
		return fail(err, "https certificate", r);
	}
	r = gnutls_x509_privkey_generate(
		key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
		0);
	if (r >= 0)
		r = describe(crt, key);
	r = r < 0 ? fail(err, "https certificate", r) : export(crt, key, files, err);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
	if (r == 0)
		log_notice("https: made a key and a self-signed certificate in %s",
			   files->certificate);
	return r;
}
