// SPDX-License-Identifier: Apache-2.0
/* cbmcSensorTable: one row for each sensor. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcSensorId", "id"),
	SN_COLUMN(3, "cbmcSensorName", "name"),
	SN_COLUMN(4, "cbmcSensorStatus", "status"),
	SN_COLUMN(5, "cbmcSensorHealth", "health"),
	SN_COLUMN(6, "cbmcSensorType", "type"),
	SN_COLUMN(7, "cbmcSensorValue", "value"),
	SN_COLUMN(8, "cbmcSensorLowCritical", "low_critical"),
	SN_COLUMN(9, "cbmcSensorLowWarning", "low_warning"),
	SN_COLUMN(10, "cbmcSensorHighWarning", "high_warning"),
	SN_COLUMN(11, "cbmcSensorHighCritical", "high_critical"),
	SN_COLUMN(12, "cbmcSensorParent", "parent"),
	SN_COLUMN(13, "cbmcSensorBoardBlade", "parent", .form = SN_REF_0),
	SN_COLUMN(14, "cbmcSensorBoardSlot", "parent", .form = SN_REF_1),
	SN_COLUMN(15, "cbmcSensorContext", "context"),
};
/* clang-format on */

const struct sn_table sn_sensor_table = {
	.name = "cbmcSensorTable",
	.arc = 7,
	.kind = BMC_SENSOR,
	.n_index = 1,
	.index = { { "cbmcSensorIndex" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
};
