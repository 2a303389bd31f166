// SPDX-License-Identifier: Apache-2.0
// The messages of a task: its state in the words of DMTF's TaskEvent registry, then
// what only our own registry has words for, beside those of the events: what it does,
// which boards it leaves out, why it failed. Called through resources/tasks.c.
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/standard.h"
#include "redfish/task.h"

enum { STEP, ERROR, LEFT_OUT, LEFT_OUT_MORE, FAILED_SO_FAR, UNDOES, CANCELLED };

/* clang-format off */
const struct bmc_event_type rf_task_message_types[] = {
	[STEP] = { "TaskStep", BMC_SEVERITY_OK, 1, "The task is at this step: %1.", "None.",
	  "What a task does at present, or did last." },
	[ERROR] = { "TaskError", BMC_SEVERITY_CRITICAL, 1, "The task has failed: %1.",
	  "Remove the cause and ask again.", "Why a task has failed." },
	[LEFT_OUT] = { "BoardLeftOut", BMC_SEVERITY_WARNING, 1,
	  "Board %1 is left out: another task had begun on it.",
	  "Wait for that task to end, then ask again for this board.",
	  "A board of a set was busy when the task was accepted." },
	[LEFT_OUT_MORE] = { "MoreBoardsLeftOut", BMC_SEVERITY_WARNING, 0,
	  "More boards are left out than are named here: other tasks had begun on them.",
	  "Compare the subtasks with the boards that were asked for.",
	  "More boards of a set were busy than the task has room to name." },
	[FAILED_SO_FAR] = { "BoardsFailedSoFar", BMC_SEVERITY_WARNING, 1,
	  "%1 boards have failed so far.", "See the subtasks for the causes.",
	  "A task goes on with the other boards of its set." },
	[UNDOES] = { "TaskUndoes", BMC_SEVERITY_WARNING, 1,
	  "The task was stopped and undoes what it began: %1.", "Wait for its end.",
	  "What stopped a task that is not at its end yet." },
	[CANCELLED] = { "TaskStopped", BMC_SEVERITY_WARNING, 1, "The task has ended early: %1.",
	  "Ask again if it is still wanted.", "Why a task was cancelled." },
	{ .name = NULL },
};
/* clang-format on */

/* Adds one of ours; its argument is `arg`, if it has one. */
static void add(json_t *list, size_t which, const char *arg)
{
	const struct bmc_event_type *t = &rf_task_message_types[which];
	const char *severity = bmc_name_word(bmc_severity_names, t->severity);
	const char *at = strstr(t->message, "%1");
	int head = at ? (int)(at - t->message) : (int)strlen(t->message);
	json_t *text = json_sprintf("%.*s%s%s", head, t->message, at ? arg : "",
				    at ? at + 2 : "");
	json_t *m = json_pack(
		"{ss so so ss ss}", "@odata.type", "#Message.v1_3_0.Message",
		"MessageId", json_sprintf("ClusterBmc.1.0.%s", t->name), "Message",
		text, "MessageSeverity", severity, "Resolution", t->resolution);

	(void)json_object_set_new(m, "MessageArgs",
				  at ? json_pack("[s]", arg) : json_array());
	(void)json_array_append_new(list, m);
}

/* The state, by DMTF's TaskEvent. */
static void add_state(json_t *list, const struct bmc_task *t)
{
	static const char *const keys[] = {
		[BMC_TASK_RUNNING] = "TaskStarted",
		[BMC_TASK_COMPLETED] = "TaskCompletedOK",
		[BMC_TASK_EXCEPTION] = "TaskAborted",
		[BMC_TASK_CANCELLED] = "TaskCancelled",
		[BMC_TASK_INTERRUPTED] = "TaskAborted",
	};
	const char *const args[] = { t->row.id };
	bool has =
		t->state > 0 && t->state < (int64_t)ARRAY_SIZE(keys) && keys[t->state];
	const struct rf_standard *s =
		has ? rf_standard_find("TaskEvent", keys[t->state]) : NULL;
	char id[96], text[160];

	if (!s)
		return;
	(void)json_array_append_new(
		list,
		json_pack("{ss ss ss s[s] ss ss}", "@odata.type",
			  "#Message.v1_3_0.Message", "MessageId", rf_standard_id(s, id),
			  "Message", rf_standard_text(s, args, text, sizeof(text)),
			  "MessageArgs", t->row.id, "MessageSeverity", s->severity,
			  "Resolution", s->resolution));
}

/* ---- an update, by DMTF's Update registry ---- */

static void add_standard(json_t *list, const char *key, const char *a, const char *b)
{
	const struct rf_standard *s = rf_standard_find("Update", key);
	const char *const args[] = { a, b };
	char id[96], text[640];
	json_t *m;

	if (!s)
		return;
	m = json_pack("{ss ss ss so ss ss}", "@odata.type", "#Message.v1_3_0.Message",
		      "MessageId", rf_standard_id(s, id), "Message",
		      rf_standard_text(s, args, text, sizeof(text)), "MessageArgs",
		      s->n_args == 2 ? json_pack("[ss]", a, b) : json_array(),
		      "MessageSeverity", s->severity, "Resolution", s->resolution);
	(void)json_array_append_new(list, m);
}

/* By the stage that is under way, or that a code begins with. */
static const struct {
	const char *stage, *running, *failed;
} stages[] = {
	{ "accepts", "TargetDetermined", "UpdateNotApplicable" },
	{ "detach", "TransferringToComponent", "ApplyFailed" },
	{ "write", "InstallingOnComponent", "ApplyFailed" },
	{ "verify", "VerifyingAtComponent", "VerificationFailed" },
	{ "attach", "ApplyingOnComponent", "ActivateFailed" },
	{ "boot", "ApplyingOnComponent", "ActivateFailed" },
	{ "confirm", "ApplyingOnComponent", "ActivateFailed" },
	{ "rollback", "ApplyingOnComponent", "ApplyFailed" },
	{ "fetch", NULL, "TransferFailed" },
	{ "store", NULL, "TransferFailed" },
	{ "check", NULL, "VerificationFailed" },
};

/* Two messages name the device first. */
static bool device_first(const char *key)
{
	return strcmp(key, "TargetDetermined") == 0 ||
	       strcmp(key, "UpdateSuccessful") == 0;
}

static void add_update_message(json_t *list, const char *key, const struct bmc_task *t)
{
	const char *device = t->target_id[0] ? t->target_id : "boards";
	bool first = device_first(key);

	add_standard(list, key, first ? device : t->image, first ? t->image : device);
}

static void add_stage(json_t *list, const struct bmc_task *t, const char *stage,
		      bool failed)
{
	size_t len = strcspn(stage, "-");

	for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
		const char *key = failed ? stages[i].failed : stages[i].running;
		if (key && strlen(stages[i].stage) == len &&
		    strncmp(stages[i].stage, stage, len) == 0)
			add_update_message(list, key, t);
	}
}

static void add_update(json_t *list, const struct bmc_task *t)
{
	bool board = t->row.parent && BMC_HANDLE_KIND(t->row.parent) == BMC_TASK;

	if (t->op != BMC_ACT_UPDATE)
		return;
	if (t->state == BMC_TASK_RUNNING && !board)
		add_standard(list, "UpdateInProgress", "", "");
	else if (t->state == BMC_TASK_RUNNING)
		add_stage(list, t, t->stage, false);
	if (t->state == BMC_TASK_COMPLETED && board && t->dry_run != 1)
		add_update_message(list, "UpdateSuccessful", t);
	if (t->code[0] && t->state > BMC_TASK_COMPLETED &&
	    t->state != BMC_TASK_CANCELLED)
		add_stage(list, t, t->code, true);
}

static void add_left_out(json_t *list, const struct bmc_task *t)
{
	char ids[sizeof(t->left_out)], *rest = ids;
	const char *id;

	(void)bmc_copy(ids, sizeof(ids), t->left_out);
	while ((id = strsep(&rest, " "))) {
		if (strcmp(id, "...") == 0)
			add(list, LEFT_OUT_MORE, NULL);
		else if (id[0])
			add(list, LEFT_OUT, id);
	}
}

static bool is_under_way(const struct bmc_task *t)
{
	return t->state < BMC_TASK_COMPLETED;
}

/* An error is one of the task when that has ended by it. */
static void add_error(json_t *list, const struct bmc_task *t)
{
	char so_far[48];

	if (is_under_way(t) && t->targets_failed > 0) {
		(void)snprintf(so_far, sizeof(so_far), "%lld of %lld",
			       (long long)t->targets_failed, (long long)t->targets);
		add(list, FAILED_SO_FAR, so_far);
	} else if (t->error[0] && is_under_way(t)) {
		add(list, UNDOES, t->error);
	} else if (t->error[0]) {
		add(list, t->state == BMC_TASK_CANCELLED ? CANCELLED : ERROR, t->error);
	}
}

json_t *rf_task_messages(struct rf_render *r)
{
	const struct bmc_task *t = (const struct bmc_task *)rf_row(r);
	json_t *list = json_array();

	add_state(list, t);
	add_update(list, t);
	add_left_out(list, t);
	if (t->message[0])
		add(list, STEP, t->message);
	add_error(list, t);
	return list;
}
