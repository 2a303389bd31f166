// SPDX-License-Identifier: Apache-2.0
// The HTTPS server's key and certificate as handshakes are given them. Called by
// renew.c, and by GnuTLS.
#include <stdbool.h>

#include "http/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "http/certificate-check.h"
#include "http/facts.h"
#include "http/new-file.h"

/* ---- what is offered ---- */

/* Far above what a handshake may take: one that began with an identity may be held up
 * over several reloads and signs with its key at the end. */
#define RETIRED_MS (60 * 60 * 1000)

struct identity {
	struct identity *next;
	int64_t retired; /* when another one took its place */
	gnutls_privkey_t key;
	gnutls_pcert_st chain[HTTP_CHAIN_MAX];
	unsigned n;
	time_t ends;                   /* the first of the chain to end */
	struct http_certificate facts; /* of the first */
	char *pem;                     /* the chain; owned */
};

static struct {
	pthread_mutex_t lock;
	struct identity *now;
	struct identity *retired; /* the newest first; main thread */
} offered = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct identity *identity_free(struct identity *i)
{
	if (!i)
		return NULL;
	for (unsigned n = 0; n < i->n; n++)
		gnutls_pcert_deinit(&i->chain[n]);
	gnutls_privkey_deinit(i->key);
	free(i->pem);
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

/* What is sent to clients of the chain, and when it ends. */
static int describe(struct identity *i)
{
	struct http_chain c = { .n = 0 };
	int r = 0;

	while (c.n < i->n && r >= 0) {
		r = gnutls_pcert_export_x509(&i->chain[c.n], &c.list[c.n]);
		c.n += r >= 0;
	}
	if (r >= 0 && c.n)
		r = http_chain_write(&c, &i->pem);
	for (unsigned n = 0; n < c.n; n++) {
		time_t end = gnutls_x509_crt_get_expiration_time(c.list[n]);
		i->ends = n ? MIN(i->ends, end) : end;
	}
	if (r >= 0 && c.n)
		http_certificate_facts(c.list[0], &i->facts);
	http_chain_done(&c);
	return r < 0 ? BMC_EINVAL : 0;
}

static int import(struct identity *i, const gnutls_datum_t *key,
		  const gnutls_datum_t *cert, const struct http_pair *files,
		  struct bmc_error *err)
{
	int r = gnutls_privkey_import_x509_raw(i->key, key, GNUTLS_X509_FMT_PEM, NULL,
					       0);

	if (r < 0)
		return bmc_fail(err, BMC_EINVAL,
				"https: %s is no private key (PEM): %s", files->key,
				gnutls_strerror(r));
	i->n = HTTP_CHAIN_MAX;
	r = gnutls_pcert_list_import_x509_raw(i->chain, &i->n, cert,
					      GNUTLS_X509_FMT_PEM, 0);
	if (r < 0) {
		i->n = 0;
		return bmc_fail(err, BMC_EINVAL,
				"https: %s is no certificate chain (PEM): %s",
				files->certificate, gnutls_strerror(r));
	}
	if (describe(i) == 0 && is_pair(i))
		return 0;
	return bmc_fail(
		err, BMC_EINVAL,
		"https: the key in %s is not that of the first certificate in %s",
		files->key, files->certificate);
}

/* Frees the identities that were retired before a time. */
static void free_retired(int64_t before)
{
	struct identity **at = &offered.retired;

	while (*at && (*at)->retired >= before)
		at = &(*at)->next;
	while (*at) {
		struct identity *old = *at;

		*at = old->next;
		(void)identity_free(old);
	}
}

static void offer(struct identity *i)
{
	(void)pthread_mutex_lock(&offered.lock);
	struct identity *old = offered.now;
	offered.now = i;
	(void)pthread_mutex_unlock(&offered.lock);
	if (old) {
		old->retired = bmc_now();
		old->next = offered.retired;
		offered.retired = old;
	}
	free_retired(bmc_now() - RETIRED_MS);
}

bool http_identity_get(struct http_certificate *ret, char **ret_pem)
{
	(void)pthread_mutex_lock(&offered.lock);
	const struct identity *i = offered.now;
	*ret_pem = i ? strdup(i->pem) : NULL;
	if (i)
		*ret = i->facts;
	(void)pthread_mutex_unlock(&offered.lock);
	return *ret_pem != NULL;
}

static int take(char *key, char *cert, const struct http_pair *files,
		struct bmc_error *err)
{
	struct identity *i = calloc(1, sizeof(*i));
	const gnutls_datum_t k = { (unsigned char *)key, (unsigned)strlen(key) };
	const gnutls_datum_t c = { (unsigned char *)cert, (unsigned)strlen(cert) };

	if (!i || gnutls_privkey_init(&i->key) < 0) {
		free(i);
		return BMC_ENOMEM;
	}
	int r = import(i, &k, &c, files, err);
	if (r == 0)
		offer(i);
	else
		(void)identity_free(i);
	return r;
}

int http_tls_load(const struct http_pair *files, struct bmc_error *err)
{
	auto_free char *key = NULL, *cert = NULL;
	int r = http_file_read(files->key, &key, err);

	if (r == 0)
		r = http_file_read(files->certificate, &cert, err);
	if (r == 0)
		r = take(key, cert, files, err);
	if (key)
		bmc_wipe(key, strlen(key));
	return r;
}

time_t http_tls_ends(void)
{
	(void)pthread_mutex_lock(&offered.lock);
	time_t ends = offered.now ? offered.now->ends : 0;
	(void)pthread_mutex_unlock(&offered.lock);
	return ends;
}

void http_tls_done(void)
{
	offer(NULL);
	free_retired(INT64_MAX);
}

int http_tls_offer(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
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
