// SPDX-License-Identifier: Apache-2.0
// What of a task's resource is more than a field, and its monitor; its messages are in
// task-messages.c. Called through resources/tasks.c.
#include "redfish/task.h"

#include <pthread.h>
#include <string.h>

#include "core/base/util.h"

#define TAKEN_MAX \
	1024 /* monitors that have given their answer; older ones give it again */

/* How it went; a task's row has no health of its own. */
json_t *rf_task_health(struct rf_render *r)
{
	const struct bmc_task *t = (const struct bmc_task *)rf_row(r);
	int64_t state = t->state;

	if (state == BMC_TASK_EXCEPTION)
		return json_string("Critical");
	return json_string(state > BMC_TASK_EXCEPTION || t->error[0] ||
					   t->targets_failed > 0
				   ? "Warning"
				   : "OK");
}

static int removed(struct rf_request *q)
{
	if (q->result.code < 0)
		return rf_answer_error(q, q->result.code, &q->result.err);
	q->status = 204;
	return RF_DONE;
}

int rf_task_remove(struct rf_request *q)
{
	struct bmc_action act = { .op = BMC_ACT_REMOVE, .kind = BMC_TASK };

	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	return rf_submit(q, &act, 1, removed);
}

/* ---- all at once ---- */

#define REMOVED_MAX 2048 /* actions of one transaction */

static bool is_removable(const struct bmc_row *row)
{
	bool part = row->parent && BMC_HANDLE_KIND(row->parent) == BMC_TASK;

	return !part && ((const struct bmc_task *)row)->state >= BMC_TASK_COMPLETED;
}

/* Parts go with their tasks. */
int rf_task_remove_all(struct rf_request *q, const json_t *const *args)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(q->snap, BMC_TASK, &rows), ended = 0;
	auto_free struct bmc_action *acts = calloc(n + 1, sizeof(*acts));

	(void)args;
	if (!acts)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	for (size_t i = 0; i < n && ended < REMOVED_MAX; i++) {
		struct bmc_action *act = &acts[ended];

		if (!is_removable(rows[i]))
			continue;
		act->op = BMC_ACT_REMOVE;
		act->kind = BMC_TASK;
		(void)bmc_copy(act->id, sizeof(act->id), rows[i]->id);
		ended++;
	}
	if (ended)
		return rf_submit(q, acts, ended, removed);
	q->status = 204;
	return RF_DONE;
}

/* ---- the monitor ---- */

/* The creation tells a number from the same one of an earlier database. */
static struct {
	uint32_t number;
	int64_t created;
} taken[TAKEN_MAX];
static size_t n_taken;
static pthread_mutex_t taken_lock = PTHREAD_MUTEX_INITIALIZER;

/* Whether the answer has been fetched before; `now`: it is from now on. */
static bool was_taken(const struct bmc_task *t, bool now)
{
	bool found = false;

	(void)pthread_mutex_lock(&taken_lock);
	for (size_t i = 0; i < MIN(n_taken, (size_t)TAKEN_MAX) && !found; i++)
		found = taken[i].number == t->row.index[0] &&
			taken[i].created == t->created;
	if (!found && now) {
		taken[n_taken % TAKEN_MAX].number = t->row.index[0];
		taken[n_taken++ % TAKEN_MAX].created = t->created;
	}
	(void)pthread_mutex_unlock(&taken_lock);
	return found;
}

/* What the request would have been answered with, had the client waited. A body rather
 * than 204: Ansible's GetUpdateStatus parses it. */
static int own_answer(struct rf_request *q, const struct bmc_task *t)
{
	struct rf_message *m;

	if (t->state == BMC_TASK_COMPLETED)
		return rf_answer_message(q, RF_SUCCESS, NULL);
	m = rf_message_add(&q->messages, RF_OPERATION_FAILED, NULL, NULL, NULL);
	if (m)
		(void)bmc_copy(m->detail, sizeof(m->detail),
			       t->error[0] ? t->error : "the task was cancelled");
	return rf_answer_messages(q, 0);
}

int rf_task_monitor(struct rf_request *q)
{
	const struct bmc_task *t = (const struct bmc_task *)q->row;

	if (t->state == BMC_TASK_NEW || t->state == BMC_TASK_RUNNING)
		return rf_answer_task(q, t->row.index[0]);
	/* its answer is for who asked for it: another's GET takes nothing away */
	bool takes = q->method == RF_GET && strcmp(q->login.actor.name, t->actor) == 0;
	if (!was_taken(t, takes))
		return own_answer(q, t);
	(void)rf_message_add(&q->messages, RF_INVALID_URI, q->uri, NULL, NULL);
	return rf_answer_messages(q, 410);
}
