// SPDX-License-Identifier: Apache-2.0
// What goes back: JSON, messages, a resource, a task; and the way through the action
// API, whose end is an answer too. Called by the dispatcher and by whatever answers.
#include <string.h>

#include "core/base/util.h"
#include "redfish/auth.h"
#include "redfish/list.h"
#include "redfish/query.h"
#include "redfish/render.h"
#include "redfish/request.h"
#include "redfish/task.h"
#include "redfish/uri.h"

#define JSON_TYPE "application/json;charset=utf-8"

/* ---- answers ---- */

int rf_answer_text(struct rf_request *q, unsigned status, char *text, const char *type)
{
	free(q->text);
	q->body = rf_body_unref(q->body);
	q->status = text ? status : 500;
	q->text = text;
	q->text_len = text ? strlen(text) : 0;
	q->content_type = type;
	return RF_DONE;
}

int rf_answer(struct rf_request *q, unsigned status, json_t *body)
{
	char *text = json_dumps(body, RF_JSON_FLAGS);

	json_decref(body);
	return rf_answer_text(q, status, text, JSON_TYPE);
}

int rf_answer_messages(struct rf_request *q, unsigned status)
{
	if (!status)
		status = rf_messages_status(&q->messages);
	if (status == 503)
		q->retry_after = 5;
	if (status == 401)
		q->authenticate = true;
	return rf_answer(q, status, rf_messages_json(&q->messages));
}

struct rf_message *rf_add_error(struct rf_request *q, int code,
				const struct bmc_error *err)
{
	struct rf_message *m = rf_message_error(&q->messages, code, err);

	if (m && m->id == RF_STATE && q->res == &rf_account)
		m->id = RF_ACCOUNT_NOT_MODIFIED; /* an account has no power state */
	if (m && m->id == RF_PASSWORD_CHANGE_REQUIRED)
		rf_own_account(q, m->args[0]);
	return m;
}

void rf_add_refusal(struct rf_request *q, int code, const struct bmc_error *err)
{
	struct rf_message *m = rf_add_error(q, code, err);

	if (m && !m->args[0][0])
		(void)bmc_copy(m->args[0], sizeof(m->args[0]),
			       q->action && m->id == RF_ACTION_NOT_SUPPORTED
				       ? q->action->name
				       : q->uri);
}

int rf_answer_error(struct rf_request *q, int code, const struct bmc_error *err)
{
	rf_add_refusal(q, code, err);
	return rf_answer_messages(q, 0);
}

int rf_answer_message(struct rf_request *q, enum rf_message_id id, const char *arg)
{
	(void)rf_message_add(&q->messages, id, arg, NULL, NULL);
	return rf_answer_messages(q, 0);
}

struct rf_body *rf_body_of(struct rf_request *q, size_t skip, size_t top)
{
	struct rf_view view;
	struct rf_render r = { .view = &view,
			       .res = q->res,
			       .row = q->row,
			       .uri = q->uri,
			       .skip = skip,
			       .top = top,
			       .more = q->options ? q->options->more : NULL };
	bool whole = skip == 0 && top == RF_TOP_MAX, more = r.more && r.more[0];
	struct rf_body *b = whole ? rf_cache_find(q->snap, q->uri) : NULL;

	/* a link to the next page would lack the other parameters */
	if (b && more && strstr(b->text, "\"Members@odata.nextLink\":"))
		b = rf_body_unref(b);
	if (b)
		return b;
	rf_view_init(&view, q->snap);
	return rf_cache_make(&r, rf_render(&r), whole && !more);
}

void rf_refresh(struct rf_request *q)
{
	(void)bmc_snapshot_unref(q->snap);
	q->snap = bmc_snapshot_get();
	q->res = rf_route(q->snap, q->uri, &q->row);
}

int rf_answer_resource(struct rf_request *q)
{
	rf_refresh(q);
	if (!q->res)
		return rf_answer_message(q, RF_INVALID_URI, q->uri);
	q->body = rf_body_of(q, 0, RF_TOP_MAX);
	q->status = q->body ? 200 : 500;
	return RF_DONE;
}

int rf_answer_created(struct rf_request *q, const struct rf_resource *res,
		      const struct bmc_row *row)
{
	struct rf_view view;

	rf_view_init(&view, q->snap);
	if (!rf_uri(res, &view, row, q->location))
		return rf_answer_error(q, BMC_EIO, NULL);
	json_t *root = rf_render_once(q->snap, res, row, q->location);
	if (q->messages.n)
		(void)json_object_set_new(
			root, "@Message.ExtendedInfo",
			json_pack("[o]", rf_message_json(&q->messages.list[0])));
	return rf_answer(q, 201, root);
}

/* A task that is planned for later need not be asked for each second. */
static unsigned retry_after(const struct bmc_task *t)
{
	int64_t ms = t->start_at == BMC_UNKNOWN ? 0 : t->start_at - bmc_now();

	if (t->waits_for)
		return RF_RETRY_PLANNED_S;
	return ms > 0 ? (unsigned)MIN(ms / 1000 + 1, (int64_t)RF_RETRY_PLANNED_S)
		      : RF_RETRY_TASK_S;
}

int rf_answer_task(struct rf_request *q, uint32_t number)
{
	(void)snprintf(q->uri, sizeof(q->uri), RF_TASKS "/%u", (unsigned)number);
	(void)rf_answer_resource(q);
	q->etag[0] = 0;
	if (q->status != 200)
		return RF_DONE;
	q->status = 202;
	(void)snprintf(q->location, sizeof(q->location), RF_MONITORS "/%u",
		       (unsigned)number);
	q->retry_after = retry_after((const struct bmc_task *)q->row);
	return RF_DONE;
}

/* ---- through the action API ---- */

static void committed(void *arg, const struct bmc_result *result)
{
	struct rf_request *q = rf_wait_end(arg);

	if (!q)
		return;
	q->result = *result;
	rf_wait_resume(q);
}

int rf_commit(struct rf_request *q, struct bmc_transaction *t,
	      int (*then)(struct rf_request *q))
{
	struct http_wait *w = rf_wait_begin(q, then, NULL);

	if (!w) {
		bmc_transaction_release(t);
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	}
	bmc_transaction_commit(t, committed, w);
	return RF_WAIT;
}

int rf_submit(struct rf_request *q, const struct bmc_action *acts, size_t n,
	      int (*then)(struct rf_request *q))
{
	struct bmc_error err = { 0 };
	struct bmc_transaction *t = NULL;
	int r = bmc_action_reserve(&q->login.actor, acts, n, &t, NULL, &err);

	if (r < 0)
		return rf_answer_error(q, r, &err);
	return rf_commit(q, t, then);
}

int rf_then_task(struct rf_request *q)
{
	if (q->result.code < 0)
		return rf_answer_error(q, q->result.code, &q->result.err);
	if (q->result.task)
		return rf_answer_task(q, q->result.task);
	q->status = 204;
	return RF_DONE;
}

static int removed(struct rf_request *q)
{
	if (q->result.code < 0)
		return rf_answer_error(q, q->result.code, &q->result.err);
	q->status = 204;
	return RF_DONE;
}

int rf_delete(struct rf_request *q)
{
	return q->res->remove ? q->res->remove(q) : rf_remove_row(q);
}

int rf_remove_row(struct rf_request *q)
{
	struct bmc_action act = { .op = BMC_ACT_REMOVE };

	act.kind = (enum bmc_kind)q->row->kind;
	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	return rf_submit(q, &act, 1, removed);
}
