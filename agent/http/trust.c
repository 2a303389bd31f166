// SPDX-License-Identifier: Apache-2.0
// See trust.h. Called at the start and by a reload, and by libmicrohttpd's callbacks.
// What is trusted is made of the configuration's file and of the rows of certificates
// that users brought; who verifies looks whether these have changed.
#include "http/trust.h"

#include <gnutls/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/model/service.h"
#include "core/snapshot/snapshot.h"
#include "http/client-name.h"
#include "http/http.h"
#include "http/new-file.h"
#include "http/stored-certificate.h"

#define CHAIN_MAX 8
#define AGAIN_MS  60000 /* a certificate may end while its connection lives */

#define PRINT_SIZE 32 /* SHA-256 */

/* A stored certificate: one that is a login whoever signed it, or an authority's. */
struct pin {
	unsigned char print[PRINT_SIZE];
	char account[BMC_ID_MAX]; /* "": an authority's */
	uint32_t row;
};

struct authorities {
	unsigned refs;
	uint64_t generation;
	struct http_client_certificates rules;
	char *file;       /* what client_ca holds, owned; NULL: none */
	uint64_t changed; /* snapshot of the rows that are in it */
	gnutls_x509_trust_list_t list;
	struct pin pins[BMC_CERTIFICATES_MAX];
	size_t n_pins;
};

static struct {
	pthread_mutex_t lock;
	struct authorities *now;
	uint64_t generation;
	void (*show)(const struct bmc_certificate *row); /* main thread; or NULL */
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
	free(a->file);
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

/* `a` is stolen. `of`: only as long as that is in force, which it was made of; NULL: in
 * any case. */
static void replace(const struct authorities *of, struct authorities *a)
{
	struct authorities *old = a;

	(void)pthread_mutex_lock(&trust.lock);
	if (!of || trust.now == of) {
		old = trust.now;
		trust.now = a;
		if (a)
			a->generation = ++trust.generation;
	}
	(void)pthread_mutex_unlock(&trust.lock);
	(void)authorities_unref(old);
}

/* ---- what is trusted ---- */

static int add_authorities(struct authorities *a, const char *pem)
{
	const gnutls_datum_t data = { (unsigned char *)(uintptr_t)pem,
				      (unsigned)strlen(pem) };

	return gnutls_x509_trust_list_add_trust_mem(a->list, &data, NULL,
						    GNUTLS_X509_FMT_PEM, 0, 0);
}

static bool print_of(gnutls_x509_crt_t crt, unsigned char ret[PRINT_SIZE])
{
	size_t len = PRINT_SIZE;

	return gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, ret, &len) >=
		       0 &&
	       len == PRINT_SIZE;
}

static bool add_pin(struct authorities *a, const struct bmc_certificate *row)
{
	const gnutls_datum_t pem = { (unsigned char *)(uintptr_t)row->pem,
				     (unsigned)strlen(row->pem) };
	struct pin *pin = &a->pins[a->n_pins];
	gnutls_x509_crt_t crt;

	if (a->n_pins == ARRAY_SIZE(a->pins) || gnutls_x509_crt_init(&crt) < 0)
		return false;
	bool ok = gnutls_x509_crt_import(crt, &pem, GNUTLS_X509_FMT_PEM) >= 0 &&
		  print_of(crt, pin->print);
	gnutls_x509_crt_deinit(crt);
	(void)bmc_copy(pin->account, sizeof(pin->account), row->owner);
	pin->row = row->row.handle;
	a->n_pins += ok;
	return ok;
}

/* Those of the configuration are in its file. One that is an account's counts as long
 * as that account's row is there. */
static void add_rows(struct authorities *a, const struct bmc_snapshot *s)
{
	const struct bmc_row *const *rows;
	size_t n = s ? bmc_snapshot_rows(s, BMC_CERTIFICATE, &rows) : 0;

	for (size_t i = 0; i < n; i++) {
		const struct bmc_certificate *row =
			(const struct bmc_certificate *)rows[i];
		bool ok = true;
		if (row->configured == 1)
			continue;
		if (row->purpose == BMC_CERTIFICATE_CLIENT_CA)
			ok = add_pin(a, row) && add_authorities(a, row->pem) > 0;
		else if (row->purpose == BMC_CERTIFICATE_USER && row->row.parent)
			ok = add_pin(a, row);
		if (!ok)
			log_limited(LOG_WARNING, "https: certificate %s is not trusted",
				    row->row.id);
	}
	a->changed = s ? bmc_snapshot_changed(s, BMC_CERTIFICATE) : 0;
}

/* `file` is stolen. NULL: out of memory. */
static struct authorities *authorities_new(const struct http_client_certificates *rules,
					   char *file)
{
	struct authorities *a = calloc(1, sizeof(*a));

	if (!a || gnutls_x509_trust_list_init(&a->list, 0) < 0) {
		free(file);
		free(a);
		return NULL;
	}
	a->refs = 1;
	a->rules = *rules;
	a->file = file;
	return a;
}

/* The same configuration with the rows of this snapshot. */
static struct authorities *made_again(const struct authorities *of,
				      const struct bmc_snapshot *s)
{
	char *file = of->file ? strdup(of->file) : NULL;
	struct authorities *a =
		of->file && !file ? NULL : authorities_new(&of->rules, file);

	if (!a)
		return NULL;
	if (a->file && add_authorities(a, a->file) <= 0)
		return authorities_unref(a);
	add_rows(a, s);
	return a;
}

/* What is trusted now, a reference; `*ret` NULL: there is no configuration.
 * BMC_ENOMEM. */
static int current(struct authorities **ret)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	uint64_t changed = s ? bmc_snapshot_changed(s, BMC_CERTIFICATE) : 0;

	while ((*ret = authorities_get()) && (*ret)->rules.use != HTTP_CLIENT_NONE &&
	       (*ret)->changed < changed) {
		struct authorities *a = made_again(*ret, s);
		if (a)
			replace(*ret, a);
		*ret = authorities_unref(*ret);
		if (!a)
			return BMC_ENOMEM;
	}
	return BMC_OK;
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

/* Where a certificate is required, one has to let the first administrator in. */
static int make(const struct bmc_conf *http, struct authorities **ret,
		struct bmc_error *err)
{
	const struct http_client_certificates rules = rules_of(http);
	const char *path = bmc_conf_text(http, "client_ca", "");
	char *file = NULL;
	int r = path[0] ? http_file_read(path, &file, err) : 0;

	if (r == 0 && !path[0] && rules.use == HTTP_CLIENT_REQUIRED)
		r = bmc_fail(err, BMC_EINVAL,
			     "http.client_certificates: client_ca is missing");
	struct authorities *a = r == 0 ? authorities_new(&rules, file) : NULL;
	if (r == 0 && !a)
		r = BMC_ENOMEM;
	if (r == 0 && file && add_authorities(a, file) <= 0)
		r = bmc_fail(err, BMC_EINVAL, "https: %s holds no certificates (PEM)",
			     path);
	if (r == 0)
		*ret = a;
	else if (a)
		(void)authorities_unref(a);
	return r;
}

int http_trust_check(const struct bmc_conf *http, struct bmc_error *err)
{
	struct authorities *a = NULL;
	int r = make(http, &a, err);

	(void)authorities_unref(a);
	return r;
}

void http_show_authorities(void (*each)(const struct bmc_certificate *row))
{
	trust.show = each;
}

int http_trust_load(const struct bmc_conf *http, struct bmc_error *err)
{
	struct authorities *a = NULL;
	int r = make(http, &a, err);

	if (r < 0)
		return r;
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	add_rows(a, s);
	if (trust.show)
		http_certificates_each(a->file, trust.show);
	replace(NULL, a);
	return r;
}

void http_trust_done(void)
{
	replace(NULL, NULL);
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

static bool is_valid_now(gnutls_x509_crt_t crt)
{
	time_t now = time(NULL);

	return gnutls_x509_crt_get_activation_time(crt) <= now &&
	       now < gnutls_x509_crt_get_expiration_time(crt);
}

static const struct pin *find_pin(const struct authorities *a, gnutls_x509_crt_t crt,
				  bool is_login)
{
	unsigned char print[PRINT_SIZE];

	if (!a->n_pins || !print_of(crt, print))
		return NULL;
	for (size_t i = 0; i < a->n_pins; i++) {
		const struct pin *pin = &a->pins[i];
		if ((pin->account[0] != '\0') == is_login &&
		    memcmp(pin->print, print, PRINT_SIZE) == 0)
			return pin;
	}
	return NULL;
}

/* The account that this very certificate is a login as. */
static bool is_pinned(const struct authorities *a, gnutls_x509_crt_t crt,
		      struct http_certified *c)
{
	const struct pin *pin = find_pin(a, crt, true);

	if (!pin || !is_valid_now(crt))
		return false;
	c->row = pin->row;
	return bmc_copy(c->name, sizeof(c->name), pin->account);
}

/* The stored authority that a trusted chain ends at; 0: the configuration's. */
static uint32_t signer_of(const struct authorities *a, gnutls_x509_crt_t *chain,
			  unsigned n)
{
	gnutls_x509_crt_t issuer; /* borrowed of the list */

	for (unsigned i = 0; i < n; i++) {
		if (gnutls_x509_trust_list_get_issuer(a->list, chain[i], &issuer, 0) <
		    0)
			continue;
		const struct pin *pin = find_pin(a, issuer, false);
		return pin ? pin->row : 0;
	}
	return 0;
}

static bool names_account(const struct authorities *a, gnutls_x509_crt_t *chain,
			  unsigned n, struct http_certified *c)
{
	if (!is_trusted(a, chain, n))
		return false;
	c->row = signer_of(a, chain, n);
	if (a->rules.name == HTTP_CLIENT_COMMON_NAME)
		return http_client_common_name(chain[0], c->name, sizeof(c->name));
	return http_client_principal_name(chain[0], c->name, sizeof(c->name));
}

static void verify(const struct authorities *a, gnutls_session_t session,
		   struct http_certified *c)
{
	gnutls_x509_crt_t chain[CHAIN_MAX];
	unsigned n = chain_of(session, chain);

	c->row = 0;
	bool ok = n > 0 && (is_pinned(a, chain[0], c) || names_account(a, chain, n, c));

	if (!ok)
		c->name[0] = 0;
	if (n > 0 && !ok)
		log_limited(LOG_NOTICE, "https: a client's certificate is not trusted");
	for (unsigned i = 0; i < n; i++)
		gnutls_x509_crt_deinit(chain[i]);
}

bool http_trust_verify(gnutls_session_t session, struct http_certified *c)
{
	struct authorities *a;

	if (current(&a) < 0) {
		*c = (struct http_certified){ .generation = 0 };
		return false;
	}
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
