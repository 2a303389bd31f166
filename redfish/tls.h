// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/abstract.h>
#include <stdbool.h>

#include "bmc/error.h"

/* Key and certificate of the HTTPS server: loaded, or made at the first start, and
 * taken anew by a reload without ending a connection. */

/** Loads both files and offers them from the next handshake on; what was offered before
 *  stays when that fails. When neither is there and `make`, makes a P-256 key and a
 *  self-signed certificate and writes them (key: mode 0600) first. Main thread. */
int rf_tls_load(const char *key_path, const char *cert_path, bool make,
		struct bmc_error *err);
/** Forgets them: no handshake may be under way. */
void rf_tls_done(void);

/** Gives a handshake what is offered now: libmicrohttpd's HTTPS_CERT_CALLBACK2. */
gnutls_certificate_retrieve_function3 rf_tls_offer;
