// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"

/* Files of a private key and of its certificate chain, both PEM. */
struct http_pair {
	char key[512], certificate[512];
};

/** Makes a P-256 key and a self-signed certificate for ten years and writes both files,
 *  the key (mode 0600) first. Each is replaced whole: a power cut leaves the old or the
 *  new one. Main thread. */
int http_certificate_make(const struct http_pair *files, struct bmc_error *err);
