// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Limits for those who guess passwords, before PAM is asked. Any thread.
 *
 *  - A client that was wrong 5 times about one user waits 1 s, twice as long after each
 *    further failure, up to 5 minutes. Being right clears it.
 *  - A client may be wrong 10 times about all users together, and once more each 30 s.
 *  - A user about whom all clients together were wrong 30 times is asked about once a
 * second.
 *
 * The last two do not hold for a client from which that user came in before, so neither
 * a neighbour behind the same address nor a thousand strangers can lock somebody out.
 */

#define BMC_GUARD_FREE        5u
#define BMC_GUARD_FIRST_MS    1000
#define BMC_GUARD_LONGEST_MS  300000
#define BMC_GUARD_CLIENT_FREE 10
#define BMC_GUARD_CLIENT_MS   30000
#define BMC_GUARD_USER_FREE   30u

enum bmc_guess { BMC_GUESS_WRONG, BMC_GUESS_RIGHT, BMC_GUESS_UNKNOWN };

void bmc_guard_init(void);

/** Whether this client may ask PAM about this user now. After true, bmc_guard_result
 * has to follow: what is under way counts as wrong so long. */
bool bmc_guard_admit(const char *user, const char *client, int64_t now);
/** What PAM said. Returns true when the client has to wait from now on and had not
 * before. */
bool bmc_guard_result(const char *user, const char *client, int64_t now,
		      enum bmc_guess was);
/** The right password was given and remembered, so PAM need not be asked. False when
 * this client may not ask now: else what is remembered would answer guesses without
 * end. Quick where nobody failed. */
bool bmc_guard_right(const char *user, const char *client, int64_t now);
/** An Administrator unlocked the account. */
void bmc_guard_forget(const char *user);
