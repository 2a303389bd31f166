// SPDX-License-Identifier: Apache-2.0
/* cbmcEventTable: the last thousand events. Their notifications name these objects. */
#include "core/base/util.h"
#include "snmp/table.h"

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcEventTime", "time"),
	SN_COLUMN(3, "cbmcEventSeverity", "severity"),
	SN_COLUMN(4, "cbmcEventType", "type"),
	SN_COLUMN(5, "cbmcEventOriginId", "origin_id"),
	SN_COLUMN(6, "cbmcEventOrigin", "parent"),
	SN_COLUMN(7, "cbmcEventText", "message"),
};
/* clang-format on */

const struct sn_table sn_event_table = {
	.name = "cbmcEventTable",
	.arc = 13,
	.kind = BMC_EVENT,
	.n_index = 1,
	.index = { { "cbmcEventIndex" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
};
