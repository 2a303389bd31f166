// SPDX-License-Identifier: Apache-2.0
/* The fields of a fan. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_fan, name, .doc = "Label that users give to the fan; empty until they do."),
	FIELD(bmc_fan, model, BMC_TEXT, .flags = BMC_STATIC, .doc = "Model of the fan."),
	FIELD(bmc_fan, serial, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Serial number of the fan."),
	FIELD(bmc_fan, present, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the fan is plugged in."),
	FIELD(bmc_fan, rpm, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_RPM,
	      .doc = "Speed of the fan, from its tachometer."),
	FIELD(bmc_fan, duty, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLIPERCENT,
	      .doc = "Share of the fan's full drive, as read back from the hardware."),
	FIELD(bmc_fan, mode, BMC_ENUM, .flags = BMC_SETTING | BMC_STATIC | BMC_STATE,
	      .names = bmc_fan_mode_names, .min = BMC_FAN_AUTOMATIC,
	      .max = BMC_FAN_MANUAL, .verb = "fan_mode", .doc = "What decides on the fan's speed. Manual ends by itself after the time that the configuration gives it (manual_fans)."),
	FIELD(bmc_fan, target_duty, BMC_INT, .unit = BMC_UNIT_MILLIPERCENT,
	      .flags = BMC_SETTING | BMC_STATIC | BMC_STATE, .max = 100000, .verb = "fan_duty",
	      .doc = "Share of the fan's full drive that was asked for. Used while the mode is Manual."),
	FIELD(bmc_fan, low_rpm, BMC_INT, .unit = BMC_UNIT_RPM, .flags = BMC_SETTING | BMC_STATIC,
	      .max = 100000, .doc = "Speed below which the fan counts as failed."),
	FIELD(bmc_fan, module, BMC_INT, .flags = BMC_STATIC, .min = 0, .max = 7,
	      .doc = "Number of the fan module that the fan is in; one fan of a module may fail."),
};
/* clang-format on */

KIND(BMC_FAN, fan,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_PLUGGABLE |
	      BMC_KIND_ROLLS_UP,
     .level = 3);
