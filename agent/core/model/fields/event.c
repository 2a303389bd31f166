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
	FIELD(bmc_event, time, BMC_TIME, .doc = "When the event happened."),
	FIELD(bmc_event, severity, BMC_ENUM, .names = bmc_severity_names,
	      .doc = "How urgent the event is."),
	FIELD(bmc_event, type, BMC_TEXT,
	      .doc = "Type of the event: a word of the message registry, such as BoardInserted."),
	FIELD(bmc_event, origin_id, BMC_TEXT, .doc = "Identifier of the row that the event happened to."),
	FIELD(bmc_event, origin_kind, BMC_ENUM, .flags = BMC_INTERNAL,
	      .names = bmc_kind_names, .doc = "Kind of what it happened to."),
	FIELD(bmc_event, message, BMC_TEXT, .doc = "What happened, as a sentence."),
	ARGUMENT(0, "arg1"), ARGUMENT(1, "arg2"), ARGUMENT(2, "arg3"),
	FIELD(bmc_event, before, BMC_TEXT,
	      .doc = "State before the event, of an event that is a change of state."),
	FIELD(bmc_event, after, BMC_TEXT,
	      .doc = "State that the event began, of an event that is a change of state."),
	FIELD(bmc_event, reading, BMC_INT, .unit = BMC_UNIT_BY_ROW,
	      .doc = "What the sensor read when it crossed its limit, in thousandths of its unit."),
	FIELD(bmc_event, limit, BMC_INT, .unit = BMC_UNIT_BY_ROW,
	      .doc = "Limit that the sensor crossed, in thousandths of its unit."),
	FIELD(bmc_event, operation, BMC_TEXT, .doc = "What the task does, of an event of a task."),
	FIELD(bmc_event, target, BMC_TEXT,
	      .doc = "Id of what the task works on, of an event of a task; none: a set of boards."),
	FIELD(bmc_event, client, BMC_TEXT,
	      .doc = "Address of the client, of an event that a client caused."),
};
/* clang-format on */

KIND(BMC_EVENT, event, .flags = 0);
