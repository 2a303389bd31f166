// SPDX-License-Identifier: Apache-2.0
// See trust.h. Called at the start and by a reload, and by libmicrohttpd's callbacks.
#include "http/trust.h"

#include <gnutls/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "http/client-name.h"
#include "http/http.h"
#include "http/new-file.h"

#define CHAIN_MAX 8
#define AGAIN_MS  60000 /* a certificate may end while its connection lives */

struct authorities {
	unsigned refs;
	uint64_t generation;
	struct http_client_certificates rules;
	gnutls_x509_trust_list_t list;
};

static struct {
	pthread_mutex_t lock;
	struct authorities *now;
	uint64_t generation;
} trust = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct authorities *authorities_unref(struct authorities *a)
{
	if (!a)
		return NULL;
	(void)pthread_mutex_lock(&trust.lock);
	bool last = --a->refs == 0;
	(void)pthread_mutex_unlock(&trust.lock);
	if (!last)
		return NULL;
	gnutls_x509_trust_list_deinit(a->list, 1);
	free(a);
	return NULL;
}

static struct authorities *authorities_get(void)
{
	(void)pthread_mutex_lock(&trust.lock);
	struct authorities *a = trust.now;
	if (a)
		a->refs++;
	(void)pthread_mutex_unlock(&trust.lock);
	return a;
}

static void replace(struct authorities *a)
{
	(void)pthread_mutex_lock(&trust.lock);
	struct authorities *old = trust.now;
	trust.now = a;
	if (a)
		a->generation = ++trust.generation;
	(void)pthread_mutex_unlock(&trust.lock);
	(void)authorities_unref(old);
}

/* ---- the configuration ---- */

static struct http_client_certificates rules_of(const struct bmc_conf *http)
{
	return (struct http_client_certificates){
		.use = (enum http_client_use)bmc_conf_num(http, "client_certificates",
							  0),
		.name = (enum http_client_name)bmc_conf_num(
			http, "client_certificate_name", 0)
	};
}

static int add_authorities(struct authorities *a, const char *path,
			   struct bmc_error *err)
{
	auto_free char *pem = NULL;
	int r = http_file_read(path, &pem, err);

	if (r < 0)
		return r;
	const gnutls_datum_t data = { (unsigned char *)pem, (unsigned)strlen(pem) };
	r = gnutls_x509_trust_list_add_trust_mem(a->list, &data, NULL,
						 GNUTLS_X509_FMT_PEM, 0, 0);
	if (r > 0)
		return 0;
	return bmc_fail(err, BMC_EINVAL, "https: %s holds no certificates (PEM)", path);
}

static int make(const struct bmc_conf *http, struct authorities **ret,
		struct bmc_error *err)
{
	const char *path = bmc_conf_text(http, "client_ca", "");
	struct authorities *a = calloc(1, sizeof(*a));
	int r = 0;

	if (!a || gnutls_x509_trust_list_init(&a->list, 0) < 0) {
		free(a);
		return BMC_ENOMEM;
	}
	a->refs = 1;
	a->rules = rules_of(http);
	if (path[0])
		r = add_authorities(a, path, err);
	else if (a->rules.use != HTTP_CLIENT_NONE)
		r = bmc_fail(err, BMC_EINVAL,
			     "http.client_certificates: client_ca is missing");
	if (r < 0)
		(void)authorities_unref(a);
	else
		*ret = a;
	return r;
}

int http_trust_check(const struct bmc_conf *http, struct bmc_error *err)
{
	struct authorities *a = NULL;
	int r = make(http, &a, err);

	(void)authorities_unref(a);
	return r;
}

int http_trust_load(const struct bmc_conf *http, struct bmc_error *err)
{
	struct authorities *a = NULL;
	int r = make(http, &a, err);

	if (r == 0)
		replace(a);
	return r;
}

void http_trust_done(void)
{
	replace(NULL);
}

struct http_client_certificates http_client_certificates(void)
{
	struct authorities *a = authorities_get();
	struct http_client_certificates rules = { .use = HTTP_CLIENT_NONE };

	if (a)
		rules = a->rules;
	(void)authorities_unref(a);
	return rules;
}

/* ---- connections ---- */

void http_trust_ask(gnutls_session_t session)
{
	enum http_client_use use = http_client_certificates().use;

	if (use != HTTP_CLIENT_NONE)
		gnutls_certificate_server_set_request(
			session, use == HTTP_CLIENT_REQUIRED ? GNUTLS_CERT_REQUIRE
							     : GNUTLS_CERT_REQUEST);
}

static bool import(gnutls_x509_crt_t *ret, const gnutls_datum_t *der)
{
	if (gnutls_x509_crt_init(ret) < 0)
		return false;
	if (gnutls_x509_crt_import(*ret, der, GNUTLS_X509_FMT_DER) >= 0)
		return true;
	gnutls_x509_crt_deinit(*ret);
	return false;
}

/* The chain as the client sent it: a longer one, or what can't be read, is cut off. */
static unsigned chain_of(gnutls_session_t session, gnutls_x509_crt_t chain[CHAIN_MAX])
{
	unsigned n = 0, i = 0;
	const gnutls_datum_t *certs = gnutls_certificate_get_peers(session, &n);

	while (certs && i < MIN(n, (unsigned)CHAIN_MAX) && import(&chain[i], &certs[i]))
		i++;
	return i;
}

/* Signed by an authority, valid now, and made for clients. */
static bool is_trusted(const struct authorities *a, gnutls_x509_crt_t *chain,
		       unsigned n)
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT
	};
	unsigned status = GNUTLS_CERT_INVALID;

	return gnutls_x509_trust_list_verify_crt2(a->list, chain, n, &purpose, 1, 0,
						  &status, NULL) >= 0 &&
	       status == 0;
}

static void verify(const struct authorities *a, gnutls_session_t session,
		   struct http_certified *c)
{
	gnutls_x509_crt_t chain[CHAIN_MAX];
	unsigned n = chain_of(session, chain);
	bool ok = n > 0 && is_trusted(a, chain, n);

	if (ok && a->rules.name == HTTP_CLIENT_COMMON_NAME)
		ok = http_client_common_name(chain[0], c->name, sizeof(c->name));
	else if (ok)
		ok = http_client_principal_name(chain[0], c->name, sizeof(c->name));
	if (!ok)
		c->name[0] = 0;
	if (n > 0 && !ok)
		log_limited(LOG_NOTICE, "https: a client's certificate is not trusted");
	for (unsigned i = 0; i < n; i++)
		gnutls_x509_crt_deinit(chain[i]);
}

bool http_trust_verify(gnutls_session_t session, struct http_certified *c)
{
	struct authorities *a = authorities_get();

	if (!a)
		return true;
	if (a->rules.use == HTTP_CLIENT_NONE) {
		c->name[0] = 0;
	} else if (c->generation != a->generation || bmc_now() - c->at > AGAIN_MS) {
		verify(a, session, c);
		c->generation = a->generation;
		c->at = bmc_now();
	}
	bool ok = a->rules.use != HTTP_CLIENT_REQUIRED || c->name[0];
	(void)authorities_unref(a);
	return ok;
}
