// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "priv/hash.h"
#include "priv/pam.h"
#include "priv/proto.h"
#include "priv/settings.h"

/* Where accounts live: one table for each way. Names and passwords were checked by the
 * caller (asroot-accounts.c), which also made sure that the account exists (not, for
 * `add`) and that a password that was stored is proved. In a worker, but `init`. */
struct priv_backend {
	const char *name;
	/** At the helper's start: makes what is missing. */
	int (*init)(const struct priv_settings *s, struct bmc_error *err);
	/** Whether this is the password of an account that exists; as
	 * priv_pam_authenticate(). */
	int (*check)(const struct priv_settings *s, const char *user,
		     const char *secret, struct bmc_error *err);
	int (*list)(const struct priv_settings *s, struct priv_accounts *ret,
		    struct bmc_error *err);
	/** Makes the account with its role, enabled, and a password if it can. */
	int (*add)(const struct priv_settings *s, const struct priv_account_args *p,
		   struct bmc_error *err);
	int (*remove)(const struct priv_settings *s, const char *user,
		      struct bmc_error *err);
	/** BMC_EEXIST: the system has this name. NULL: names are the backend's own. */
	int (*name_free)(const char *name, struct bmc_error *err);
	/** Its password, role and state stay. */
	int (*rename)(const struct priv_settings *s, const char *user, const char *name,
		      struct bmc_error *err);
	int (*enable)(const struct priv_settings *s, const char *user, bool on,
		      struct bmc_error *err);
	int (*set_role)(const struct priv_settings *s, const char *user,
			const char *role, struct bmc_error *err);
	int (*must_change)(const struct priv_settings *s, const char *user,
			   bool must_change, struct bmc_error *err);
	/** The account's hash, "" when it has none that can be put back. */
	int (*hash)(const struct priv_settings *s, const char *user,
		    char ret[PRIV_HASH_MAX], struct bmc_error *err);
	/** Puts back a hash that hash() gave. */
	int (*restore)(const struct priv_settings *s, const char *user,
		       const char *hash, struct bmc_error *err);
	/** Checks by PAM's rules and stores p->secret; clears the must-change flag.
	 * BMC_EPASSWORD.
	 */
	int (*password)(const struct priv_settings *s,
			const struct priv_account_args *p, bool by_rules,
			struct bmc_error *err);
};

extern const struct priv_backend priv_accounts_unix, priv_accounts_file;
const struct priv_backend *priv_backend(const struct priv_settings *s);

/** A number that changes with `text` and tells nothing about it: keyed with the
 * helper's own key, which stays the same over restarts. */
uint64_t priv_stamp(const struct priv_settings *s, const char *text);

/** For `clusterbmc-priv --first-account`: makes an Administrator when there is no
 * account yet (BMC_EEXIST otherwise), without asking pam_pwquality. Not in a worker. */
int priv_first_admin(const struct priv_settings *s, const struct priv_account_args *p,
		     struct bmc_error *err);
