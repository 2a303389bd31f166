// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Limits for those who guess passwords, before PAM is asked. An address that was wrong
 * 5 times waits 1 s, twice as long after each further failure, up to 5 minutes. An
 * account that many addresses guess at is asked about once a second for strangers;
 * addresses from which its owner came in before are not slowed down, so nobody can lock
 * the owner out. Any thread. */

#define BMC_GUARD_FREE       5u
#define BMC_GUARD_FIRST_MS   1000
#define BMC_GUARD_LONGEST_MS 300000
#define BMC_GUARD_USER_FREE  30u /* failures of all strangers in a row */

void bmc_guard_init(void);

/** Whether this client may ask PAM about this user now. */
bool bmc_guard_admit(const char *user, const char *client, int64_t now);
/** What PAM said. Returns true when the client has to wait from now on and had not
 * before. */
bool bmc_guard_failed(const char *user, const char *client, int64_t now);
void bmc_guard_passed(const char *user, const char *client, int64_t now);
/** An Administrator unlocked the account. */
void bmc_guard_forget(const char *user);
