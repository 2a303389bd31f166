// SPDX-License-Identifier: Apache-2.0
/* cbmcBladeTable: one row for each blade, plugged in or not. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcBladeId", "id"),
	SN_COLUMN(3, "cbmcBladeName", "name"),
	SN_COLUMN(4, "cbmcBladePresent", "present"),
	SN_COLUMN(5, "cbmcBladeStatus", "status"),
	SN_COLUMN(6, "cbmcBladeHealth", "health"),
	SN_COLUMN(7, "cbmcBladeAction", "action", .form = SN_ACTION),
	SN_COLUMN(8, "cbmcBladeLastAction", "action"),
	SN_COLUMN(9, "cbmcBladeActionState", "action_state"),
	SN_COLUMN(10, "cbmcBladeActionError", "action_error"),
	SN_COLUMN(11, "cbmcBladeActionJob", "task", .form = SN_UNSIGNED),
	SN_COLUMN(12, "cbmcBladeLocator", "locator"),
	SN_COLUMN(13, "cbmcBladeModel", "model"),
	SN_COLUMN(14, "cbmcBladeSerial", "serial"),
	SN_COLUMN(15, "cbmcBladePartNumber", "part_number"),
	SN_COLUMN(16, "cbmcBladeHwVersion", "hw_version"),
	SN_COLUMN(17, "cbmcBladeSlots", "slots"),
	SN_COLUMN(18, "cbmcBladeBoardsPresent", "boards_present"),
	SN_COLUMN(19, "cbmcBladeBoardsOn", "boards_on"),
	SN_COLUMN(20, "cbmcBladePower", "power"),
};
/* clang-format on */

const struct sn_table sn_blade_table = {
	.name = "cbmcBladeTable",
	.arc = 2,
	.kind = BMC_BLADE,
	.n_index = 1,
	.index = { { "cbmcBladeIndex" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
};
