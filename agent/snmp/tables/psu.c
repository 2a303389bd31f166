// SPDX-License-Identifier: Apache-2.0
/* cbmcPsuTable: one row for each power supply. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcPsuId", "id"),
	SN_COLUMN(3, "cbmcPsuName", "name"),
	SN_COLUMN(4, "cbmcPsuPresent", "present"),
	SN_COLUMN(5, "cbmcPsuStatus", "status"),
	SN_COLUMN(6, "cbmcPsuHealth", "health"),
	SN_COLUMN(7, "cbmcPsuInputOk", "input_ok"),
	SN_COLUMN(8, "cbmcPsuOutputOk", "output_ok"),
	SN_COLUMN(9, "cbmcPsuInputVoltage", "input_voltage"),
	SN_COLUMN(10, "cbmcPsuOutputVoltage", "output_voltage"),
	SN_COLUMN(11, "cbmcPsuOutputCurrent", "output_current"),
	SN_COLUMN(12, "cbmcPsuInputPower", "input_power"),
	SN_COLUMN(13, "cbmcPsuOutputPower", "output_power"),
	SN_COLUMN(14, "cbmcPsuCapacity", "capacity"),
	SN_COLUMN(15, "cbmcPsuEnergy", "energy"),
	SN_COLUMN(16, "cbmcPsuTemperature", "temperature"),
	SN_COLUMN(17, "cbmcPsuModel", "model"),
	SN_COLUMN(18, "cbmcPsuSerial", "serial"),
	SN_COLUMN(19, "cbmcPsuPartNumber", "part_number"),
	SN_COLUMN(20, "cbmcPsuManufacturer", "manufacturer"),
};
/* clang-format on */

const struct sn_table sn_psu_table = {
	.name = "cbmcPsuTable",
	.arc = 5,
	.kind = BMC_PSU,
	.n_index = 1,
	.index = { { "cbmcPsuIndex" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.doc = "The power supplies.",
	.row_doc = "One power supply, or the empty bay of one.",
	.index_doc = { "Number of the power supply. It is the same after a restart." },
};
