// SPDX-License-Identifier: Apache-2.0
// Telemetry: the metrics there are, reports of them, and triggers on them.
#include "redfish/telemetry.h"
#include "redfish/events/subscriptions.h"
#include "redfish/list.h"
#include "telemetry/telemetry.h"

#define SERVICE "/redfish/v1/TelemetryService"

static const struct rf_action service_actions[] = {
	{ "TelemetryService.SubmitTestMetricReport", rf_test_report_params,
	  rf_test_report_submit, NULL },
	{ .name = NULL },
};

/* clang-format off */
static const struct rf_prop service_props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	RF_NUM("MaxReports", BMC_REPORTS_MAX),
	RF_TEXT("MinCollectionInterval", "PT1S"),
	RF_LINK("MetricDefinitions", "./MetricDefinitions"),
	RF_LINK("MetricReportDefinitions", "./MetricReportDefinitions"),
	RF_LINK("MetricReports", "./MetricReports"),
	RF_LINK("Triggers", "./Triggers"),
	RF_LINK("LogService", "/redfish/v1/Managers/bmc/LogServices/Events"),
	{ .path = NULL },
};
static const struct rf_prop metrics_props[] = {
	RF_FN("Members", rf_metric_members),
	{ .path = NULL },
};
static const struct rf_prop metric_props[] = {
	RF_FN("Name", rf_metric_name),
	RF_TEXT("MetricType", "Gauge"),
	RF_TEXT("MetricDataType", "Decimal"),
	RF_TEXT("Implementation", "PhysicalSensor"),
	RF_FN("Units", rf_metric_units),
	RF_FN("MetricProperties", rf_metric_properties),
	{ .path = NULL },
};
static const struct rf_prop definition_props[] = {
	RF_FIELD("Name", bmc_metric_report, name, .flags = RF_OR_ID),
	RF_FIELD("Status/State", bmc_metric_report, row.status),
	RF_FIELD("MetricReportDefinitionType", bmc_metric_report, type),
	RF_FIELD("MetricReportDefinitionEnabled", bmc_metric_report, enabled, .flags = RF_PATCH),
	RF_FN("Schedule/RecurrenceInterval", rf_report_interval, RF_AT(bmc_metric_report, interval),
	      .flags = RF_PATCH, .set = rf_report_set_interval),
	RF_FN("Metrics", rf_report_metrics, RF_AT(bmc_metric_report, metrics)),
	RF_FN("ReportActions", rf_report_actions, RF_AT(bmc_metric_report, actions),
	      .flags = RF_PATCH, .set = rf_report_set_actions),
	RF_TEXT("ReportUpdates", "Overwrite"),
	RF_SAME("MetricReport", &rf_report),
	{ .path = NULL },
};
static const struct rf_prop report_props[] = {
	RF_FIELD("Name", bmc_metric_report, name, .flags = RF_OR_ID),
	RF_FN("Timestamp", rf_report_time, RF_AT(bmc_metric_report, last)),
	RF_SAME("MetricReportDefinition", &rf_report_definition),
	RF_FN("MetricValues", rf_report_values),
	{ .path = NULL },
};

static const struct rf_prop history_props[] = {
	RF_FN("Name", rf_history_name),
	RF_FN("Timestamp", rf_history_time),
	RF_FN("MetricValues", rf_history_newest),
	RF_TEXT("Oem/ClusterBmc/@odata.type", "#ClusterBmcMetricReport.v1_0_0.MetricReport"),
	RF_FN("Oem/ClusterBmc/IntervalSeconds", rf_history_interval,
	      .text = "Time between two samples of a series."),
	RF_FN("Oem/ClusterBmc/Series", rf_history_series, .flags = RF_TEXTS,
	      .text = "The samples of each of MetricValues, in its order: oldest first, with commas between; an empty one was not read; null: there is none yet. The last is of the report's Timestamp."),
	{ .path = NULL },
};

#define LIMIT(name, member)                                                             \
	RF_FIELD("NumericThresholds/" name "/Reading", bmc_trigger, member,                  \
		 .flags = RF_PATCH | RF_OMIT)
static const struct rf_prop trigger_props[] = {
	RF_FIELD("Name", bmc_trigger, name, .flags = RF_OR_ID),
	RF_FIELD("Status/State", bmc_trigger, row.status),
	RF_TEXT("MetricType", "Numeric"),
	RF_FIELD("MetricIds[]", bmc_trigger, metric),
	RF_FIELD("TriggerEnabled", bmc_trigger, enabled, .flags = RF_PATCH),
	LIMIT("UpperCritical", upper_critical),
	LIMIT("UpperWarning", upper_warning),
	LIMIT("LowerWarning", lower_warning),
	LIMIT("LowerCritical", lower_critical),
	RF_TEXT("TriggerActions[]", "LogToLogService"),
	RF_TEXT("TriggerActions[]", "RedfishEvent"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_telemetry = {
	.uri = SERVICE,
	.type = "TelemetryService.v1_4_1.TelemetryService",
	.name = "Telemetry",
	.props = service_props,
	.actions = service_actions,
};
const struct rf_resource rf_metric_definitions = {
	.uri = SERVICE "/MetricDefinitions",
	.type = "MetricDefinitionCollection.MetricDefinitionCollection",
	.name = "Metrics",
	.props = metrics_props,
	.flags = RF_NO_ID,
};
const struct rf_resource rf_metric_definition = {
	.uri = SERVICE "/MetricDefinitions/*",
	.type = "MetricDefinition.v1_3_5.MetricDefinition",
	.props = metric_props,
	.known = rf_metric_known,
};
const struct rf_resource rf_report_definitions = {
	.uri = SERVICE "/MetricReportDefinitions",
	.type = "MetricReportDefinitionCollection.MetricReportDefinitionCollection",
	.name = "Definitions of metric reports",
	.members = RF_TO(&rf_report_definition),
	.create_params = rf_report_params,
	.create = rf_report_create,
};
const struct rf_resource rf_report_definition = {
	.uri = SERVICE "/MetricReportDefinitions/{metric_report}",
	.type = "MetricReportDefinition.v1_4_7.MetricReportDefinition",
	.props = definition_props,
	.flags = RF_DELETE,
};
const struct rf_resource rf_reports = {
	.uri = SERVICE "/MetricReports",
	.type = "MetricReportCollection.MetricReportCollection",
	.name = "Metric reports",
	.members = RF_TO(&rf_report, &rf_history_report),
};
const struct rf_resource rf_report = {
	.uri = SERVICE "/MetricReports/{metric_report}",
	.type = "MetricReport.v1_5_2.MetricReport",
	.props = report_props,
	.exists = rf_report_is_kept,
	.flags = RF_VOLATILE, /* of the snapshot, or of one before */
};
const struct rf_resource rf_history_report = {
	.uri = SERVICE "/MetricReports/*",
	.type = "MetricReport.v1_5_2.MetricReport",
	.props = history_props,
	.known = rf_history_known,
	.member_id = rf_history_id,
	.flags = RF_VOLATILE, /* of the rings */
};
const struct rf_resource rf_triggers = {
	.uri = SERVICE "/Triggers",
	.type = "TriggersCollection.TriggersCollection",
	.name = "Triggers",
	.members = RF_TO(&rf_trigger),
	.create_params = rf_trigger_params,
	.create = rf_trigger_create,
};
const struct rf_resource rf_trigger = {
	.uri = SERVICE "/Triggers/{trigger}",
	.type = "Triggers.v1_4_0.Triggers",
	.props = trigger_props,
	.flags = RF_DELETE,
};
