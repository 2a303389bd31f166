// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "core/model/service.h"
#include "http/identity.h"

/* Certificates that users bring: a text from outside before it becomes a row, and what
 * the row says. Any thread. */

/** Takes one certificate (PEM, nothing else beside it) for this purpose: fills
 * `purpose` and `pem` of the row. BMC_EINVAL: it is none, more than one, too long, not
 * valid now, not for this purpose, or comes with a private key. */
int http_certificate_take(const char *pem, enum bmc_certificate_purpose purpose,
			  struct bmc_certificate *ret, struct bmc_error *err);
/** What a certificate says. False: it is none. */
bool http_certificate_read(const char *pem, struct http_certificate *ret);
/** Calls `each` with NULL, then with a row for each certificate of a text (PEM; NULL:
 * none) that fits into one. */
void http_certificates_each(const char *pem,
			    void (*each)(const struct bmc_certificate *row));
