// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "bmc/error.h"

/* Key and certificate of the HTTPS server, as PEM texts. */
struct rf_tls {
	char *key, *certificate; /* owned; rf_tls_done wipes the key */
};

/** Loads both files. When neither is there and `make`, makes a P-256 key and a
 * self-signed certificate and writes them (key: mode 0600) first. */
int rf_tls_load(const char *key_path, const char *cert_path, bool make,
		struct rf_tls *ret, struct bmc_error *err);
void rf_tls_done(struct rf_tls *t);
