// SPDX-License-Identifier: Apache-2.0
/* The fields of an audit record: who asked for what. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_audit, time, BMC_TIME, .doc = "When it was asked for."),
	FIELD(bmc_audit, accepted, BMC_BOOL, .doc = "Whether it was accepted."),
	FIELD(bmc_audit, user, BMC_TEXT, .doc = "Who asked."),
	FIELD(bmc_audit, origin, BMC_TEXT, .doc = "Over which interface."),
	FIELD(bmc_audit, client, BMC_TEXT, .doc = "From which address."),
	FIELD(bmc_audit, action, BMC_TEXT, .doc = "What was asked for."),
	FIELD(bmc_audit, target, BMC_TEXT, .doc = "Of which row."),
	FIELD(bmc_audit, detail, BMC_TEXT, .doc = "Why it was refused, or more of what was asked."),
};
/* clang-format on */

KIND(BMC_AUDIT, audit, .flags = 0);
