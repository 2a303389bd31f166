// SPDX-License-Identifier: Apache-2.0
/* The fields of a power supply. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_psu, name, .doc = "Label that users give it."),
	FIELD(bmc_psu, model, BMC_TEXT, .flags = BMC_STATIC, .doc = "Model of the supply."),
	FIELD(bmc_psu, serial, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Serial number of the supply."),
	FIELD(bmc_psu, part_number, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "The maker's part number."),
	FIELD(bmc_psu, manufacturer, BMC_TEXT, .flags = BMC_STATIC, .doc = "Who made it."),
	FIELD(bmc_psu, present, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the supply is plugged in."),
	FIELD(bmc_psu, input_ok, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the mains is there."),
	FIELD(bmc_psu, output_ok, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether its output is good."),
	FIELD(bmc_psu, input_voltage, BMC_INT, .unit = BMC_UNIT_MILLIVOLT, .doc = "Mains voltage."),
	FIELD(bmc_psu, output_voltage, BMC_INT, .unit = BMC_UNIT_MILLIVOLT,
	      .doc = "Voltage of the output."),
	FIELD(bmc_psu, output_current, BMC_INT, .unit = BMC_UNIT_MILLIAMPERE,
	      .doc = "Current of the output."),
	FIELD(bmc_psu, input_power, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLIWATT,
	      .doc = "Power drawn from the mains."),
	FIELD(bmc_psu, output_power, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLIWATT, .doc = "Power given out."),
	FIELD(bmc_psu, capacity, BMC_INT, .unit = BMC_UNIT_MILLIWATT, .flags = BMC_STATIC,
	      .doc = "Highest power it can give."),
	FIELD(bmc_psu, energy, BMC_COUNTER, .unit = BMC_UNIT_JOULE,
	      .doc = "Energy drawn from the mains so far."),
	FIELD(bmc_psu, temperature, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLICELSIUS,
	      .doc = "Temperature inside."),
};
/* clang-format on */

KIND(BMC_PSU, psu,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_PLUGGABLE |
	      BMC_KIND_ROLLS_UP,
     .level = 3);
