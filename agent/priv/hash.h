// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "bmc/error.h"

/* Passwords of the `file` backend as crypt(3) stores them: yescrypt with libxcrypt's
 * default cost (some 60 ms of CPU and 16 MiB), which is what Debian's own accounts
 * have. In a worker of the helper, or at its start. */

#define PRIV_HASH_MAX \
	192u /* with the NUL; CRYPT_OUTPUT_SIZE is more than any method needs */

/** Hashes `secret` with a new salt. BMC_EIO when crypt(3) can't. */
int priv_hash_make(const char *secret, char ret[PRIV_HASH_MAX], struct bmc_error *err);

/** Whether `text` has the form of a hash that this crypt(3) can compute. */
bool priv_hash_ok(const char *text);

/** 0, BMC_EAUTH, or BMC_ECORRUPT when no password can give this hash. The comparison's
 * time depends on the length only. */
int priv_hash_check(const char *secret, const char *hash, struct bmc_error *err);

/** Takes the time of a check and returns BMC_EAUTH: for names without a password, so
 * that the time of an answer does not tell which names have one. */
int priv_hash_refuse(const char *secret, struct bmc_error *err);
