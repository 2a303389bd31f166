// SPDX-License-Identifier: Apache-2.0
/* cbmcConditionTable: the bad states that last at present. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcConditionSince", "since"),
	SN_COLUMN(3, "cbmcConditionSeverity", "severity"),
	SN_COLUMN(4, "cbmcConditionReason", "reason"),
	SN_COLUMN(5, "cbmcConditionOriginId", "origin_id"),
	SN_COLUMN(6, "cbmcConditionOrigin", "parent",
		  .doc = "The row that the condition is about, by its first object."),
	SN_COLUMN(7, "cbmcConditionText", "message"),
};
/* clang-format on */

const struct sn_table sn_condition_table = {
	.name = "cbmcConditionTable",
	.arc = 15,
	.kind = BMC_CONDITION,
	.n_index = 1,
	.index = { { "cbmcConditionIndex" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.doc = "The bad states that last at present. A condition is removed when its "
	       "cause is.",
	.row_doc = "One condition that lasts.",
	.index_doc = { "Number of the condition. Numbers rise and are not used again "
		       "while the agent runs." },
};
