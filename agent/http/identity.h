// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bmc/error.h"

/* The HTTPS server's identity as frontends see it: its certificate, a new one in its
 * place, and the requests for one that a CA is sent. A private key never leaves; what
 * is replaced lies in one file of the state folder, with its key, so that a power cut
 * leaves one working pair or the other. A pair that the configuration names is the
 * administrator's and is not replaced. */

#define HTTP_NAMES_MAX  16
#define HTTP_USAGES_MAX 16

/* A distinguished name; "" where it has no such part. */
struct http_name {
	char common_name[128], organization[128], unit[128], city[128], state[128];
	char country[16], email[128];
	char text[512]; /* RFC 4514 */
};

struct http_certificate {
	struct http_name subject, issuer;
	int64_t not_before, not_after;       /* seconds since 1970 */
	char serial[128];                    /* "01:af": hexadecimal octets */
	char fingerprint[96];                /* of SHA-256, likewise */
	char signature[32];                  /* "RSA-SHA256" */
	const char *usages[HTTP_USAGES_MAX]; /* Redfish's words, static */
	size_t n_usages;
	char names[HTTP_NAMES_MAX][128]; /* alternative ones */
	size_t n_names;
};

/** The certificate that is offered now, and `*ret_pem` (owned, free()): it and what
 * else there is of its chain, PEM. False: none is offered. Any thread. */
bool http_identity_get(struct http_certificate *ret, char **ret_pem);

/** The bit (GNUTLS_KEY_*, as RFC 5280 numbers them) of Redfish's word for a use of a
 *  key; 0: it has none. Accepts NULL. */
unsigned http_usage_bit(const char *word);

/* The keys that there can be. */
enum http_key {
	HTTP_KEY_P256,
	HTTP_KEY_P384,
	HTTP_KEY_P521,
	HTTP_KEY_RSA_2048,
	HTTP_KEY_RSA_3072,
	HTTP_KEY_RSA_4096,
};

/* What a request for a certificate says (PKCS #10). */
struct http_csr {
	struct http_name subject;        /* without `text` */
	char names[HTTP_NAMES_MAX][128]; /* DNS names and addresses */
	size_t n_names;
	unsigned usage; /* GNUTLS_KEY_*, or-ed; 0: digital signature */
	enum http_key key;
	bool same_key; /* that of the certificate in use, instead of a new one */
};

/** Called once, on the main thread. `csr` is PEM, borrowed for the call; NULL without
 * one. */
typedef void http_identity_done(void *arg, int code, const struct bmc_error *err,
				const char *csr);

/** Puts a certificate chain (PEM, the server's own first) in the place of the one in
 * use, after it was checked: that it parses, is in order, is valid now and is for
 * servers, and that a key fits: one in the same text, else that of the last request,
 * else the one in use. New handshakes take it at once. `done` is told BMC_EINVAL: the
 * text is not good; BMC_EREADONLY: the configuration names the pair; BMC_EBUSY: another
 * such call is under way; BMC_ENOSPC ...: nothing has changed then. Returns 0, or
 * BMC_ENOMEM: `done` is not called. Any thread; never waits. */
int http_identity_replace(const char *pem, http_identity_done *done, void *arg);

/** Makes a request for a certificate. Its new key is kept for http_identity_replace(),
 * also over restarts, until the next request. Errors as there. Any thread; never
 * waits. */
int http_identity_request(const struct http_csr *csr, http_identity_done *done,
			  void *arg);
