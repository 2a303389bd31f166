// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"

/* PAM, asked in a worker of the helper (it blocks). */

struct priv_pam {
	const char *service;
	const char *dir; /* NULL: the system's */
};

#define PRIV_PAM_MUST_CHANGE 1

/** 0, PRIV_PAM_MUST_CHANGE (right, but expired), BMC_EAUTH, BMC_EIO. */
int priv_pam_authenticate(const struct priv_pam *pam, const char *user,
			  const char *secret, struct bmc_error *err);
/** Gives the account a new password, as root does: without the old one. BMC_EPASSWORD
 * with the modules' reason. 0 is no proof that it was stored: authenticate afterwards.
 */
int priv_pam_password(const struct priv_pam *pam, const char *user, const char *secret,
		      struct bmc_error *err);
