// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "auth/throttle.h"
#include "core/ports/auth.h"

/* Passwords that are checked: the login throttle is asked, then a thread asks PAM
 * through the helper. The functions of struct bmc_auth_ops. */

/** Starts the threads. Main thread. */
int bmc_logins_init(void);
/** What waits is answered with BMC_EIO. Main thread. */
void bmc_logins_exit(void);

bool bmc_login_cached(const char *user, const char *password, const char *client,
		      struct bmc_actor *ret);
int bmc_login_check(const char *user, const char *password, const char *client,
		    bmc_auth_done *done, void *arg);
bool bmc_login_abandon(const void *arg);

/** What is reported to the throttle of an attempt that ended with `code`. */
enum bmc_attempt bmc_login_attempt(int code);
