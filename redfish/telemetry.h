// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* What the tables of the telemetry service call. */

/** Members of the collection of metric definitions. */
json_t *rf_metric_members(struct rf_render *r);
/** Whether there is such a metric. */
bool rf_metric_known(const char *id);
/** Properties of a metric definition. */
json_t *rf_metric_name(struct rf_render *r);
json_t *rf_metric_units(struct rf_render *r);
json_t *rf_metric_properties(struct rf_render *r);

/** The report's values, and when they were read. */
json_t *rf_report_values(struct rf_render *r);
json_t *rf_report_time(struct rf_render *r);
/** "Metrics" of its definition. */
json_t *rf_report_metrics(struct rf_render *r);
/** "PT10S"; NULL for one that is not periodic. */
json_t *rf_report_interval(struct rf_render *r);
int rf_report_set_interval(struct rf_request *q, const json_t *v,
			   struct bmc_action *act);

extern const struct rf_param rf_report_params[], rf_trigger_params[];
int rf_report_create(struct rf_request *q, const json_t *const *args);
int rf_trigger_create(struct rf_request *q, const json_t *const *args);
