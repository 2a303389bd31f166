// SPDX-License-Identifier: Apache-2.0
/* Which certificates are taken, and the agent's own, see clients.h. Called by GnuTLS
 * and the connections; the list is exchanged by a reload. */
#include "snmp/tls/clients.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/tls/tls.h"

static struct {
	pthread_mutex_t lock;
	size_t n;
	struct {
		uint8_t print[SN_TLS_PRINT];
		char name[BMC_ID_MAX];
	} list[SN_ENTRIES_MAX];
} clients = { .lock = PTHREAD_MUTEX_INITIALIZER };

void sn_tls_use(const struct sn_access *a)
{
	_Static_assert(sizeof(a->entries[0].fingerprint) == SN_TLS_PRINT, "the same");
	(void)pthread_mutex_lock(&clients.lock);
	clients.n = 0;
	for (size_t i = 0; i < a->n_entries; i++) {
		const struct sn_entry *e = &a->entries[i];
		if (!e->tls)
			continue;
		memcpy(clients.list[clients.n].print, e->fingerprint, SN_TLS_PRINT);
		(void)bmc_copy(clients.list[clients.n].name, BMC_ID_MAX, e->name);
		clients.n++;
	}
	(void)pthread_mutex_unlock(&clients.lock);
}

bool sn_tls_client_name(const uint8_t print[SN_TLS_PRINT], char *ret, size_t size)
{
	bool found = false;

	(void)pthread_mutex_lock(&clients.lock);
	for (size_t i = 0; i < clients.n && !found; i++) {
		found = memcmp(clients.list[i].print, print, SN_TLS_PRINT) == 0;
		if (found)
			(void)bmc_copy(ret, size, clients.list[i].name);
	}
	(void)pthread_mutex_unlock(&clients.lock);
	return found;
}

/* Only the end is looked at: a clock that was never set says 1970. */
static bool has_expired(const gnutls_datum_t *der)
{
	gnutls_x509_crt_t crt;
	bool expired = true;

	if (gnutls_x509_crt_init(&crt) < 0)
		return true;
	if (gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) >= 0)
		expired = gnutls_x509_crt_get_expiration_time(crt) < time(NULL);
	gnutls_x509_crt_deinit(crt);
	return expired;
}

bool sn_tls_client_seen(gnutls_session_t session, uint8_t ret[SN_TLS_PRINT])
{
	char name[BMC_ID_MAX];
	unsigned n = 0;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(session, &n);

	return der && n > 0 && !has_expired(der) &&
	       gnutls_hash_fast(GNUTLS_DIG_SHA256, der->data, der->size, ret) >= 0 &&
	       sn_tls_client_name(ret, name, sizeof(name));
}

/* GnuTLS asks when the client has shown its certificate; that the client has its key is
 * checked by the handshake. */
static int verify(gnutls_session_t session)
{
	uint8_t print[SN_TLS_PRINT];

	return sn_tls_client_seen(session, print) ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

int sn_tls_credentials(const char *certificate, const char *key,
		       gnutls_certificate_credentials_t *ret, struct bmc_error *err)
{
	gnutls_certificate_credentials_t c;

	if (gnutls_certificate_allocate_credentials(&c) < 0)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	int r = gnutls_certificate_set_x509_key_file(c, certificate, key,
						     GNUTLS_X509_FMT_PEM);
	if (r < 0) {
		gnutls_certificate_free_credentials(c);
		return bmc_fail(err, BMC_EINVAL,
				"snmp.tls: %s and %s are no certificate with its key "
				"(PEM): %s",
				certificate, key, gnutls_strerror(r));
	}
	gnutls_certificate_set_verify_function(c, verify);
	*ret = c;
	return 0;
}
