// SPDX-License-Identifier: Apache-2.0
/* cbmcJobTable: the tasks. A job can be followed here, and asked to end early. */
#include "snmp/job.h"
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
	if (!(sn_set_actor(set)->privileges &
	      bmc_action_privilege(BMC_ACT_ON, BMC_BOARD)))
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

static bool aggregate_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	(void)ret;
	return false;
}

static const struct sn_special aggregate = {
	.syntax = "Unsigned32",
	.type = ASN_UNSIGNED,
	.get = aggregate_get,
};

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(2, "cbmcJobOperation", "op", .create = true,
		  .doc = "The operation. A job that is created names it: on(2) to powerCycle(7), enterMode(16) together with cbmcJobMode, hubReset(18), recover(19), or update(20) together with cbmcJobImage."),
	SN_COLUMN(3, "cbmcJobState", "state",
		  .doc = "Progress of the job as a whole."),
	SN_COLUMN(4, "cbmcJobPercent", "percent",
		  .doc = "Share of the job that is done."),
	SN_COLUMN(5, "cbmcJobTargetId", "target_id", .create = true,
		  .doc = "Identifier of what the job works on. A job that is created names a board, a blade (all of its boards) or the chassis (all boards but main) by it. No instance when that is a set of boards."),
	SN_COLUMN(6, "cbmcJobTarget", "target", .create = true,
		  .doc = "The row that the job works on, by its first object. A job that is created may point at a row of cbmcBoardTable or cbmcBladeTable, or at cbmcId.0 for all boards but main. No instance when that is a set of boards."),
	SN_COLUMN(7, "cbmcJobTargetBlade", "target", .create = true, .form = SN_REF_0,
		  .doc = "First index in cbmcBoardTable of the board that the job works on. A job that is created names a board by this and cbmcJobTargetSlot, or a blade by this alone. No instance when that is no single board."),
	SN_COLUMN(8, "cbmcJobTargetSlot", "target", .create = true, .form = SN_REF_1,
		  .doc = "Second index in cbmcBoardTable of the board that the job works on. No instance when that is no single board."),
	SN_COLUMN(9, "cbmcJobParent", "parent",
		  .doc = "The job that this one is a part of, by its first object. No instance when it is no part."),
	SN_COLUMN(10, "cbmcJobTargets", "targets",
		  .doc = "Number of boards that the job is for."),
	SN_COLUMN(11, "cbmcJobTargetsOk", "targets_ok",
		  .doc = "Number of boards on which the job has completed."),
	SN_COLUMN(12, "cbmcJobTargetsFailed", "targets_failed",
		  .doc = "Number of boards on which the job has not completed: it failed, was cancelled or was interrupted."),
	SN_COLUMN(13, "cbmcJobCreateTime", "created",
		  .doc = "When the job was accepted."),
	SN_COLUMN(14, "cbmcJobStartTime", "started",
		  .doc = "When work on the job began. No instance before."),
	SN_COLUMN(15, "cbmcJobEndTime", "ended",
		  .doc = "When the job ended. No instance before."),
	SN_COLUMN(16, "cbmcJobActor", "actor",
		  .doc = "User, or SNMP user or community, that asked for the job."),
	SN_COLUMN(17, "cbmcJobOrigin", "origin",
		  .doc = "Interface through which the job was asked for: redfish, snmp or local."),
	SN_COLUMN(18, "cbmcJobClient", "client",
		  .doc = "Address from which the job was asked for."),
	SN_COLUMN(19, "cbmcJobMessage", "message",
		  .doc = "What the job is doing, in words."),
	SN_COLUMN(20, "cbmcJobError", "error",
		  .doc = "Why the job failed, in words. No instance when it did not."),
	SN_COLUMN(21, "cbmcJobCancel", NULL, .create = true, .special = &cancel,
		  .doc = "Writing cancel(2) asks the job to end at its next safe point; it is then cancelled(6) in cbmcJobState. noOp(1) does nothing, and is what reading gives. inconsistentValue: it has ended already."),
	SN_COLUMN(22, "cbmcJobCode", "code",
		  .doc = "What stopped the job, as one word: stage and detail. No instance when nothing did."),
	SN_COLUMN(23, "cbmcJobStage", "stage",
		  .doc = "Part of a transfer that is under way. No instance when there is none."),
	SN_COLUMN(24, "cbmcJobBytesDone", "bytes_done",
		  .doc = "Octets of the stage that are done. No instance when the job transfers nothing."),
	SN_COLUMN(25, "cbmcJobBytesTotal", "bytes_total",
		  .doc = "Octets that the stage has. No instance when the job transfers nothing."),
	SN_COLUMN(26, "cbmcJobBytesPerSecond", "rate", .units = "octets per second",
		  .doc = "Speed of the transfer, averaged over some seconds. No instance when there is none."),
	SN_COLUMN(27, "cbmcJobHistory", "history",
		  .doc = "What the job did, each step with the seconds since the job was accepted; the newest is the last. No instance before the first."),
	SN_COLUMN(28, "cbmcJobLeftOut", "left_out",
		  .doc = "Boards of the set that were busy and are left out; ... stands for more. No instance when none is."),
	SN_COLUMN(29, "cbmcJobMode", "mode", .create = true,
		  .doc = "What the board is to start at the end of the job; unknown(1): its system. Given with enterMode(16) only."),
	SN_COLUMN(30, "cbmcJobPlannedTime", "start_at", .create = true,
		  .doc = "When the job is to begin. A time that has passed is at once. No instance when it began at once."),
	SN_COLUMN(31, "cbmcJobRowStatus", NULL, .form = SN_ROW_STATUS, .create = true,
		  .doc = "Creates and removes jobs; reading gives active(1). createAndGo(4), with cbmcJobIndex as cbmcJobNextIndex says, starts a job: the same SET gives cbmcJobOperation, one target (cbmcJobTargetId, cbmcJobTarget, cbmcJobTargetBlade with or without cbmcJobTargetSlot, or cbmcJobTargetAggregate) and, if wanted, the other read-create objects. inconsistentName, or inconsistentValue at cbmcJobRowStatus while that job is there: another manager has taken the index, read cbmcJobNextIndex again. Other inconsistentValue: something is missing, is given twice, or is not possible now. When all is as asked already the job is there, and completed. destroy(6), for roles that may configure the manager, removes a job that has ended; one that is under way is asked to end, as by cbmcJobCancel, and stays until it is destroyed again or ages out. createAndWait(5) is refused with wrongValue."),
	SN_COLUMN(32, "cbmcJobTargetAggregate", NULL, .create = true, .special = &aggregate,
		  .doc = "Only when a job is created: the number of the set of boards (a Redfish aggregate) that the job is for. No instance: cbmcJobResultTable has the boards."),
	SN_COLUMN(33, "cbmcJobBatchSize", "batch", .create = true,
		  .doc = "Number of boards that are worked on at the same time, 1 to 2048. No instance when that is not limited."),
	SN_COLUMN(34, "cbmcJobBatchDelay", "delay", .create = true,
		  .doc = "Time between the end of a batch and the start of the next one, up to a day. No instance when there is none."),
	SN_COLUMN(35, "cbmcJobCanaries", "canary", .create = true,
		  .doc = "Number of boards that have to succeed before the others are begun, up to 2048. No instance when there are none."),
	SN_COLUMN(36, "cbmcJobPerBlade", "per_blade", .create = true,
		  .doc = "Number of boards of one blade that are worked on at the same time, 1 to 2048. No instance when that is not limited."),
	SN_COLUMN(37, "cbmcJobUntil", "until", .create = true,
		  .doc = "When the last board may be begun: the end of a maintenance window that begins at cbmcJobPlannedTime. No instance when there is none."),
	SN_COLUMN(38, "cbmcJobImage", "image", .create = true,
		  .doc = "The image of firmware that the job writes, without what may be secret of an address. A job that is created with the operation update(20) names it: by the identifier or the file name of one that is stored, or by the address from which it is fetched, a URI of the scheme http, https, tftp, sftp or scp. No instance when the job is no update."),
	SN_COLUMN(39, "cbmcJobImageUser", NULL, .create = true, .special = &sn_job_user,
		  .doc = "Only when a job is created: the user at the address of cbmcJobImage. No instance."),
	SN_COLUMN(40, "cbmcJobImageCredential", NULL, .create = true, .special = &sn_job_credential,
		  .doc = "Only when a job is created: the password of cbmcJobImageUser. It is taken from encrypted requests only, others are refused with inconsistentValue. Reading gives the empty string."),
	SN_COLUMN(41, "cbmcJobVerify", NULL, .create = true, .special = &sn_job_verify,
		  .doc = "Only when a job is created: how much of what an update has written is read back and compared: nothing with none(1), samples with sampled(2), every octet with full(3), which is the default. No instance."),
	SN_COLUMN(42, "cbmcJobDryRun", "dry_run", .create = true,
		  .doc = "Whether the update is only checked on every board and writes nothing: true(1). No instance when the job is no update."),
	SN_COLUMN(43, "cbmcJobMaxFailed", "max_failed", .create = true,
		  .doc = "Number of boards of an update that may fail before no further ones are begun, up to 2048. No instance when that is not limited."),
	SN_COLUMN(44, "cbmcJobPriority", "priority", .create = true,
		  .doc = "Of updates that wait the one with the highest number, 0 to 9, begins first. No instance when none was given."),
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
	.create = sn_job_create,
	.doc = "The jobs: operations that were accepted, from any interface. A job "
	       "stays for at least 5 minutes after its end; after that the oldest "
	       "ended ones make room for new ones.",
	.row_doc = "One job, under way or ended.",
	.index_doc = { "Number of the job. Numbers rise and are not used again, also "
		       "after a restart." },
};
