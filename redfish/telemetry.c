// SPDX-License-Identifier: Apache-2.0
// Metrics as Redfish shows them: where the property of a reading is, the values of a
// report. Called through the tables in resources/telemetry.c.
#include "redfish/telemetry.h"

#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/list.h"
#include "redfish/render.h"
#include "redfish/uri.h"
#include "redfish/values.h"
#include "telemetry/telemetry.h"

/* ---- metrics ---- */

/* clang-format off */
static const struct rf_metric_place places[] = {
	{ "ChassisPower", &rf_enclosure_metrics, "/PowerWatts/Reading", "W" },
	{ "BoardPower", &rf_system, "/Oem/ClusterBmc/PowerWatts", "W" },
	{ "BoardCpuLoad", &rf_system, "/Oem/ClusterBmc/CpuLoadPercent", "%" },
	{ "BoardMemoryUsed", &rf_system, "/Oem/ClusterBmc/MemoryUsedBytes", "By" },
	{ "BoardStorageUsed", &rf_system, "/Oem/ClusterBmc/StorageUsedBytes", "By" },
	{ "BoardSocTemperature", &rf_system, "/Oem/ClusterBmc/SocTemperatureCelsius", "Cel" },
	{ "DriveTemperature", &rf_drive, "/Oem/ClusterBmc/TemperatureCelsius", "Cel" },
	{ "DriveUsed", &rf_drive, "/Oem/ClusterBmc/UsedBytes", "By" },
	{ "NetworkReceived", &rf_system_nic, "/Oem/ClusterBmc/RxBytes", "By" },
	{ "NetworkSent", &rf_system_nic, "/Oem/ClusterBmc/TxBytes", "By" },
	{ "FanSpeed", &rf_fan, "/SpeedPercent/SpeedRPM", "{rev}/min" },
	{ "PsuInputPower", &rf_psu_metrics, "/InputPowerWatts/Reading", "W" },
	{ "PsuOutputPower", &rf_psu_metrics, "/OutputPowerWatts/Reading", "W" },
	{ "SensorReading", &rf_sensor, "/Reading", NULL },
};
/* clang-format on */

const struct rf_metric_place *rf_metric_place(const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (strcmp(places[i].id, id) == 0)
			return &places[i];
	}
	return NULL;
}

/* The metric that a definition's URI names, or NULL. */
static const struct bmc_metric *metric_at(const char *uri)
{
	const char *id = strrchr(uri, '/') + 1;

	return bmc_metric_find(id, strlen(id));
}

json_t *rf_metric_members(struct rf_render *r)
{
	json_t *list = json_array();
	char uri[RF_URI_MAX];

	for (const struct bmc_metric *m = bmc_metrics; m->id; m++) {
		(void)snprintf(uri, sizeof(uri), "%s/%s", r->uri, m->id);
		(void)json_array_append_new(list, rf_link(uri));
	}
	return list;
}

bool rf_metric_known(const char *id)
{
	return bmc_metric_find(id, strlen(id)) != NULL;
}

json_t *rf_metric_name(struct rf_render *r)
{
	const struct bmc_metric *m = metric_at(r->uri);

	return m ? json_string(bmc_field_at(m->kind, m->offset)->doc) : NULL;
}

json_t *rf_metric_units(struct rf_render *r)
{
	const struct rf_metric_place *p = rf_metric_place(strrchr(r->uri, '/') + 1);

	return p && p->units ? json_string(p->units) : NULL;
}

json_t *rf_metric_property(struct rf_view *v, const struct rf_metric_place *p,
			   const struct bmc_row *row)
{
	char uri[RF_URI_MAX];

	if (row->status == BMC_ABSENT || !rf_exists(v, p->res, row) ||
	    !rf_uri(p->res, v, row, uri))
		return NULL;
	return json_sprintf("%s#%s", uri, p->fragment);
}

json_t *rf_metric_properties(struct rf_render *r)
{
	const struct bmc_metric *m = metric_at(r->uri);
	const struct rf_metric_place *p = m ? rf_metric_place(m->id) : NULL;
	const struct bmc_row *const *rows;
	json_t *list = json_array();
	size_t n = p ? rf_rows(r->view, m->kind, &rows) : 0;

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(list,
					    rf_metric_property(r->view, p, rows[i]));
	return list;
}

/* ---- reports ---- */

static const struct bmc_metric_report *report_of(const struct rf_render *r)
{
	return (const struct bmc_metric_report *)r->row;
}

static json_t *time_text(int64_t at)
{
	char text[32];

	rf_time(at, text);
	return json_string(text);
}

static void add_values(struct rf_view *v, const struct bmc_metric *m, json_t *list,
		       int64_t at)
{
	const struct bmc_field *f = bmc_field_at(m->kind, m->offset);
	const struct rf_prop plain = { .path = "" };
	const struct rf_metric_place *p = rf_metric_place(m->id);
	const struct bmc_row *const *rows;
	size_t n = rf_rows(v, m->kind, &rows);

	for (size_t i = 0; i < n; i++) {
		json_t *where = rf_metric_property(v, p, rows[i]), *value, *one;
		if (!where || !bmc_field_known(rows[i], f)) {
			json_decref(where);
			continue;
		}
		value = rf_field_value(rows[i], f, &plain);
		char *text = json_dumps(value, JSON_ENCODE_ANY | RF_JSON_FLAGS);
		one = json_pack("{ss so ss so}", "MetricId", m->id, "MetricProperty",
				where, "MetricValue", text ? text : "", "Timestamp",
				time_text(at));
		(void)json_array_append_new(list, one);
		free(text);
		json_decref(value);
	}
}

/* What the report is made of: its snapshot, or the present one. */
static json_t *each_metric(const struct bmc_metric_report *report, struct rf_view *v,
			   int64_t at)
{
	json_t *list = json_array();

	for (const char *id = report->metrics; *id;) {
		size_t len = strcspn(id, " ");
		const struct bmc_metric *m = bmc_metric_find(id, len);
		if (m)
			add_values(v, m, list, at);
		id += len + strspn(id + len, " ");
	}
	return list;
}

static bool is_on_request(const struct bmc_metric_report *report)
{
	return report->type == BMC_REPORT_ON_REQUEST && report->enabled == 1;
}

json_t *rf_report_values(struct rf_render *r)
{
	const struct bmc_metric_report *report = report_of(r);
	int64_t at = bmc_snapshot_time(r->view->snap);
	struct rf_view view;

	if (is_on_request(report))
		return each_metric(report, r->view, at);
	auto_snapshot struct bmc_snapshot *taken =
		bmc_telemetry_report(report->row.id, &at);
	if (!taken)
		return json_array();
	rf_view_init(&view, taken);
	return each_metric(report, &view, at);
}

json_t *rf_report_time(struct rf_render *r)
{
	const struct bmc_metric_report *report = report_of(r);
	int64_t at = bmc_snapshot_time(r->view->snap);

	if (is_on_request(report))
		return time_text(at);
	auto_snapshot struct bmc_snapshot *taken =
		bmc_telemetry_report(report->row.id, &at);
	return taken ? time_text(at) : json_null();
}

json_t *rf_report_metrics(struct rf_render *r)
{
	json_t *list = json_array();

	for (const char *id = report_of(r)->metrics; *id;) {
		size_t len = strcspn(id, " ");
		(void)json_array_append_new(list,
					    json_pack("{ss%}", "MetricId", id, len));
		id += len + strspn(id + len, " ");
	}
	return list;
}

/* ---- what happens with a report ---- */

static const struct bmc_name action_words[] = {
	{ BMC_REPORT_LOG, "LogToMetricReportsCollection" },
	{ BMC_REPORT_SEND, "RedfishEvent" },
	{ 0, NULL },
};

static json_t *actions_list(int64_t actions)
{
	json_t *list = json_array();

	for (const struct bmc_name *n = action_words; n->word; n++) {
		if (actions & n->value)
			(void)json_array_append_new(list, json_string(n->word));
	}
	return list;
}

json_t *rf_report_actions(struct rf_render *r)
{
	return actions_list(report_of(r)->actions);
}

json_t *rf_report_links(struct rf_render *r, const char *ids)
{
	json_t *links = json_array();
	char id[BMC_ID_MAX];

	while (*ids) {
		size_t n = strcspn(ids, " ");
		(void)snprintf(id, sizeof(id), "%.*s", (int)n, ids);
		ids += n + (ids[n] == ' ');
		const struct bmc_row *d = rf_view_find(r->view, BMC_METRIC_REPORT, id);
		if (d)
			(void)json_array_append_new(
				links, rf_link_row(r, &rf_report_definition, d));
	}
	return links;
}

bool rf_report_is_kept(struct rf_view *v, const struct bmc_row *row)
{
	const struct bmc_metric_report *report = (const struct bmc_metric_report *)row;

	(void)v;
	/* those on request have no other use: ReportActions is not for them */
	return report->type == BMC_REPORT_ON_REQUEST ||
	       (report->actions & BMC_REPORT_LOG);
}

static bool refuse_actions(struct rf_request *q, enum rf_message_id id, const json_t *v)
{
	static const char property[] = "ReportActions";
	bool bare = id == RF_PROPERTY_ERROR;
	char word[RF_ARG_MAX];

	rf_format_value(v, word);
	rf_message_about(rf_message_add(&q->messages, id, bare ? property : word,
					bare ? NULL : property, NULL),
			 property, "");
	return false;
}

bool rf_report_take_actions(struct rf_request *q, const json_t *list, int64_t *ret)
{
	json_t *has = actions_list(*ret), *v;
	int64_t actions = 0;
	size_t i;
	bool ok = true;

	json_array_foreach ((json_t *)(uintptr_t)list, i, v) {
		bool same = json_is_object(v) && json_object_size(v) == 0;
		const char *word = json_string_value(same ? json_array_get(has, i) : v);
		int one = word ? bmc_name_value(action_words, word) : 0;
		if (json_is_null(v))
			continue;
		ok = one > 0;
		if (!ok) {
			(void)refuse_actions(
				q, word ? RF_PROPERTY_NOT_IN_LIST : RF_PROPERTY_TYPE,
				v);
			break;
		}
		actions |= one;
	}
	json_decref(has);
	if (ok && !actions)
		return refuse_actions(q, RF_PROPERTY_ERROR, list);
	*ret = actions;
	return ok;
}

int rf_report_set_actions(struct rf_request *q, const json_t *v, struct bmc_action *act)
{
	if (!json_is_array(v))
		return BMC_EINVAL;
	act->op = BMC_ACT_SET;
	act->field = bmc_field_at(BMC_METRIC_REPORT,
				  offsetof(struct bmc_metric_report, actions));
	act->num = ((const struct bmc_metric_report *)q->row)->actions;
	(void)rf_report_take_actions(q, v, &act->num); /* says itself what is wrong */
	return 0;
}
