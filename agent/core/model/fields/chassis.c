// SPDX-License-Identifier: Apache-2.0
/* The fields of a chassis: the whole machine. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_chassis, name, .doc = "Label that users give it."),
	FIELD(bmc_chassis, model, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Model of the cluster server."),
	FIELD(bmc_chassis, manufacturer, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Who made it."),
	FIELD(bmc_chassis, serial, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Serial number of the chassis."),
	FIELD(bmc_chassis, part_number, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "The maker's part number."),
	LABEL(bmc_chassis, asset_tag, .doc = "Inventory number of the operator."),
	FIELD(bmc_chassis, form, BMC_ENUM, .flags = BMC_STATIC,
	      .names = bmc_chassis_form_names, .doc = "How it is built."),
	FIELD(bmc_chassis, locator, BMC_BOOL, .flags = BMC_SETTING | BMC_STATE,
	      .max = 1, .verb = "locator", .doc = "Whether the locating light is lit."),
	FIELD(bmc_chassis, power, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLIWATT,
	      .doc = "Power drawn from the mains; the sum of the supplies where nothing measures it."),
	FIELD(bmc_chassis, redundancy, BMC_ENUM, .flags = BMC_DERIVED | BMC_STATE,
	      .names = bmc_redundancy_names,
	      .doc = "Whether a power supply may fail without harm."),
	FIELD(bmc_chassis, boards_present, BMC_INT, .flags = BMC_DERIVED | BMC_STATE,
	      .doc = "Number of boards in the slots; main is not counted."),
	FIELD(bmc_chassis, boards_on, BMC_INT, .flags = BMC_DERIVED | BMC_STATE,
	      .doc = "Number of those that are powered."),
	FIELD(bmc_chassis, allowed, BMC_INT, .flags = BMC_DERIVED | BMC_STATE | BMC_INTERNAL,
	      .doc = "Which operations are possible on any of its boards, as a mask."),
};
/* clang-format on */

KIND(BMC_CHASSIS, chassis,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_ROLLS_UP);
