// SPDX-License-Identifier: Apache-2.0
// UpdateService.StartUpdate: begins the updates that were accepted to wait for it.
// Called through the table of the update service.
#include <stdlib.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/list.h"
#include "redfish/update.h"

static bool is_waiting(const struct bmc_row *row)
{
	const struct bmc_task *t = (const struct bmc_task *)row;
	bool part = row->parent && BMC_HANDLE_KIND(row->parent) == BMC_TASK;

	return !part && t->state == BMC_TASK_NEW && t->waits_for == BMC_WAIT_REQUEST;
}

/* They have tasks of their own, which their clients know. */
static int started(struct rf_request *q)
{
	if (q->result.code < 0)
		return rf_answer_error(q, q->result.code, &q->result.err);
	return rf_answer_message(q, RF_SUCCESS, NULL);
}

static int none_waits(struct rf_request *q)
{
	struct rf_message *m =
		rf_message_add(&q->messages, RF_NO_OPERATION, NULL, NULL, NULL);

	rf_message_about(m, "", "No update waits for it");
	return rf_answer_messages(q, 0);
}

int rf_start_update(struct rf_request *q, const json_t *const *args)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(q->snap, BMC_TASK, &rows), found = 0;
	auto_free struct bmc_action *acts = calloc(n + 1, sizeof(*acts));

	(void)args;
	if (!acts)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	for (size_t i = 0; i < n; i++) {
		struct bmc_action *act = &acts[found];

		if (!is_waiting(rows[i]))
			continue;
		act->op = BMC_ACT_SET;
		act->kind = BMC_TASK;
		act->field = bmc_field_find(BMC_TASK, "waits_for");
		act->num = BMC_WAIT_NONE;
		(void)bmc_copy(act->id, sizeof(act->id), rows[i]->id);
		found++;
	}
	return found ? rf_submit(q, acts, found, started) : none_waits(q);
}
