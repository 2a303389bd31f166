// SPDX-License-Identifier: Apache-2.0
/* The fields of a task: an accepted action, how far it is and what became of it. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_task, op, BMC_ENUM, .names = bmc_action_names, .doc = "What was asked for."),
	FIELD(bmc_task, state, BMC_ENUM, .flags = BMC_STATE, .names = bmc_task_state_names,
	      .doc = "How far it is."),
	FIELD(bmc_task, percent, BMC_INT, .unit = BMC_UNIT_MILLIPERCENT, .doc = "Share that is done."),
	FIELD(bmc_task, created, BMC_TIME, .doc = "When it was accepted."),
	FIELD(bmc_task, started, BMC_TIME, .doc = "When work on it began."),
	FIELD(bmc_task, ended, BMC_TIME, .flags = BMC_STATE, .doc = "When it ended."),
	FIELD(bmc_task, targets, BMC_INT, .doc = "Number of boards it is for."),
	FIELD(bmc_task, targets_ok, BMC_INT, .doc = "Number of boards it succeeded on."),
	FIELD(bmc_task, targets_failed, BMC_INT, .doc = "Number of boards it failed on."),
	FIELD(bmc_task, target, BMC_REF, .flags = BMC_INTERNAL, .doc = "The row it works on."),
	FIELD(bmc_task, target_id, BMC_TEXT, .doc = "Name of what it works on."),
	FIELD(bmc_task, actor, BMC_TEXT, .doc = "Who asked for it."),
	FIELD(bmc_task, origin, BMC_TEXT, .doc = "Through which interface."),
	FIELD(bmc_task, client, BMC_TEXT, .doc = "From which address."),
	FIELD(bmc_task, message, BMC_TEXT, .doc = "What it is doing, in words."),
	FIELD(bmc_task, error, BMC_TEXT, .doc = "Why it failed."),
	FIELD(bmc_task, code, BMC_TEXT, .doc = "What stopped it, as one word: stage and detail."),
	FIELD(bmc_task, stage, BMC_TEXT, .doc = "Part of a transfer that is under way."),
	FIELD(bmc_task, bytes_done, BMC_INT, .unit = BMC_UNIT_BYTE, .doc = "Bytes of it that are done."),
	FIELD(bmc_task, bytes_total, BMC_INT, .unit = BMC_UNIT_BYTE, .doc = "Bytes that it has."),
	FIELD(bmc_task, rate, BMC_INT, .doc = "Bytes per second, averaged over some seconds."),
	FIELD(bmc_task, history, BMC_TEXT,
	      .doc = "What it did, each with the seconds since it was accepted; the newest last."),
	FIELD(bmc_task, left_out, BMC_TEXT,
	      .doc = "Boards of the set that were busy and are left out; ... stands for more."),
	FIELD(bmc_task, mode, BMC_ENUM, .names = bmc_boot_target_names,
	      .doc = "What the board is to start in the end, other than its system."),
	FIELD(bmc_task, start_at, BMC_TIME, .doc = "When it is to begin, if that is later."),
};
/* clang-format on */

KIND(BMC_TASK, task, .flags = 0);
