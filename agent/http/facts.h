// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/x509.h>

#include "http/identity.h"

/* What a certificate says. Pure. */

/** Fills the facts; what can't be read or is too long for its place stays empty. */
void http_certificate_facts(gnutls_x509_crt_t crt, struct http_certificate *ret);
