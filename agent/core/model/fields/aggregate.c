// SPDX-License-Identifier: Apache-2.0
/* The fields of an aggregate: a set of boards that users made. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_aggregate, name, BMC_TEXT, .doc = "Label that users give to the set."),
	FIELD(bmc_aggregate, members, BMC_TEXT, .doc = "Boards, blades and chassis that are in the set."),
};
/* clang-format on */

KIND(BMC_AGGREGATE, aggregate, .flags = 0);
