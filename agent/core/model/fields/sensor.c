// SPDX-License-Identifier: Apache-2.0
/* The fields of a sensor: one reading with its limits. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_sensor, name, .doc = "Label that users give it."),
	FIELD(bmc_sensor, type, BMC_ENUM, .flags = BMC_STATIC, .names = bmc_sensor_type_names,
	      .doc = "What it measures, and so the unit of its value."),
	FIELD(bmc_sensor, value, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_BY_ROW, .doc = "The reading."),
	FIELD(bmc_sensor, low_critical, BMC_INT, .unit = BMC_UNIT_BY_ROW,
	      .flags = BMC_SETTING | BMC_STATIC, .min = -1000000000, .max = 1000000000,
	      .doc = "Below this it is critical."),
	FIELD(bmc_sensor, low_warning, BMC_INT, .unit = BMC_UNIT_BY_ROW,
	      .flags = BMC_SETTING | BMC_STATIC, .min = -1000000000, .max = 1000000000,
	      .doc = "Below this it warns."),
	FIELD(bmc_sensor, high_warning, BMC_INT, .unit = BMC_UNIT_BY_ROW,
	      .flags = BMC_SETTING | BMC_STATIC, .min = -1000000000, .max = 1000000000,
	      .doc = "Above this it warns."),
	FIELD(bmc_sensor, high_critical, BMC_INT, .unit = BMC_UNIT_BY_ROW,
	      .flags = BMC_SETTING | BMC_STATIC, .min = -1000000000, .max = 1000000000,
	      .doc = "Above this it is critical."),
	FIELD(bmc_sensor, context, BMC_ENUM, .flags = BMC_STATIC, .names = bmc_context_names,
	      .doc = "What of the machine it measures; unknown: what it belongs to."),
};
/* clang-format on */

KIND(BMC_SENSOR, sensor,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_RUN_TIME |
	      BMC_KIND_ROLLS_UP,
     .level = 5);
