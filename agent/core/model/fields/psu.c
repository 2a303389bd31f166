// SPDX-License-Identifier: Apache-2.0
/* The fields of a power supply. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_psu, name, .doc = "Label that users give to the power supply; empty until they do."),
	FIELD(bmc_psu, model, BMC_TEXT, .flags = BMC_STATIC, .doc = "Model of the power supply."),
	FIELD(bmc_psu, serial, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Serial number of the power supply."),
	FIELD(bmc_psu, part_number, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "The manufacturer's part number of the power supply."),
	FIELD(bmc_psu, manufacturer, BMC_TEXT, .flags = BMC_STATIC,
	      .doc = "Name of the power supply's manufacturer."),
	FIELD(bmc_psu, present, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the power supply is plugged in."),
	FIELD(bmc_psu, input_ok, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the power supply gets mains voltage."),
	FIELD(bmc_psu, output_ok, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the power supply's output is good."),
	FIELD(bmc_psu, input_voltage, BMC_INT, .unit = BMC_UNIT_MILLIVOLT,
	      .doc = "Mains voltage at the power supply."),
	FIELD(bmc_psu, output_voltage, BMC_INT, .unit = BMC_UNIT_MILLIVOLT,
	      .doc = "Voltage of the power supply's output."),
	FIELD(bmc_psu, output_current, BMC_INT, .unit = BMC_UNIT_MILLIAMPERE,
	      .doc = "Current that the power supply gives out."),
	FIELD(bmc_psu, input_power, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLIWATT,
	      .doc = "Power that the power supply draws from the mains."),
	FIELD(bmc_psu, output_power, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLIWATT,
	      .doc = "Power that the power supply gives out."),
	FIELD(bmc_psu, capacity, BMC_INT, .unit = BMC_UNIT_MILLIWATT, .flags = BMC_STATIC,
	      .doc = "Highest power that the power supply can give out."),
	FIELD(bmc_psu, energy, BMC_COUNTER, .unit = BMC_UNIT_JOULE,
	      .doc = "Energy that the power supply has drawn from the mains so far."),
	FIELD(bmc_psu, temperature, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLICELSIUS,
	      .doc = "Temperature inside the power supply."),
};
/* clang-format on */

KIND(BMC_PSU, psu,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_PLUGGABLE |
	      BMC_KIND_ROLLS_UP,
     .level = 3);
