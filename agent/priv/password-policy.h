// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"

/* What a new password may not be, before PAM's own rules are asked. Without state. */

/** Refuses, with BMC_EPASSWORD and a reason that says what to do:
 *  - what contains the user's name (of 3 characters or more, else what equals it),
 *  - one character or a group of up to 4 repeated, and runs like "abcdefgh",
 *  - the most common passwords: without regard to case, with letters written as digits
 *    ("p4ssw0rd"), twice in a row, with separators inside ("let.me.in"), or with up to
 * 8 digits and marks around them ("Summer-2024!"). `user` and `secret` are text,
 * checked by the caller. */
int priv_password_check(const char *user, const char *secret, struct bmc_error *err);
