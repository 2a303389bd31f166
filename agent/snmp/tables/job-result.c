// SPDX-License-Identifier: Apache-2.0
/* cbmcJobResultTable: what has become of each board of a job. The rows are tasks: the
 * parts of a job for several boards, or the job itself when it is for one. */
#include "core/base/util.h"
#include "snmp/value.h"

static bool index_of(const struct bmc_row *row, struct sn_key *ret)
{
	const struct bmc_snapshot *s = sn_pinned();
	const struct bmc_row *const *parts;
	const struct bmc_row *job =
		row->parent ? bmc_snapshot_row(s, row->parent) : row;

	if (!job ||
	    (job == row && (((const struct bmc_task *)row)->targets != 1 ||
			    bmc_snapshot_children(s, row->handle, BMC_TASK, &parts))))
		return false;
	ret->part[0].number = job->index[0];
	ret->part[1].number = row->index[0];
	return true;
}

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(3, "cbmcJobResultTargetId", "target_id", .doc = "Identifier of the board."),
	SN_COLUMN(4, "cbmcJobResultTarget", "target", .doc = "The board's row in cbmcBoardTable, by its first object."),
	SN_COLUMN(5, "cbmcJobResultBlade", "target", .form = SN_REF_0, .doc = "First index of the board in cbmcBoardTable."),
	SN_COLUMN(6, "cbmcJobResultSlot", "target", .form = SN_REF_1, .doc = "Second index of the board in cbmcBoardTable."),
	SN_COLUMN(7, "cbmcJobResultState", "state", .doc = "Progress of the job on this board."),
	SN_COLUMN(8, "cbmcJobResultPercent", "percent", .doc = "Share that is done on this board."),
	SN_COLUMN(9, "cbmcJobResultMessage", "message", .doc = "What is done on this board, in words."),
	SN_COLUMN(10, "cbmcJobResultError", "error", .doc = "Why it failed on this board, in words. No instance when it did not."),
	SN_COLUMN(11, "cbmcJobResultCode", "code", .doc = "What stopped it on this board, as one word. No instance when nothing did."),
	SN_COLUMN(12, "cbmcJobResultStartTime", "started", .doc = "When work on this board began. No instance before."),
	SN_COLUMN(13, "cbmcJobResultEndTime", "ended", .doc = "When work on this board ended. No instance before."),
};
/* clang-format on */

const struct sn_table sn_job_result_table = {
	.name = "cbmcJobResultTable",
	.arc = 11,
	.kind = BMC_TASK,
	.n_index = 2,
	.index = { { "cbmcJobResultJob" }, { "cbmcJobResultIndex" } },
	.index_of = index_of,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.doc = "What has become of each board of a job. The rows of a job are there as "
	       "long as the job is.",
	.row_doc = "One board of one job.",
	.index_doc = { "The cbmcJobIndex of the job.",
		       "Number of the board's part of the job; that of the job itself "
		       "when it is for one board." },
};
