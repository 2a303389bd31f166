// SPDX-License-Identifier: Apache-2.0
/* cbmcDiskTable: one row for each disk and each bay. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcDiskId", "id"),
	SN_COLUMN(3, "cbmcDiskName", "name"),
	SN_COLUMN(4, "cbmcDiskPresent", "present"),
	SN_COLUMN(5, "cbmcDiskStatus", "status"),
	SN_COLUMN(6, "cbmcDiskHealth", "health"),
	SN_COLUMN(7, "cbmcDiskModel", "model"),
	SN_COLUMN(8, "cbmcDiskSerial", "serial"),
	SN_COLUMN(9, "cbmcDiskFirmware", "firmware"),
	SN_COLUMN(10, "cbmcDiskDevice", "device"),
	SN_COLUMN(11, "cbmcDiskMedia", "media"),
	SN_COLUMN(12, "cbmcDiskBytes", "bytes"),
	SN_COLUMN(13, "cbmcDiskUsedBytes", "used_bytes"),
	SN_COLUMN(14, "cbmcDiskTemperature", "temperature"),
	SN_COLUMN(15, "cbmcDiskHours", "hours"),
	SN_COLUMN(16, "cbmcDiskRotationRpm", "rotation_rpm"),
	SN_COLUMN(17, "cbmcDiskFailurePredicted", "failure_predicted"),
	SN_COLUMN(18, "cbmcDiskParent", "parent",
		  .doc = "The row that holds the disk, by its first object."),
	SN_COLUMN(19, "cbmcDiskBoardBlade", "parent", .form = SN_REF_0,
		  .doc = "First index in cbmcBoardTable of the board that holds the disk. No instance when no board holds it."),
	SN_COLUMN(20, "cbmcDiskBoardSlot", "parent", .form = SN_REF_1,
		  .doc = "Second index in cbmcBoardTable of the board that holds the disk. No instance when no board holds it."),
	SN_COLUMN(21, "cbmcDiskProtocol", "protocol"),
	SN_COLUMN(22, "cbmcDiskLocator", "locator"),
};
/* clang-format on */

const struct sn_table sn_disk_table = {
	.name = "cbmcDiskTable",
	.arc = 6,
	.kind = BMC_DISK,
	.n_index = 1,
	.index = { { "cbmcDiskIndex" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.doc = "The disks, and the bays for disks.",
	.row_doc = "One disk, or one empty bay.",
	.index_doc = { "Number of the disk. It is the same after a restart." },
};
