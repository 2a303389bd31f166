// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/abstract.h>
#include <time.h>

#include "bmc/error.h"
#include "http/certificate.h"

/* Key and certificate that the HTTPS server offers: taken from files, replaced without
 * ending a connection. */

/** Loads both files and offers them from the next handshake on; what was offered before
 *  stays when that fails. BMC_ENOTFOUND: a file is missing; BMC_EINVAL: what they hold
 * is no pair; other errors: they can't be read now. Main thread. */
int http_tls_load(const struct http_pair *files, struct bmc_error *err);
/** When the first certificate of the chain that is offered ends; 0: none is offered. */
time_t http_tls_ends(void);
/** Forgets them: no handshake may be under way. */
void http_tls_done(void);

/** Gives a handshake what is offered now: libmicrohttpd's HTTPS_CERT_CALLBACK2. It
 * fails when nothing is. */
gnutls_certificate_retrieve_function3 http_tls_offer;
