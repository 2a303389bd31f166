// SPDX-License-Identifier: Apache-2.0
// The HTTPS server's key and certificate: loaded, or made at the first start. Called by
// rf_start only.
#include <stdbool.h>

#include "redfish/tls.h"

#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/log.h"
#include "core/util.h"

#define PEM_MAX 65536
#define YEAR_S  (365 * 86400LL)
#define EPOCH_S 1767225600LL /* 2026-01-01: for clocks that were never set */

static int fail(struct bmc_error *err, const char *what, int r)
{
	return bmc_fail(err, BMC_EIO, "%s: %s", what, gnutls_strerror(r));
}

/* ---- files
 * ---------------------------------------------------------------------------- */

static int load(const char *path, char **ret, struct bmc_error *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return bmc_fail(err, bmc_from_errno(errno), "%s: %s", path,
				strerror(errno));
	if (fstat(fd, &st) != 0 || st.st_size <= 0 || st.st_size > PEM_MAX)
		return bmc_fail(err, BMC_EINVAL, "%s: not a PEM file of at most 64 KiB",
				path);
	*ret = calloc(1, (size_t)st.st_size + 1);
	if (!*ret)
		return BMC_ENOMEM;
	if (read(fd, *ret, (size_t)st.st_size) != st.st_size)
		return bmc_fail(err, BMC_EIO, "%s: %s", path, strerror(errno));
	return 0;
}

/* Whole or not at all: a new file, synced, renamed over the old name. */
static int store(const char *path, const gnutls_datum_t *pem, mode_t mode,
		 struct bmc_error *err)
{
	char temp[512];

	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	(void)unlink(temp);
	auto_fd int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0 || write(fd, pem->data, pem->size) != (ssize_t)pem->size ||
	    fsync(fd) != 0 || rename(temp, path) != 0) {
		int e = errno;
		(void)unlink(temp);
		return bmc_fail(err, bmc_from_errno(e), "%s: %s", path, strerror(e));
	}
	return 0;
}

/* ---- making
 * ----------------------------------------------------------------------------- */

static int describe(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
	static const unsigned char loopback[] = { 127, 0, 0, 1 };
	char host[65] = "clusterbmc";
	unsigned char serial[16];
	time_t now = time(NULL);

	(void)gethostname(host, sizeof(host) - 1);
	bmc_random(serial, sizeof(serial));
	serial[0] &= 0x7f;
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
		  const char *key_path, const char *cert_path, struct bmc_error *err)
{
	gnutls_datum_t pem = { NULL, 0 };
	int r = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
						  GNUTLS_PKCS_PLAIN, &pem);

	if (r < 0)
		return fail(err, "https key", r);
	r = store(key_path, &pem, 0600, err);
	bmc_wipe(pem.data, pem.size);
	gnutls_free(pem.data);
	if (r != 0)
		return r;
	pem.data = NULL;
	r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
	if (r < 0)
		return fail(err, "https certificate", r);
	r = store(cert_path, &pem, 0644, err);
	gnutls_free(pem.data);
	return r;
}

static int make_both(const char *key_path, const char *cert_path, struct bmc_error *err)
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
	r = r < 0 ? fail(err, "https certificate", r)
		  : export(crt, key, key_path, cert_path, err);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
	if (r == 0)
		log_notice("https: made a key and a self-signed certificate in %s",
			   cert_path);
	return r;
}

int rf_tls_load(const char *key_path, const char *cert_path, bool make,
		struct rf_tls *ret, struct bmc_error *err)
{
	int r = 0;

	*ret = (struct rf_tls){ NULL, NULL };
	if (make && access(key_path, F_OK) != 0 && access(cert_path, F_OK) != 0)
		r = make_both(key_path, cert_path, err);
	if (r == 0)
		r = load(key_path, &ret->key, err);
	if (r == 0)
		r = load(cert_path, &ret->certificate, err);
	if (r != 0)
		rf_tls_done(ret);
	return r;
}

void rf_tls_done(struct rf_tls *t)
{
	if (t->key)
		bmc_wipe(t->key, strlen(t->key));
	free(t->key);
	free(t->certificate);
	*t = (struct rf_tls){ NULL, NULL };
}
