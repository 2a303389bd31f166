// SPDX-License-Identifier: Apache-2.0
/* The fields of a condition: a bad state that lasts. */
#include "core/model/fields.h"

/* clang-format off */
#define ARGUMENT(i, word)                                                 \
	{ .name = (word), .type = BMC_TEXT, .flags = BMC_INTERNAL,        \
	  .offset = offsetof(struct bmc_condition, args[i]),              \
	  .size = sizeof(((struct bmc_condition *)0)->args[i]),           \
	  .doc = "What the message's template takes." }

static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_condition, since, BMC_TIME, .doc = "When the condition began."),
	FIELD(bmc_condition, severity, BMC_ENUM, .flags = BMC_STATE, .names = bmc_severity_names,
	      .doc = "How urgent the condition is."),
	FIELD(bmc_condition, reason, BMC_TEXT, .doc = "Type of the event that began the condition."),
	FIELD(bmc_condition, origin_id, BMC_TEXT,
	      .doc = "Identifier of the row that the condition is about."),
	FIELD(bmc_condition, origin_kind, BMC_ENUM, .flags = BMC_INTERNAL,
	      .names = bmc_kind_names, .doc = "Kind of what it is about."),
	FIELD(bmc_condition, message, BMC_TEXT, .doc = "What is the matter, as a sentence."),
	ARGUMENT(0, "arg1"), ARGUMENT(1, "arg2"), ARGUMENT(2, "arg3"),
};
/* clang-format on */

KIND(BMC_CONDITION, condition, .flags = 0);
