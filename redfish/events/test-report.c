// SPDX-License-Identifier: Apache-2.0
// SubmitTestMetricReport: a report of the values that its client wants, which no
// definition has made. Called through the table in resources/.
#include <string.h>

#include "core/base/util.h"
#include "redfish/action.h"
#include "redfish/events/report.h"
#include "redfish/events/subscriptions.h"
#include "redfish/list.h"

#define VALUES_MAX 256 /* of one report          */
#define WORD_MAX   255 /* bytes of one text in it */

enum param { NAME, VALUES };

/* clang-format off */
const struct rf_param rf_test_report_params[] = {
	[NAME]   = { "MetricReportName", JSON_STRING, true },
	[VALUES] = { "GeneratedMetricReportValues", JSON_ARRAY, true },
	{ .name = NULL },
};
/* clang-format on */

static bool refuse(struct rf_request *q, enum rf_message_id id, const json_t *value,
		   enum param param)
{
	char word[RF_ARG_MAX];

	rf_format_value(value, word);
	(void)rf_message_add(&q->messages, id, word, rf_test_report_params[param].name,
			     q->action->name);
	return false;
}

static bool text_ok(const json_t *v)
{
	const char *text = json_string_value(v);
	size_t len = text ? strlen(text) : 0;

	return text && len <= WORD_MAX && bmc_text_ok(text, len);
}

/* A MetricValue of the schema, without a MetricDefinition. */
static bool value_ok(const json_t *value)
{
	static const char *const known[] = { "MetricId", "MetricProperty",
					     "MetricValue", "Timestamp" };
	size_t seen = 0;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const json_t *v = json_object_get(value, known[i]);
		seen += v != NULL;
		if (v && !json_is_null(v) && !text_ok(v))
			return false;
	}
	return json_is_object(value) && seen == json_object_size(value);
}

static bool args_ok(struct rf_request *q, const json_t *const *args)
{
	size_t i;
	json_t *v;

	if (!text_ok(args[NAME]) || !*json_string_value(args[NAME]))
		return refuse(q, RF_PARAMETER_FORMAT, args[NAME], NAME);
	if (json_array_size(args[VALUES]) > VALUES_MAX)
		return refuse(q, RF_PARAMETER_OUT_OF_RANGE, args[VALUES], VALUES);
	json_array_foreach ((json_t *)(uintptr_t)args[VALUES], i, v) {
		if (!value_ok(v))
			return refuse(q, RF_PARAMETER_FORMAT, v, VALUES);
	}
	return true;
}

/* No definition can have its Id: that has no dot. */
static char *report_text(const json_t *const *args)
{
	static const char id[] = "Test.Report";
	char type[128], time[32];

	(void)snprintf(type, sizeof(type), "#%s", rf_report.type);
	rf_time(bmc_now(), time);
	json_t *report = json_pack("{so ss ss sO ss sO}", "@odata.id",
				   json_sprintf("%s/%s", rf_reports.uri, id),
				   "@odata.type", type, "Id", id, "Name", args[NAME],
				   "Timestamp", time, "MetricValues", args[VALUES]);
	char *text = report ? json_dumps(report, RF_JSON_FLAGS) : NULL;

	json_decref(report);
	return text;
}

int rf_test_report_submit(struct rf_request *q, const json_t *const *args)
{
	if (!(q->login.actor.privileges & BMC_PRIV_CONFIGURE_MANAGER))
		return rf_answer_message(q, RF_INSUFFICIENT_PRIVILEGE, NULL);
	if (!args_ok(q, args))
		return rf_answer_messages(q, 0);
	char *text = report_text(args);
	if (!text)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	rf_report_test(text);
	q->status = 204;
	return RF_DONE;
}
