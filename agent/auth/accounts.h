// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/auth.h"
#include "priv/client.h"

/* The accounts as the helper last listed them, and the passwords that were right in the
 * last minute (as a keyed hash). Look-ups from any thread; rows are made on the main
 * thread. */

/** Makes the role rows. Main thread. */
int bmc_accounts_init(void);
void bmc_accounts_done(void);

/** Takes a new list over: updates rows, drops the passwords of accounts whose stamp
 * changed, and calls `changed` for those accounts and for those that are gone. Main
 * thread. */
void bmc_accounts_apply(const struct priv_accounts *all,
			void (*changed)(const char *user));

/** The privileges of an account's role, enabled or not; 0: there is none. */
uint32_t bmc_accounts_privileges(const char *user);
/** Fills the actor of an enabled account (not frontend, client, fresh), with the stamp
 * that the account has now; false when there is none. */
bool bmc_accounts_actor(const char *user, struct bmc_actor *ret);
/** The stamp of an account, 0 when it is unknown. */
uint64_t bmc_accounts_stamp(const char *user);
/** The helper reports `is`, newer than what is in the table; it is taken over if that
 * still has the stamp `expected`, 0 for an account that the table does not have. False:
 * it has changed meanwhile, the report is malformed, or there is no room. The row
 * follows with the next list. Any thread. */
bool bmc_accounts_update(const struct priv_account *is, uint64_t expected);
/** How many updates there were: a list that was asked for before the last of them is
 * older than the table. Any thread. */
unsigned bmc_accounts_updates(void);

/** Fills the actor when this password was right in the last minute, for the account as
 * it is now. */
bool bmc_accounts_remembers(const char *user, const char *password,
			    struct bmc_actor *ret);
/** Whether this is the password that was last right, however long ago, for the account
 * as it is now. For the login throttle only: it admits no one. */
bool bmc_accounts_matches(const char *user, const char *password);
/** It was right, for the account as it was at `stamp`. */
void bmc_accounts_remember(const char *user, const char *password, uint64_t stamp);
void bmc_accounts_drop(const char *user);

/** Notes a login for the event log; true when it is worth an event (not the same
 * client's within ten minutes). */
bool bmc_accounts_logged_in(const char *user, const char *client);

/** True when `user` is the only enabled Administrator in the list, or in what is known
 *  when `all` is NULL. */
bool bmc_accounts_last_admin(const char *user, const struct priv_accounts *all);
