// SPDX-License-Identifier: Apache-2.0
/* The fields of an event: something that happened, once. */
#include "core/model/fields.h"

/* clang-format off */
#define ARGUMENT(i, word)                                                 \
	{ .name = (word), .type = BMC_TEXT, .flags = BMC_INTERNAL,        \
	  .offset = offsetof(struct bmc_event, args[i]),                  \
	  .size = sizeof(((struct bmc_event *)0)->args[i]),               \
	  .doc = "What the message's template takes." }

static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_event, time, BMC_TIME, .doc = "When it happened."),
	FIELD(bmc_event, severity, BMC_ENUM, .names = bmc_severity_names,
	      .doc = "How bad it is."),
	FIELD(bmc_event, type, BMC_TEXT, .doc = "What kind of event it is."),
	FIELD(bmc_event, origin_id, BMC_TEXT, .doc = "Name of what it happened to."),
	FIELD(bmc_event, origin_kind, BMC_ENUM, .flags = BMC_INTERNAL,
	      .names = bmc_kind_names, .doc = "Kind of what it happened to."),
	FIELD(bmc_event, message, BMC_TEXT, .doc = "What happened, in words."),
	ARGUMENT(0, "arg1"), ARGUMENT(1, "arg2"), ARGUMENT(2, "arg3"),
};
/* clang-format on */

KIND(BMC_EVENT, event, .flags = 0);
