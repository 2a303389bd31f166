// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/x509.h>
#include <stdbool.h>

#include "bmc/error.h"

/* A chain and a key before they are taken. */

#define HTTP_CHAIN_MAX 8

struct http_chain {
	gnutls_x509_crt_t list[HTTP_CHAIN_MAX];
	unsigned n;
};

/** The certificates of a PEM text, checked: each was issued by the next one, all are
 * valid now, the first is for servers and has a key of a kind that handshakes take.
 * BMC_EINVAL. */
int http_chain_read(struct http_chain *c, const char *pem, struct bmc_error *err);
/** Whether a certificate is for this purpose (an OID), as far as it says. */
bool http_certificate_is_for(gnutls_x509_crt_t crt, const char *purpose);
void http_chain_done(struct http_chain *c);
/** Whether the key is that of the first certificate. */
bool http_chain_has_key(const struct http_chain *c, gnutls_x509_privkey_t key);
/** Adds all as PEM to `*text` (owned, may be NULL before). BMC_ENOMEM, BMC_EINVAL. */
int http_chain_write(const struct http_chain *c, char **text);
