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
	SN_COLUMN(10, "cbmcFanTargetDuty", "target_duty"),
	SN_COLUMN(11, "cbmcFanLowRpm", "low_rpm"),
	SN_COLUMN(12, "cbmcFanModel", "model"),
	SN_COLUMN(13, "cbmcFanSerial", "serial"),
	SN_COLUMN(14, "cbmcFanParent", "parent"),
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
};
