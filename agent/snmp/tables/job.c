// SPDX-License-Identifier: Apache-2.0
/* cbmcJobTable: the tasks. A job can be followed here, and asked to end early. */
#include "core/actions/action.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/set.h"

enum { CANCEL_NO_OP = 1, CANCEL_CANCEL };

static bool cancel_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	sn_value_number(ret, ASN_INTEGER, CANCEL_NO_OP);
	return true;
}

static int cancel_check(struct sn_set *set, const struct bmc_row *row, long value)
{
	const struct bmc_task *task = (const struct bmc_task *)row;

	if (value != CANCEL_NO_OP && value != CANCEL_CANCEL)
		return SNMP_ERR_WRONGVALUE;
	uint32_t needed = bmc_action_privilege(BMC_ACT_ON, BMC_BOARD);
	if ((sn_set_actor(set)->privileges & needed) != needed)
		return SNMP_ERR_AUTHORIZATIONERROR;
	if (value == CANCEL_CANCEL && task->state != BMC_TASK_NEW &&
	    task->state != BMC_TASK_RUNNING)
		return SNMP_ERR_INCONSISTENTVALUE;
	return SNMP_ERR_NOERROR;
}

/* It may have ended since it was checked. */
static void cancel_apply(struct sn_set *set, const struct bmc_row *row, long value)
{
	struct bmc_error err = { 0 };

	if (value == CANCEL_CANCEL &&
	    bmc_task_cancel(sn_set_actor(set), row->index[0], &err) < 0)
		log_limited(LOG_NOTICE, "snmp: job %u not cancelled: %s", row->index[0],
			    err.what);
}

static const struct sn_special cancel = {
	.syntax = "INTEGER { noOp(1), cancel(2) }",
	.type = ASN_INTEGER,
	.get = cancel_get,
	.check = cancel_check,
	.apply = cancel_apply,
};

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcJobOperation", "op"),
	SN_COLUMN(3, "cbmcJobState", "state"),
	SN_COLUMN(4, "cbmcJobPercent", "percent"),
	SN_COLUMN(5, "cbmcJobTargetId", "target_id"),
	SN_COLUMN(6, "cbmcJobTarget", "target"),
	SN_COLUMN(7, "cbmcJobTargetBlade", "target", .form = SN_REF_0),
	SN_COLUMN(8, "cbmcJobTargetSlot", "target", .form = SN_REF_1),
	SN_COLUMN(9, "cbmcJobParent", "parent"),
	SN_COLUMN(10, "cbmcJobTargets", "targets"),
	SN_COLUMN(11, "cbmcJobTargetsOk", "targets_ok"),
	SN_COLUMN(12, "cbmcJobTargetsFailed", "targets_failed"),
	SN_COLUMN(13, "cbmcJobCreateTime", "created"),
	SN_COLUMN(14, "cbmcJobStartTime", "started"),
	SN_COLUMN(15, "cbmcJobEndTime", "ended"),
	SN_COLUMN(16, "cbmcJobActor", "actor"),
	SN_COLUMN(17, "cbmcJobOrigin", "origin"),
	SN_COLUMN(18, "cbmcJobClient", "client"),
	SN_COLUMN(19, "cbmcJobMessage", "message"),
	SN_COLUMN(20, "cbmcJobError", "error"),
	SN_COLUMN(21, "cbmcJobCancel", NULL, .special = &cancel),
	SN_COLUMN(22, "cbmcJobCode", "code"),
	SN_COLUMN(23, "cbmcJobStage", "stage"),
	SN_COLUMN(24, "cbmcJobBytesDone", "bytes_done"),
	SN_COLUMN(25, "cbmcJobBytesTotal", "bytes_total"),
	SN_COLUMN(26, "cbmcJobBytesPerSecond", "rate"),
	SN_COLUMN(27, "cbmcJobHistory", "history"),
	SN_COLUMN(28, "cbmcJobLeftOut", "left_out"),
	SN_COLUMN(29, "cbmcJobMode", "mode"),
	SN_COLUMN(30, "cbmcJobPlannedTime", "start_at"),
};
/* clang-format on */

const struct sn_table sn_job_table = {
	.name = "cbmcJobTable",
	.arc = 10,
	.kind = BMC_TASK,
	.n_index = 1,
	.index = { { "cbmcJobIndex" } },
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
};
