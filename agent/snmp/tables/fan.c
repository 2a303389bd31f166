// SPDX-License-Identifier: Apache-2.0
/* cbmcFanTable: one row for each fan. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcFanId", "id"),
	SN_COLUMN(3, "cbmcFanName", "name"),
	SN_COLUMN(4, "cbmcFanPresent", "present"),
	SN_COLUMN(5, "cbmcFanStatus", "status"),
	SN_COLUMN(6, "cbmcFanHealth", "health"),
	SN_COLUMN(7, "cbmcFanRpm", "rpm"),
	SN_COLUMN(8, "cbmcFanDuty", "duty"),
	SN_COLUMN(9, "cbmcFanMode", "mode"),
	SN_COLUMN(10, "cbmcFanTargetDuty", "target_duty",
		  .doc = "Share of the full drive that was asked for. It is used while cbmcFanMode is manual(3)."),
	SN_COLUMN(11, "cbmcFanLowRpm", "low_rpm"),
	SN_COLUMN(12, "cbmcFanModel", "model"),
	SN_COLUMN(13, "cbmcFanSerial", "serial"),
	SN_COLUMN(14, "cbmcFanParent", "parent",
		  .doc = "The row that holds the fan: the first object of the chassis, a board or a power supply."),
	SN_COLUMN(15, "cbmcFanModule", "module"),
};
/* clang-format on */

const struct sn_table sn_fan_table = {
	.name = "cbmcFanTable",
	.arc = 4,
	.kind = BMC_FAN,
	.n_index = 1,
	.index = { { "cbmcFanIndex" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.doc = "The fans of the chassis and of its power supplies.",
	.row_doc = "One fan, or the empty place of one.",
	.index_doc = { "Number of the fan. It is the same after a restart." },
};
