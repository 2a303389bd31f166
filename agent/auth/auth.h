// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

#include "bmc/error.h"
#include "core/ports/auth.h"

/* Authentication: logins through the root helper's PAM, remembered for a minute; the
 * login throttle; sessions; accounts and roles as rows. Implements
 * core/ports/auth.h and owns the kinds account, role and session. */

#define BMC_AUTH_SESSIONS        64u
#define BMC_AUTH_SESSIONS_A_USER 16u
#define BMC_AUTH_REMEMBER_MS     60000
#define BMC_AUTH_FRESH_MS                                                          \
	600000                /* so long a session's password counts as just given \
			       */
#define BMC_AUTH_POLL_MS 5000 /* how often changes by other tools are looked for  */

/** Main thread, after the helper's client and the inventory, before the frontends.
 * Waits up to 3 s for the first list of accounts. `session_timeout`: seconds, until
 * a user sets another. */
int bmc_auth_init(int64_t session_timeout, struct bmc_error *err);
/** Main thread. Logins under way fail. */
void bmc_auth_exit(void);

/** The configured timeout after a reload; one that a user has set stays. */
void bmc_auth_reload(int64_t session_timeout);

/** The limits that hold until a user sets others (settings of the manager). */
void bmc_auth_default_limits(struct bmc_auth_limits *ret);

/** Reads the list of accounts again, after what is under way. Any thread. */
void bmc_auth_refresh(void);
