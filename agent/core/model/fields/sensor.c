// SPDX-License-Identifier: Apache-2.0
/* The fields of a sensor: one reading with its limits. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_sensor, name, .doc = "Label that users give to the sensor; empty until they do."),
	FIELD(bmc_sensor, type, BMC_ENUM, .flags = BMC_STATIC, .names = bmc_sensor_type_names,
	      .doc = "What the sensor measures, and so the unit of its value and of its limits."),
	FIELD(bmc_sensor, value, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_BY_ROW,
	      .doc = "The sensor's reading, in the unit that its type names."),
	FIELD(bmc_sensor, low_critical, BMC_INT, .unit = BMC_UNIT_BY_ROW,
	      .flags = BMC_SETTING | BMC_STATIC, .min = -1000000000, .max = 1000000000,
	      .doc = "Limit below which a reading is critical. It is not above low_warning."),
	FIELD(bmc_sensor, low_warning, BMC_INT, .unit = BMC_UNIT_BY_ROW,
	      .flags = BMC_SETTING | BMC_STATIC, .min = -1000000000, .max = 1000000000,
	      .doc = "Limit below which a reading is a warning. It is not above high_warning."),
	FIELD(bmc_sensor, high_warning, BMC_INT, .unit = BMC_UNIT_BY_ROW,
	      .flags = BMC_SETTING | BMC_STATIC, .min = -1000000000, .max = 1000000000,
	      .doc = "Limit above which a reading is a warning. It is not above high_critical."),
	FIELD(bmc_sensor, high_critical, BMC_INT, .unit = BMC_UNIT_BY_ROW,
	      .flags = BMC_SETTING | BMC_STATIC, .min = -1000000000, .max = 1000000000,
	      .doc = "Limit above which a reading is critical."),
	FIELD(bmc_sensor, context, BMC_ENUM, .flags = BMC_STATIC, .names = bmc_context_names,
	      .doc = "Which part of the machine the sensor measures."),
};
/* clang-format on */

KIND(BMC_SENSOR, sensor,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_RUN_TIME |
	      BMC_KIND_ROLLS_UP,
     .level = 5);
