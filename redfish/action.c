// SPDX-License-Identifier: Apache-2.0
// POST: actions, and creations in collections. Both are tables of parameters and one
// function; the resets of boards and of what holds them are here because several
// resources share them. Called by the dispatcher.
#include "redfish/action.h"

#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/apply-time.h"
#include "redfish/create.h"
#include "redfish/set.h"
#include "redfish/uri.h"

/* An action that needs no parameters needs no body (DSP0266, "POST (action)"). */
static bool take_body(struct rf_request *q, const struct rf_param *params)
{
	bool needed = !q->action || q->http->body_len;

	for (size_t i = 0; params[i].name; i++)
		needed |= params[i].required;
	if (needed)
		return rf_parse(q);
	q->parsed = json_object();
	return true;
}

int rf_post(struct rf_request *q)
{
	const json_t *args[RF_PARAMS_MAX] = { NULL };
	const struct rf_param *params =
		q->action ? q->action->params : q->res->create_params;

	if (!q->action && q->res->draft)
		return rf_create(q);
	if (!take_body(q, params) ||
	    !rf_args(q, params, q->action ? q->action->name : NULL, args))
		return RF_DONE;
	return q->action ? q->action->run(q, args) : q->res->create(q, args);
}

const struct rf_param rf_reset_params[] = {
	{ "ResetType", JSON_STRING, true },
	{ NULL, JSON_NULL, false },
};

int rf_reset_op(struct rf_request *q, const json_t *type)
{
	const char *word = json_string_value(type);
	int op = bmc_name_value(rf_reset_names, word);

	if (op >= 0)
		return op;
	(void)rf_message_add(&q->messages, RF_PARAMETER_NOT_IN_LIST, word, "ResetType",
			     q->action->name);
	(void)rf_answer_messages(q, 0);
	return -1;
}

/* What a ResetType can ask for. */
#define RESETS                                                              \
	(1U << BMC_ACT_ON | 1U << BMC_ACT_FORCE_OFF |                       \
	 1U << BMC_ACT_GRACEFUL_SHUTDOWN | 1U << BMC_ACT_GRACEFUL_RESTART | \
	 1U << BMC_ACT_FORCE_RESTART | 1U << BMC_ACT_POWER_CYCLE)

uint32_t rf_allowed_row(struct rf_view *v, const struct bmc_row *row)
{
	(void)v;
	return bmc_action_allowed(row) & RESETS;
}

uint32_t rf_allowed_any(struct rf_view *v, const struct bmc_row *row)
{
	const struct bmc_row *const *chassis;
	size_t n = rf_rows(v, BMC_CHASSIS, &chassis);
	uint32_t mask = 0;

	(void)row;
	for (size_t i = 0; i < n; i++)
		mask |= rf_allowed_row(v, chassis[i]);
	return mask;
}

const struct rf_resource *rf_target(const struct rf_request *q, const json_t *v,
				    const struct bmc_row **ret_row)
{
	const char *text = json_string_value(
		json_is_object(v) ? json_object_get(v, "@odata.id") : v);
	char uri[RF_URI_MAX];
	size_t len;

	*ret_row = NULL;
	if (!text || !bmc_copy(uri, sizeof(uri), text))
		return NULL;
	len = strlen(uri);
	if (len > 1 && uri[len - 1] == '/')
		uri[len - 1] = 0;
	return rf_route(q->snap, uri, ret_row);
}

const struct bmc_row *rf_the_manager(const struct rf_request *q)
{
	const struct bmc_row *const *rows;

	return bmc_snapshot_rows(q->snap, BMC_MANAGER, &rows) ? rows[0] : NULL;
}

int rf_run_reset(struct rf_request *q, const json_t *const *args)
{
	struct bmc_action act = { .kind = (enum bmc_kind)q->row->kind };
	int op = rf_reset_op(q, args[0]), r;

	if (op < 0 || !rf_apply_time(q, (enum bmc_action_op)op, &act.params))
		return RF_DONE;
	act.op = (enum bmc_action_op)op;
	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	r = rf_submit(q, &act, 1, rf_then_task);
	(void)bmc_params_unref(act.params);
	return r;
}

int rf_run_reset_below(struct rf_request *q, const json_t *const *args)
{
	int op = rf_reset_op(q, args[0]);
	struct rf_set set = { .op = (enum bmc_action_op)op };
	int r = op < 0 ? 0 : rf_set_add(&set, q, q->row);

	if (op < 0)
		return RF_DONE;
	if (r == 0)
		return rf_set_submit(q, &set);
	rf_set_done(&set);
	return rf_answer_error(q, r, NULL);
}
