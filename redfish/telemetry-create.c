// SPDX-License-Identifier: Apache-2.0
// Definitions of metric reports and triggers from the body of a POST, and changes to
// them. Called through the tables in resources/telemetry.c.
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/list.h"
#include "redfish/telemetry.h"
#include "redfish/uri.h"
#include "telemetry/telemetry.h"

/* ---- durations (ISO 8601) ---- */

json_t *rf_report_interval(struct rf_render *r)
{
	const struct bmc_metric_report *report =
		(const struct bmc_metric_report *)rf_row(r);

	if (report->type != BMC_REPORT_PERIODIC)
		return NULL;
	return json_sprintf("PT%gS", (double)report->interval / 1000.0);
}

/* In milliseconds; -1: it is none. Days to seconds, as DSP0266 has them. */
static int64_t duration(const char *at)
{
	static const struct {
		char letter;
		bool time;
		double ms;
	} parts[] = { { 'D', false, 86400000 },
		      { 'H', true, 3600000 },
		      { 'M', true, 60000 },
		      { 'S', true, 1000 } };
	bool time = false, any = false;
	double ms = 0;
	size_t part = 0;

	if (*at++ != 'P')
		return -1;
	while (*at) {
		if (*at == 'T' && !time) {
			time = true;
			at++;
			any = false;
			continue;
		}
		size_t digits = strspn(at, "0123456789.");
		if (!digits || digits > 12)
			return -1;
		char *end;
		double n = strtod(at, &end);
		if (end != at + digits) /* "1..1", "." */
			return -1;
		at = end;
		while (part < ARRAY_SIZE(parts) &&
		       (parts[part].letter != *at || parts[part].time != time))
			part++;
		if (part == ARRAY_SIZE(parts))
			return -1;
		ms += n * parts[part++].ms;
		at++;
		any = true;
	}
	return any && ms < 1e12 ? (int64_t)(ms + 0.5) : -1;
}

int rf_report_set_interval(struct rf_request *q, const json_t *v,
			   struct bmc_action *act)
{
	const char *text = json_string_value(v);

	(void)q;
	act->num = text ? duration(text) : -1;
	if (act->num < 0)
		return BMC_EINVAL;
	act->op = BMC_ACT_SET;
	act->field = bmc_field_at(BMC_METRIC_REPORT,
				  offsetof(struct bmc_metric_report, interval));
	return bmc_field_check(act->field, act->num, NULL, NULL);
}

/* ---- creating ---- */

static int refuse(struct rf_request *q, enum rf_message_id id, const json_t *v,
		  const char *name)
{
	char word[RF_ARG_MAX];

	if (v)
		rf_format_value(v, word);
	struct rf_message *m =
		id == RF_PROPERTY_ERROR || id == RF_CREATE_MISSING
			? rf_message_add(&q->messages, id, name, NULL, NULL)
			: rf_message_add(&q->messages, id, v ? word : "", name, NULL);
	if (m)
		(void)bmc_copy(m->property, sizeof(m->property), name);
	return rf_answer_messages(q, 0);
}

static int created(struct rf_request *q)
{
	const struct rf_resource *res =
		q->res == &rf_report_definitions ? &rf_report_definition : &rf_trigger;
	const char *id = q->data;

	if (q->result.code < 0)
		return rf_answer_error(q, q->result.code, &q->result.err);
	rf_refresh(q);
	const struct bmc_row *row = bmc_snapshot_find(q->snap, rf_kind(res), id);
	if (!row)
		return rf_answer_error(q, BMC_EAGAIN, NULL);
	return rf_answer_created(q, res, row);
}

/* Before anything is said about the body. */
static bool may_create(struct rf_request *q)
{
	if (q->login.actor.privileges &
	    bmc_action_privilege(BMC_ACT_ADD, BMC_METRIC_REPORT))
		return true;
	return rf_answer_error(q, BMC_EPERM, NULL) != RF_DONE;
}

/* The id that was asked for, or a free number; false: answered. */
static bool take_id(struct rf_request *q, const json_t *v, struct bmc_row *row)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	const char *id = json_string_value(v);

	if (id && id[0] && strspn(id, letters) == strlen(id) &&
	    bmc_copy(row->id, sizeof(row->id), id))
		return true;
	if (id)
		return refuse(q, RF_PROPERTY_FORMAT, v, "Id") != RF_DONE;
	for (unsigned n = 1; n < 1000; n++) {
		(void)snprintf(row->id, sizeof(row->id), "%u", n);
		if (!bmc_snapshot_find(q->snap, (enum bmc_kind)row->kind, row->id))
			return true;
	}
	return rf_answer_error(q, BMC_ENOSPC, NULL) != RF_DONE;
}

static bool take_name(struct rf_request *q, const json_t *v, const struct bmc_row *row,
		      char name[BMC_NAME_MAX])
{
	const char *text = v ? json_string_value(v) : row->id;

	if (bmc_copy(name, BMC_NAME_MAX, text) && bmc_text_ok(text, strlen(text)))
		return true;
	return refuse(q, RF_PROPERTY_ERROR, v, "Name") != RF_DONE;
}

static size_t limit_of(enum bmc_kind kind)
{
	return kind == BMC_TRIGGER ? BMC_TRIGGERS_MAX : BMC_REPORTS_MAX;
}

static int submit(struct rf_request *q, const struct bmc_row *row)
{
	struct bmc_action act = { .op = BMC_ACT_ADD, .kind = (enum bmc_kind)row->kind };
	const struct bmc_row *const *rows;
	struct bmc_error err = { 0 };
	int r = BMC_ENOMEM;

	if (bmc_snapshot_rows(q->snap, act.kind, &rows) >= limit_of(act.kind))
		return rf_answer_message(q, RF_CREATE_LIMIT, NULL);
	(void)bmc_copy(act.id, sizeof(act.id), row->id);
	q->data = strdup(row->id);
	act.params = bmc_params_new();
	if (q->data && act.params)
		r = bmc_params_set_row(act.params, row, &err);
	if (r == 0)
		r = rf_submit(q, &act, 1, created);
	else
		r = rf_answer_error(q, r, &err);
	act.params = bmc_params_unref(act.params);
	return r;
}

enum {
	REPORT_ID,
	REPORT_NAME,
	REPORT_TYPE,
	REPORT_SCHEDULE,
	REPORT_METRICS,
	REPORT_ENABLED,
	REPORT_ACTIONS,
	REPORT_UPDATES
};
const struct rf_param rf_report_params[] = {
	[REPORT_ID] = { "Id", JSON_STRING, false },
	[REPORT_NAME] = { "Name", JSON_STRING, false },
	[REPORT_TYPE] = { "MetricReportDefinitionType", JSON_STRING, true },
	[REPORT_SCHEDULE] = { "Schedule", JSON_OBJECT, false },
	[REPORT_METRICS] = { "Metrics", JSON_ARRAY, true },
	[REPORT_ENABLED] = { "MetricReportDefinitionEnabled", JSON_TRUE, false },
	[REPORT_ACTIONS] = { "ReportActions", JSON_ARRAY, false },
	[REPORT_UPDATES] = { "ReportUpdates", JSON_STRING, false },
	{ .name = NULL },
};

/* False: answered. */
static bool take_metrics(struct rf_request *q, const json_t *list,
			 struct bmc_metric_report *report)
{
	size_t i, len = 0;
	json_t *v;

	json_array_foreach (list, i, v) {
		const char *id = json_string_value(json_object_get(v, "MetricId"));
		if (!id || json_object_size(v) != 1 || !bmc_metric_find(id, strlen(id)))
			return refuse(q, RF_PROPERTY_NOT_IN_LIST, v, "Metrics") !=
			       RF_DONE;
		if (len + strlen(id) + 2 > sizeof(report->metrics))
			return refuse(q, RF_PROPERTY_ERROR, v, "Metrics") != RF_DONE;
		len += (size_t)snprintf(report->metrics + len,
					sizeof(report->metrics) - len, "%s%s",
					len ? " " : "", id);
	}
	return len ? true : refuse(q, RF_PROPERTY_ERROR, list, "Metrics") != RF_DONE;
}

static bool take_schedule(struct rf_request *q, const json_t *schedule,
			  struct bmc_metric_report *report)
{
	static const char name[] = "Schedule/RecurrenceInterval";
	const json_t *v = json_object_get(schedule, "RecurrenceInterval");
	int64_t ms = json_is_string(v) ? duration(json_string_value(v)) : -1;

	if (report->type != BMC_REPORT_PERIODIC)
		return schedule ? refuse(q, RF_PROPERTY_ERROR, v, "Schedule") != RF_DONE
				: true;
	if (!v)
		return refuse(q, RF_CREATE_MISSING, NULL, name) != RF_DONE;
	if (ms < 0)
		return refuse(q, RF_PROPERTY_FORMAT, v, name) != RF_DONE;
	if (ms < BMC_REPORT_INTERVAL_MIN || ms > BMC_REPORT_INTERVAL_MAX)
		return refuse(q, RF_PROPERTY_OUT_OF_RANGE, v, name) != RF_DONE;
	report->interval = ms;
	return true;
}

/* What there is only one value for. */
static bool only(struct rf_request *q, const json_t *v, const char *word,
		 const char *name)
{
	const json_t *one = json_is_array(v) ? json_array_get(v, 0) : v;

	if (!v || (json_is_string(one) && strcmp(json_string_value(one), word) == 0 &&
		   (!json_is_array(v) || json_array_size(v) == 1)))
		return true;
	return refuse(q, RF_PROPERTY_NOT_IN_LIST, v, name) != RF_DONE;
}

/* False: answered. */
static bool take_actions(struct rf_request *q, const json_t *list,
			 struct bmc_metric_report *report)
{
	report->actions = list ? 0 : BMC_REPORT_LOG;
	if (!list || rf_report_take_actions(q, list, &report->actions))
		return true;
	return rf_answer_messages(q, 0) != RF_DONE;
}

int rf_report_create(struct rf_request *q, const json_t *const *args)
{
	const struct bmc_field *type_field = bmc_field_at(
		BMC_METRIC_REPORT, offsetof(struct bmc_metric_report, type));
	struct bmc_metric_report report = { .row = { .kind = BMC_METRIC_REPORT },
					    .interval = BMC_UNKNOWN,
					    .last = BMC_UNKNOWN };
	int type =
		bmc_name_value(type_field->names, json_string_value(args[REPORT_TYPE]));

	report.type = type < 0 ? BMC_REPORT_UNKNOWN : type;
	report.enabled = !args[REPORT_ENABLED] || json_is_true(args[REPORT_ENABLED]);
	if (!may_create(q))
		return RF_DONE;
	if (report.type == BMC_REPORT_UNKNOWN)
		return refuse(q, RF_PROPERTY_NOT_IN_LIST, args[REPORT_TYPE],
			      "MetricReportDefinitionType");
	if (!take_actions(q, args[REPORT_ACTIONS], &report) ||
	    !only(q, args[REPORT_UPDATES], "Overwrite", "ReportUpdates") ||
	    !take_schedule(q, args[REPORT_SCHEDULE], &report) ||
	    !take_metrics(q, args[REPORT_METRICS], &report) ||
	    !take_id(q, args[REPORT_ID], &report.row) ||
	    !take_name(q, args[REPORT_NAME], &report.row, report.name))
		return RF_DONE;
	return submit(q, &report.row);
}

enum { TRIGGER_ID, TRIGGER_NAME, TRIGGER_METRICS, TRIGGER_LIMITS, TRIGGER_ENABLED };
const struct rf_param rf_trigger_params[] = {
	[TRIGGER_ID] = { "Id", JSON_STRING, false },
	[TRIGGER_NAME] = { "Name", JSON_STRING, false },
	[TRIGGER_METRICS] = { "MetricIds", JSON_ARRAY, true },
	[TRIGGER_LIMITS] = { "NumericThresholds", JSON_OBJECT, true },
	[TRIGGER_ENABLED] = { "TriggerEnabled", JSON_TRUE, false },
	{ .name = NULL },
};

/* One threshold: its Reading, and the activation that it has anyway. */
static bool take_limit(struct rf_request *q, const json_t *v, const char *path,
		       const char *activation, int64_t *ret)
{
	const json_t *reading = json_object_get(v, "Reading");
	double n = json_number_value(reading) * 1000.0;

	if (!json_is_number(reading))
		return refuse(q, RF_PROPERTY_ERROR, v, path) != RF_DONE;
	if (!only(q, json_object_get(v, "Activation"), activation, path))
		return false;
	if (n < (double)-BMC_TRIGGER_LIMIT_MAX || n > (double)BMC_TRIGGER_LIMIT_MAX)
		return refuse(q, RF_PROPERTY_OUT_OF_RANGE, reading, path) != RF_DONE;
	*ret = (int64_t)(n < 0 ? n - 0.5 : n + 0.5);
	return true;
}

static bool take_limits(struct rf_request *q, const json_t *o, struct bmc_trigger *t)
{
	const struct {
		const char *name, *activation;
		int64_t *to;
	} limits[] = {
		{ "UpperCritical", "Increasing", &t->upper_critical },
		{ "UpperWarning", "Increasing", &t->upper_warning },
		{ "LowerWarning", "Decreasing", &t->lower_warning },
		{ "LowerCritical", "Decreasing", &t->lower_critical },
	};
	char path[64];
	size_t seen = 0;

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		const json_t *v = json_object_get(o, limits[i].name);
		*limits[i].to = BMC_UNKNOWN;
		(void)snprintf(path, sizeof(path), "NumericThresholds/%s",
			       limits[i].name);
		seen += v != NULL;
		if (v && !take_limit(q, v, path, limits[i].activation, limits[i].to))
			return false;
	}
	if (seen == json_object_size(o) && seen)
		return true;
	return refuse(q, RF_PROPERTY_ERROR, o, "NumericThresholds") != RF_DONE;
}

int rf_trigger_create(struct rf_request *q, const json_t *const *args)
{
	struct bmc_trigger t = { .row = { .kind = BMC_TRIGGER } };
	const json_t *list = args[TRIGGER_METRICS];
	const char *metric = json_string_value(json_array_get(list, 0));

	if (!may_create(q))
		return RF_DONE;
	if (json_array_size(list) != 1 || !metric ||
	    !bmc_metric_find(metric, strlen(metric)))
		return refuse(q, RF_PROPERTY_NOT_IN_LIST, list, "MetricIds");
	(void)bmc_copy(t.metric, sizeof(t.metric), metric);
	t.enabled = !args[TRIGGER_ENABLED] || json_is_true(args[TRIGGER_ENABLED]);
	if (!take_limits(q, args[TRIGGER_LIMITS], &t) ||
	    !take_id(q, args[TRIGGER_ID], &t.row) ||
	    !take_name(q, args[TRIGGER_NAME], &t.row, t.name))
		return RF_DONE;
	return submit(q, &t.row);
}
