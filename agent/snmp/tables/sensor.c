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
	SN_COLUMN(6, "cbmcSensorType", "type",
		  .doc = "What the sensor measures, and so the unit of cbmcSensorValue and of the limits."),
	SN_COLUMN(7, "cbmcSensorValue", "value",
		  .doc = "The reading, in the unit that cbmcSensorType names."),
	SN_COLUMN(8, "cbmcSensorLowCritical", "low_critical",
		  .doc = "Limit below which the reading is critical. It is at most cbmcSensorLowWarning."),
	SN_COLUMN(9, "cbmcSensorLowWarning", "low_warning",
		  .doc = "Limit below which the reading is a warning. It is at most cbmcSensorHighWarning."),
	SN_COLUMN(10, "cbmcSensorHighWarning", "high_warning",
		  .doc = "Limit above which the reading is a warning. It is at most cbmcSensorHighCritical."),
	SN_COLUMN(11, "cbmcSensorHighCritical", "high_critical",
		  .doc = "Limit above which the reading is critical. Limits are compared as a SET leaves them: inconsistentValue when they are out of order."),
	SN_COLUMN(12, "cbmcSensorParent", "parent",
		  .doc = "The row that holds the sensor, by its first object."),
	SN_COLUMN(13, "cbmcSensorBoardBlade", "parent", .form = SN_REF_0,
		  .doc = "First index in cbmcBoardTable of the board that holds the sensor. No instance when no board holds it."),
	SN_COLUMN(14, "cbmcSensorBoardSlot", "parent", .form = SN_REF_1,
		  .doc = "Second index in cbmcBoardTable of the board that holds the sensor. No instance when no board holds it."),
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
	.doc = "The readings that have limits: temperatures, voltages, currents, "
	       "power.",
	.row_doc = "One sensor. The row is there while the sensor can not be read.",
	.index_doc = { "Number of the sensor. It is the same after a restart." },
};
