// SPDX-License-Identifier: Apache-2.0
// The messages of a task: its state in the words of DMTF's TaskEvent registry, then
// what only our own registry has words for, beside those of the events: what it does,
// which boards it leaves out, why it failed. Called through resources/tasks.c.
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/standard.h"
#include "redfish/task.h"

enum { STEP, ERROR, LEFT_OUT, LEFT_OUT_MORE };

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

json_t *rf_task_messages(struct rf_render *r)
{
	const struct bmc_task *t = (const struct bmc_task *)rf_row(r);
	json_t *list = json_array();

	add_state(list, t);
	add_left_out(list, t);
	if (t->message[0])
		add(list, STEP, t->message);
	if (t->error[0])
		add(list, ERROR, t->error);
	return list;
}
