// SPDX-License-Identifier: Apache-2.0
// When an action is carried out: the annotations of its request become parameters of
// the core, which keeps the task until then. Called by the actions on boards.
#include "redfish/apply-time.h"

#include <string.h>
#include <time.h>

#include "core/base/util.h"
#include "redfish/list.h"

json_t *rf_apply_time_support(void)
{
	return json_pack("{ss s[ss]}", "@odata.type",
			 "#Settings.v1_3_0.OperationApplyTimeSupport",
			 "SupportedValues", RF_IMMEDIATE, RF_IN_WINDOW);
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

static bool set(struct rf_request *q, struct bmc_params **params, int64_t at,
		int64_t until)
{
	if (!*params)
		*params = bmc_params_new();
	if (*params && bmc_params_set_num(*params, BMC_PARAM_APPLY_AT, at, NULL) == 0 &&
	    bmc_params_set_num(*params, BMC_PARAM_APPLY_UNTIL, until, NULL) == 0)
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
	return set(q, params, at, at + s * 1000);
}

bool rf_apply_time(struct rf_request *q, struct bmc_params **params)
{
	const json_t *when = json_object_get(q->parsed, RF_APPLY_TIME);
	const json_t *window = json_object_get(q->parsed, RF_WINDOW);
	const char *word = when ? json_string_value(when) : RF_IMMEDIATE;

	if (!word)
		return refuse(q, RF_PARAMETER_TYPE, when, RF_APPLY_TIME);
	if (strcmp(word, RF_IN_WINDOW) == 0)
		return take_window(q, window, params);
	if (strcmp(word, RF_IMMEDIATE) != 0)
		return refuse(q, RF_PARAMETER_NOT_IN_LIST, when, RF_APPLY_TIME);
	return true;
}
