// SPDX-License-Identifier: Apache-2.0
// What of a task's resource is more than a field. Called through resources/tasks.c.
#include "redfish/task.h"

/* How it went; a task's row has no health of its own. */
json_t *rf_task_health(struct rf_render *r)
{
	int64_t state = ((const struct bmc_task *)rf_row(r))->state;

	if (state == BMC_TASK_EXCEPTION)
		return json_string("Critical");
	return json_string(state > BMC_TASK_EXCEPTION ? "Warning" : "OK");
}

json_t *rf_task_messages(struct rf_render *r)
{
	const struct bmc_task *t = (const struct bmc_task *)rf_row(r);
	const char *text = t->error[0] ? t->error : t->message;
	bool bad = t->error[0];

	if (!text[0])
		return json_array();
	return json_pack("[{ss ss ss ss s[]}]", "@odata.type",
			 "#Message.v1_3_0.Message", "MessageId",
			 bad ? "Base.1.22.OperationFailed" : "Base.1.22.Success",
			 "Message", text, "MessageSeverity", bad ? "Warning" : "OK",
			 "MessageArgs");
}

int rf_task_cancel(struct rf_request *q)
{
	struct bmc_error err = { 0 };
	int r = bmc_task_cancel(&q->actor, q->row->index[0], &err);

	if (r < 0)
		return rf_answer_error(q, r, &err);
	q->status = 204;
	return RF_DONE;
}
