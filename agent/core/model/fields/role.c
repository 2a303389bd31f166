// SPDX-License-Identifier: Apache-2.0
/* The fields of a role. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_role, privileges, BMC_INT, .flags = BMC_SETTING, .max = BMC_PRIV_ALL,
	      .doc = "Its privileges, as a bit mask."),
	FIELD(bmc_role, predefined, BMC_BOOL, .doc = "Whether it can't be changed."),
};
/* clang-format on */

KIND(BMC_ROLE, role, .flags = 0);
