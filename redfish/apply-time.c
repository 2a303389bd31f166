// SPDX-License-Identifier: Apache-2.0
// When an action is carried out: the annotations of its request become parameters of
// the core, which keeps the task until then. Called by the actions on boards.
#include "redfish/apply-time.h"

#include <string.h>
#include <time.h>

#include "core/base/util.h"
#include "redfish/list.h"

/* clang-format off */
static const struct {
	const char *word;
	enum bmc_wait waits_for;
	bool window, updates; /* only those */
} times[] = {
	{ RF_IMMEDIATE,                 BMC_WAIT_NONE,    false, false },
	{ "AtMaintenanceWindowStart",   BMC_WAIT_NONE,    true,  false },
	{ "OnReset",                    BMC_WAIT_RESET,   false, true },
	{ "OnTargetReset",              BMC_WAIT_RESET,   false, true }, /* these are */
	{ "InMaintenanceWindowOnReset", BMC_WAIT_RESET,   true,  true },
	{ "OnStartUpdateRequest",       BMC_WAIT_REQUEST, false, true },
};
/* clang-format on */

json_t *rf_apply_time_support(enum bmc_action_op op)
{
	json_t *words = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		if (op == BMC_ACT_UPDATE || !times[i].updates)
			(void)json_array_append_new(words, json_string(times[i].word));
	}
	return json_pack("{ss so}", "@odata.type",
			 "#Settings.v1_4_0.OperationApplyTimeSupport",
			 "SupportedValues", words);
}

/* ARRAY_SIZE(times): none of the operation's. */
static size_t find(const char *word, enum bmc_action_op op)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(times) && (strcmp(times[i].word, word) != 0 ||
					 (times[i].updates && op != BMC_ACT_UPDATE)))
		i++;
	return i;
}

const char *rf_apply_time_find(const char *word, bool *ret_window)
{
	size_t i = find(word, BMC_ACT_UPDATE);

	if (i == ARRAY_SIZE(times))
		return NULL;
	*ret_window = times[i].window;
	return times[i].word;
}

/* Answers with a message on a parameter of the request. */
static bool refuse(struct rf_request *q, enum rf_message_id id, const json_t *v,
		   const char *parameter)
{
	char word[RF_ARG_MAX] = "";

	if (v)
		rf_format_value(v, word);
	if (v)
		(void)rf_message_add(&q->messages, id, word, parameter,
				     q->action->name);
	else
		(void)rf_message_add(&q->messages, id, q->action->name, parameter,
				     NULL);
	(void)rf_answer_messages(q, 0);
	return false;
}

/* A member of the window, of the right type. */
static bool member(struct rf_request *q, const json_t *window, const char *name,
		   json_type type, const json_t **ret)
{
	*ret = json_object_get(window, name);
	if (!*ret)
		return refuse(q, RF_PARAMETER_MISSING, NULL, name);
	if (json_typeof(*ret) != type)
		return refuse(q, RF_PARAMETER_TYPE, *ret, name);
	return true;
}

static bool set(struct rf_request *q, struct bmc_params **params, enum bmc_param key,
		int64_t num)
{
	if (!*params)
		*params = bmc_params_new();
	if (*params && bmc_params_set_num(*params, key, num, NULL) == 0)
		return true;
	(void)rf_answer_error(q, BMC_ENOMEM, NULL);
	return false;
}

static bool take_window(struct rf_request *q, const json_t *window,
			struct bmc_params **params)
{
	const json_t *start, *duration;
	int64_t at, s;

	if (!window)
		return refuse(q, RF_PARAMETER_MISSING, NULL, RF_WINDOW);
	if (!json_is_object(window))
		return refuse(q, RF_PARAMETER_TYPE, window, RF_WINDOW);
	if (!member(q, window, RF_WINDOW_START, JSON_STRING, &start) ||
	    !member(q, window, RF_WINDOW_DURATION, JSON_INTEGER, &duration))
		return false;
	if (!rf_read_time(json_string_value(start), &at))
		return refuse(q, RF_PARAMETER_FORMAT, start, RF_WINDOW_START);
	s = json_integer_value(duration);
	if (s < 1 || s > RF_WINDOW_MAX)
		return refuse(q, RF_PARAMETER_OUT_OF_RANGE, duration,
			      RF_WINDOW_DURATION);
	if (at < 1 || at + s * 1000 <= (int64_t)time(NULL) * 1000) /* it is over */
		return refuse(q, RF_PARAMETER_OUT_OF_RANGE, start, RF_WINDOW_START);
	return set(q, params, BMC_PARAM_APPLY_AT, at) &&
	       set(q, params, BMC_PARAM_APPLY_UNTIL, at + s * 1000);
}

/* Each board has its own time then: none of a plan goes first. */
static bool goes_with(struct rf_request *q, const char *word,
		      const struct bmc_params *params)
{
	static const enum bmc_param order[] = { BMC_PARAM_BATCH, BMC_PARAM_CANARY,
						BMC_PARAM_DELAY_MS };
	struct rf_message *m;
	bool ordered = false;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		ordered |= bmc_params_num(params, order[i], 0) > 0;
	if (!ordered)
		return true;
	m = rf_message_add(&q->messages, RF_PARAMETER_CONFLICT, RF_APPLY_TIME, word,
			   NULL);
	rf_message_about(m, "",
			 "Boards that are updated at their own resets go in no "
			 "batches: leave out sizes and delays");
	(void)rf_answer_messages(q, 0);
	return false;
}

bool rf_apply_time(struct rf_request *q, enum bmc_action_op op,
		   struct bmc_params **params)
{
	const json_t *when = json_object_get(q->parsed, RF_APPLY_TIME);
	const json_t *window = json_object_get(q->parsed, RF_WINDOW);
	const char *word = when ? json_string_value(when) : RF_IMMEDIATE;
	size_t i;

	if (!word)
		return refuse(q, RF_PARAMETER_TYPE, when, RF_APPLY_TIME);
	i = find(word, op);
	if (i == ARRAY_SIZE(times))
		return refuse(q, RF_PARAMETER_NOT_IN_LIST, when, RF_APPLY_TIME);
	if (times[i].waits_for == BMC_WAIT_RESET && !goes_with(q, word, *params))
		return false;
	if (times[i].window && !take_window(q, window, params))
		return false;
	return !times[i].waits_for ||
	       set(q, params, BMC_PARAM_WAITS_FOR, times[i].waits_for);
}
