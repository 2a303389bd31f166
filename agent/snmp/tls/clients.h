// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/gnutls.h>
#include <stdbool.h>

#include "bmc/error.h"
#include "snmp/tls/session.h"

/* The clients whose certificates are taken, and the agent's own certificate. */

/** The name of the client with a certificate; false: there is none. Any thread. */
bool sn_tls_client_name(const uint8_t print[SN_TLS_PRINT], char *ret, size_t size);

/** Notes the fingerprint of the certificate that the client of a handshake has shown;
 *  false: it has shown none, it has expired, or it is no client's. */
bool sn_tls_client_seen(gnutls_session_t session, uint8_t ret[SN_TLS_PRINT]);

/** Key and certificate of two PEM files (which may be one), for handshakes that ask for
 *  the client's; owned. */
int sn_tls_credentials(const char *certificate, const char *key,
		       gnutls_certificate_credentials_t *ret, struct bmc_error *err);
