// SPDX-License-Identifier: Apache-2.0
/* cbmcFirmwareTable: one row for each piece of software that has a version. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcFirmwareId", "id"),
	SN_COLUMN(3, "cbmcFirmwareName", "name"),
	SN_COLUMN(4, "cbmcFirmwareStatus", "status"),
	SN_COLUMN(5, "cbmcFirmwareHealth", "health"),
	SN_COLUMN(6, "cbmcFirmwareVersion", "version"),
	SN_COLUMN(7, "cbmcFirmwareUpdateable", "updateable"),
	SN_COLUMN(8, "cbmcFirmwareParent", "parent",
		  .doc = "The row that holds the firmware, by its first object."),
	SN_COLUMN(9, "cbmcFirmwareBoardBlade", "parent", .form = SN_REF_0,
		  .doc = "First index in cbmcBoardTable of the board that holds the firmware. No instance when no board holds it."),
	SN_COLUMN(10, "cbmcFirmwareBoardSlot", "parent", .form = SN_REF_1,
		  .doc = "Second index in cbmcBoardTable of the board that holds the firmware. No instance when no board holds it."),
};
/* clang-format on */

const struct sn_table sn_firmware_table = {
	.name = "cbmcFirmwareTable",
	.arc = 9,
	.kind = BMC_FIRMWARE,
	.n_index = 1,
	.index = { { "cbmcFirmwareIndex" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.doc = "The firmware and the software that has a version.",
	.row_doc = "One piece of firmware.",
	.index_doc = { "Number of the firmware. It is the same after a restart." },
};
