// SPDX-License-Identifier: Apache-2.0
/* The fields of a chassis: the whole machine. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_chassis, name, .doc = "Label that users give to the chassis; empty until they do."),
	FIELD(bmc_chassis, model, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Model of the cluster server."),
	FIELD(bmc_chassis, manufacturer, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Name of the chassis's manufacturer."),
	FIELD(bmc_chassis, serial, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Serial number of the chassis."),
	FIELD(bmc_chassis, part_number, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "The manufacturer's part number of the chassis."),
	LABEL(bmc_chassis, asset_tag,
	      .doc = "Inventory number that the operator gives to the chassis; empty until it is set."),
	FIELD(bmc_chassis, form, BMC_ENUM, .flags = BMC_STATIC,
	      .names = bmc_chassis_form_names, .doc = "How the chassis is built."),
	FIELD(bmc_chassis, locator, BMC_BOOL, .flags = BMC_SETTING | BMC_STATE,
	      .max = 1, .verb = "locator",
	      .doc = "Whether the light is lit that shows where the chassis is."),
	FIELD(bmc_chassis, power, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLIWATT,
	      .doc = "Power that the chassis draws from the mains; "
		     "the sum of its power supplies where nothing measures it as a whole."),
	FIELD(bmc_chassis, redundancy, BMC_ENUM, .flags = BMC_DERIVED | BMC_STATE,
	      .names = bmc_redundancy_names,
	      .doc = "Whether a power supply may fail without harm."),
	FIELD(bmc_chassis, boards_present, BMC_INT, .flags = BMC_DERIVED | BMC_STATE,
	      .doc = "Number of boards in the slots; main is not counted."),
	FIELD(bmc_chassis, boards_on, BMC_INT, .flags = BMC_DERIVED | BMC_STATE,
	      .doc = "Number of boards in the slots that are powered; main is not counted."),
	FIELD(bmc_chassis, allowed, BMC_INT, .flags = BMC_DERIVED | BMC_STATE | BMC_INTERNAL,
	      .doc = "Which operations are possible on any of its boards, as a mask."),
	FIELD(bmc_chassis, fan_redundancy, BMC_ENUM, .flags = BMC_DERIVED | BMC_STATE,
	      .names = bmc_redundancy_names,
	      .doc = "Whether a fan of each fan module may fail without harm."),
	FIELD(bmc_chassis, network_redundancy, BMC_ENUM, .flags = BMC_DERIVED | BMC_STATE,
	      .names = bmc_redundancy_names,
	      .doc = "Whether a network unit may fail without harm: it is good while one of its interfaces has a link."),
};
/* clang-format on */

KIND(BMC_CHASSIS, chassis,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_ROLLS_UP);
