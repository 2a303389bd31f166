// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>

/* Whose certificate it is: the name of an account in it. */

/** The subject's common name, when it has exactly one. False: none that fits. */
bool http_client_common_name(gnutls_x509_crt_t crt, char *ret, size_t size);
/** The first user principal name among the alternative names, without its "@" and what
 * follows. */
bool http_client_principal_name(gnutls_x509_crt_t crt, char *ret, size_t size);
