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
	SN_COLUMN(7, "cbmcBladeAction", "action", .form = SN_ACTION,
		  .doc = "Writing starts an operation on the blade, on all of its boards. It becomes a job, which cbmcBladeActionJob names and cbmcBladeActionState follows; the SET is answered before it begins. What is as asked already succeeds without a job. inconsistentValue: the slot is empty, or another operation is under way; wrongValue: this hardware can not do it."),
	SN_COLUMN(8, "cbmcBladeLastAction", "action"),
	SN_COLUMN(9, "cbmcBladeActionState", "action_state"),
	SN_COLUMN(10, "cbmcBladeActionError", "action_error"),
	SN_COLUMN(11, "cbmcBladeActionJob", "task", .form = SN_UNSIGNED,
		  .doc = "The cbmcJobIndex of the last operation's job, which may be gone by now."),
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
	.doc = "The blades: carriers of boards that are plugged into the chassis.",
	.row_doc = "One blade slot. The row is there while the slot is empty, so an "
		   "index never moves.",
	.index_doc = { "Number of the blade slot, as printed on the chassis." },
	.index_range = { "1..255" },
};
