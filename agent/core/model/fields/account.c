// SPDX-License-Identifier: Apache-2.0
/* The fields of an account. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_account, role, BMC_TEXT, .flags = BMC_SETTING, .min = 1,
	      .max = BMC_ID_MAX - 1, .doc = "Role of the account."),
	FIELD(bmc_account, enabled, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether the account may log in."),
	FIELD(bmc_account, locked, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether too many wrong passwords have locked the account."),
	FIELD(bmc_account, must_change, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether the password has to be changed before anything else."),
	FIELD(bmc_account, password_expires, BMC_TIME,
	      .doc = "When the password expires."),
};
/* clang-format on */

KIND(BMC_ACCOUNT, account, .flags = 0);
