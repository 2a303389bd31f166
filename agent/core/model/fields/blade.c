// SPDX-License-Identifier: Apache-2.0
/* The fields of a blade: a carrier of boards. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_blade, name, .doc = "Label that users give to the blade; empty until they do."),
	FIELD(bmc_blade, model, BMC_TEXT, .flags = BMC_STATIC, .doc = "Model of the blade."),
	FIELD(bmc_blade, serial, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Serial number of the blade."),
	FIELD(bmc_blade, part_number, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "The manufacturer's part number of the blade."),
	FIELD(bmc_blade, hw_version, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Revision of the blade's hardware."),
	FIELD(bmc_blade, present, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the blade is plugged in."),
	FIELD(bmc_blade, locator, BMC_BOOL, .flags = BMC_SETTING | BMC_STATE, .max = 1,
	      .verb = "locator", .doc = "Whether the light is lit that shows where the blade is."),
	FIELD(bmc_blade, power, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLIWATT,
	      .doc = "Power that the blade draws, with its boards."),
	FIELD(bmc_blade, slots, BMC_INT, .flags = BMC_DERIVED,
	      .doc = "Number of board slots on the blade."),
	FIELD(bmc_blade, boards_present, BMC_INT, .flags = BMC_DERIVED | BMC_STATE,
	      .doc = "Number of boards in the blade's slots."),
	FIELD(bmc_blade, boards_on, BMC_INT, .flags = BMC_DERIVED | BMC_STATE,
	      .doc = "Number of boards on the blade that are powered."),
	FIELD(bmc_blade, action, BMC_ENUM, .flags = BMC_STATE, .names = bmc_action_names,
	      .doc = "The last operation on the blade as a whole."),
	FIELD(bmc_blade, action_state, BMC_ENUM, .flags = BMC_STATE,
	      .names = bmc_task_state_names,
	      .doc = "Progress of the last operation on the blade as a whole."),
	FIELD(bmc_blade, task, BMC_INT, .flags = BMC_STATE,
	      .doc = "Number of the last operation's task."),
	FIELD(bmc_blade, action_error, BMC_TEXT, .flags = BMC_STATE,
	      .doc = "Why the last operation failed; empty when it did not."),
	FIELD(bmc_blade, allowed, BMC_INT, .flags = BMC_DERIVED | BMC_STATE | BMC_INTERNAL,
	      .doc = "Which operations are possible on any of its boards, as a mask."),
};
/* clang-format on */

KIND(BMC_BLADE, blade,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_PLUGGABLE |
	      BMC_KIND_ROLLS_UP,
     .level = 1);
