// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/auth.h"

/* Sessions: a random token, of which only the SHA-256 is kept, in memory and in the
 * store. A session lives as long as it is used and its account stays as it was. */

/** Loads the stored ones; the accounts are known already. Main thread. */
int bmc_sessions_init(int64_t timeout, struct bmc_error *err);
void bmc_sessions_done(void);

int bmc_session_open(const struct bmc_actor *who, char ret_id[BMC_ID_MAX],
		     char ret_token[BMC_TOKEN_MAX], struct bmc_error *err);
bool bmc_session_find(const char *token, const char *client, struct bmc_actor *ret,
		      char ret_id[BMC_ID_MAX]);
/** Logs one out. Any thread. BMC_ENOTFOUND. */
int bmc_session_end(const char *id);
/** Ends all sessions of an account. Any thread. */
void bmc_sessions_end_user(const char *user);
/** Ends those that were idle too long. Main thread. */
void bmc_sessions_expire(void);

/* The name it is stored under. */
#define BMC_SESSION_TIMEOUT_META "session_timeout"

int64_t bmc_session_timeout(void);
/** Puts it in force, from now on instead of the configured one. False: out of range.
 * Any thread. */
bool bmc_session_timeout_apply(int64_t seconds);
/** In force once it is in the store, for which it waits up to 2 s. BMC_ERANGE,
 * BMC_ENOSPC (the database takes no writes; nothing has changed), BMC_EAGAIN,
 * BMC_ENOMEM, BMC_ETIMEDOUT. Not on the main thread. */
int bmc_set_session_timeout(int64_t seconds);
/** The configured one, in force until a user sets another. */
void bmc_sessions_configure(int64_t seconds);
