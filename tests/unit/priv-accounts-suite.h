// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

/** Runs the tests of an account backend against a helper; returns what cmocka returns.
 */
int priv_accounts_suite(bool unix_backend);
