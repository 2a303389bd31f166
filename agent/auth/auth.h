// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

#include "bmc/error.h"
#include "core/ports/auth.h"

/* Who may come in: logins through the root helper's PAM, remembered for a minute;
 * limits for those who guess; sessions; accounts and roles as rows. Implements
 * core/ports/auth.h and owns the kinds account, role and session. */

#define BMC_PEOPLE_SESSIONS        64u
#define BMC_PEOPLE_SESSIONS_A_USER 16u
#define BMC_PEOPLE_REMEMBER_MS     60000
#define BMC_PEOPLE_FRESH_MS \
	600000                  /* so long a session's password counts as just given */
#define BMC_PEOPLE_POLL_MS 5000 /* how often changes by other tools are looked for  */

/** Main thread, after the helper's client and the inventory, before the faces. Waits up
 * to 3 s for the first list of accounts. `session_timeout`: seconds, where people set
 * no other. */
int bmc_people_init(int64_t session_timeout, struct bmc_error *err);
/** Main thread. Logins under way fail. */
void bmc_people_exit(void);

/** The configured timeout after a reload; what people set over a face stays. */
void bmc_people_reload(int64_t session_timeout);

/** The limits that hold until a user sets others (settings of the manager). */
void bmc_people_default_limits(struct bmc_people_limits *ret);

/** Reads the list of accounts again, after what is under way. Any thread. */
void bmc_people_refresh(void);
