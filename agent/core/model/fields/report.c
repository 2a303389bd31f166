// SPDX-License-Identifier: Apache-2.0
/* The fields of a metric report's definition. */
#include "core/model/fields.h"
#include "core/model/service.h"

/* clang-format off */
static const struct bmc_name type_names[] = {
	{ BMC_REPORT_UNKNOWN, "unknown" }, { BMC_REPORT_PERIODIC, "Periodic" },
	{ BMC_REPORT_ON_REQUEST, "OnRequest" }, { BMC_REPORT_ON_CHANGE, "OnChange" }, { 0, NULL },
};
static const struct bmc_name action_names[] = {
	{ BMC_REPORT_ACTIONS_UNKNOWN, "unknown" }, { BMC_REPORT_LOG, "Log" },
	{ BMC_REPORT_SEND, "Send" }, { BMC_REPORT_LOG_AND_SEND, "LogAndSend" }, { 0, NULL },
};
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_metric_report, name, BMC_TEXT, .doc = "Label that its maker gave it."),
	FIELD(bmc_metric_report, type, BMC_ENUM, .names = type_names, .doc = "When the metrics are read."),
	FIELD(bmc_metric_report, interval, BMC_INT, .unit = BMC_UNIT_MILLISECOND, .flags = BMC_SETTING,
	      .min = BMC_REPORT_INTERVAL_MIN, .max = BMC_REPORT_INTERVAL_MAX,
	      .doc = "Time between two readings of a periodic report."),
	FIELD(bmc_metric_report, enabled, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether a report is made."),
	FIELD(bmc_metric_report, actions, BMC_ENUM, .names = action_names, .flags = BMC_SETTING,
	      .max = BMC_REPORT_LOG_AND_SEND,
	      .doc = "Whether a report that is made can be read, is sent to subscribers, or both."),
	FIELD(bmc_metric_report, last, BMC_TIME, .doc = "When the last report was made; not known of reports that are made on request."),
	FIELD(bmc_metric_report, metrics, BMC_TEXT, .doc = "Ids of the metrics, with blanks between."),
};
/* clang-format on */

KIND(BMC_METRIC_REPORT, metric_report, .flags = 0);
