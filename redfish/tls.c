// SPDX-License-Identifier: Apache-2.0
// The HTTPS server's key and certificate: files, and what the
// handshakes are given. Called by the server's start and reload, and by GnuTLS.
#include <stdbool.h>

#include "redfish/tls.h"

#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
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
		int e = errno ? errno : EIO; /* a short write has none */
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

/* ---- what is offered ---- */

#define CHAIN_MAX 8

struct identity {
	gnutls_privkey_t key;
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned n;
};

/* The one before is kept for handshakes that began with it. */
static struct {
	pthread_mutex_t lock;
	struct identity *now, *before;
} offered = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct identity *identity_free(struct identity *i)
{
	if (!i)
		return NULL;
	for (unsigned n = 0; n < i->n; n++)
		gnutls_pcert_deinit(&i->chain[n]);
	gnutls_privkey_deinit(i->key);
	free(i);
	return NULL;
}

/* Whether the key is the certificate's. */
static bool is_pair(const struct identity *i)
{
	unsigned char a[64], b[64];
	size_t len_a = sizeof(a), len_b = sizeof(b);
	gnutls_pubkey_t pub;

	if (gnutls_pubkey_init(&pub) < 0)
		return false;
	bool ok = gnutls_pubkey_import_privkey(pub, i->key, 0, 0) >= 0 &&
		  gnutls_pubkey_get_key_id(pub, 0, a, &len_a) >= 0 &&
		  gnutls_pubkey_get_key_id(i->chain[0].pubkey, 0, b, &len_b) >= 0;
	gnutls_pubkey_deinit(pub);
	return ok && len_a == len_b && memcmp(a, b, len_a) == 0;
}

static int import(struct identity *i, const gnutls_datum_t *key,
		  const gnutls_datum_t *cert, struct bmc_error *err)
{
	int r = gnutls_privkey_import_x509_raw(i->key, key, GNUTLS_X509_FMT_PEM, NULL,
					       0);

	if (r < 0)
		return fail(err, "https key", r);
	i->n = CHAIN_MAX;
	r = gnutls_pcert_list_import_x509_raw(i->chain, &i->n, cert,
					      GNUTLS_X509_FMT_PEM, 0);
	if (r < 0)
		i->n = 0;
	if (r < 0)
		return fail(err, "https certificate", r);
	return is_pair(i) ? 0
			  : bmc_fail(err, BMC_EINVAL,
				     "https: the key is not the certificate's");
}

static void offer(struct identity *i)
{
	(void)pthread_mutex_lock(&offered.lock);
	struct identity *old = offered.before;
	offered.before = offered.now;
	offered.now = i;
	(void)pthread_mutex_unlock(&offered.lock);
	(void)identity_free(old);
}

static int take(char *key, const char *cert, struct bmc_error *err)
{
	struct identity *i = calloc(1, sizeof(*i));
	const gnutls_datum_t k = { (unsigned char *)key, (unsigned)strlen(key) };
	gnutls_datum_t c = { .size = (unsigned)strlen(cert) };

	if (!i || gnutls_privkey_init(&i->key) < 0) {
		free(i);
		return BMC_ENOMEM;
	}
	c.data = (unsigned char *)(uintptr_t)cert; /* read only */
	int r = import(i, &k, &c, err);
	if (r == 0)
		offer(i);
	else
		(void)identity_free(i);
	return r;
}

int rf_tls_load(const char *key_path, const char *cert_path, bool make,
		struct bmc_error *err)
{
	auto_free char *key = NULL, *cert = NULL;
	int r = 0;

	if (make && access(key_path, F_OK) != 0 && access(cert_path, F_OK) != 0)
		r = make_both(key_path, cert_path, err);
	if (r == 0)
		r = load(key_path, &key, err);
	if (r == 0)
		r = load(cert_path, &cert, err);
	if (r == 0)
		r = take(key, cert, err);
	if (key)
		bmc_wipe(key, strlen(key));
	return r;
}

void rf_tls_done(void)
{
	offer(NULL);
	offer(NULL);
}

int rf_tls_offer(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
		 gnutls_pcert_st **certs, unsigned *n, gnutls_ocsp_data_st **ocsp,
		 unsigned *n_ocsp, gnutls_privkey_t *key, unsigned *flags)
{
	(void)session;
	(void)info;
	(void)pthread_mutex_lock(&offered.lock);
	struct identity *i = offered.now;
	(void)pthread_mutex_unlock(&offered.lock);
	if (!i)
		return -1;
	*certs = i->chain;
	*n = i->n;
	*ocsp = NULL;
	*n_ocsp = 0;
	*key = i->key;
	*flags = 0;
	return 0;
}
