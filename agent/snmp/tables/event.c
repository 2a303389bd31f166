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
	SN_COLUMN(6, "cbmcEventOrigin", "parent",
		  .doc = "The row that the event happened to, by its first object. No instance when that has gone."),
	SN_COLUMN(7, "cbmcEventText", "message"),
	SN_COLUMN(8, "cbmcEventBefore", "before"),
	SN_COLUMN(9, "cbmcEventAfter", "after"),
	SN_COLUMN(10, "cbmcEventReading", "reading"),
	SN_COLUMN(11, "cbmcEventLimit", "limit"),
	SN_COLUMN(12, "cbmcEventOperation", "operation"),
	SN_COLUMN(13, "cbmcEventTarget", "target"),
	SN_COLUMN(14, "cbmcEventClient", "client"),
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
	.doc = "The newest events; the log keeps the last 1000.",
	.row_doc = "One event of the log.",
	.index_doc = { "Number of the event. Numbers rise and are not used again, also "
		       "after a restart." },
};
