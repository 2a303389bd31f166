// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/x509.h>

#include "http/identity.h"

/* Keys and requests for certificates. Slow: an RSA key may take seconds. */

/** A new key, or NULL. */
gnutls_x509_privkey_t http_key_new(enum http_key kind);
/** The request, signed with the key, as PEM (owned). BMC_EINVAL: GnuTLS refuses a part
 * of it; BMC_ENOMEM. */
int http_csr_write(const struct http_csr *csr, gnutls_x509_privkey_t key, char **ret);
