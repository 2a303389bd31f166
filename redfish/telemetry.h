// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* What the tables of the telemetry service call. */

/* Where a metric's readings are. */
struct rf_metric_place {
	const char *id;
	const struct rf_resource *res;
	const char *fragment;
	const char *units; /* UCUM; NULL: they differ */
};

/** Of a metric of bmc_metrics: a test reads each. Borrowed. */
const struct rf_metric_place *rf_metric_place(const char *id);
/** "URI#/path" of the reading of a row, a new reference; NULL: it has none. */
json_t *rf_metric_property(struct rf_view *v, const struct rf_metric_place *p,
			   const struct bmc_row *row);

/* Reports of the history: MetricReports/METRIC.Hour of all rows, MetricReports/ROW.Hour
 * of all readings of a board, a blade or the chassis; with .Day the means. */
bool rf_history_known(const char *id);
bool rf_history_id(size_t i, char ret[BMC_ID_MAX]);
json_t *rf_history_name(struct rf_render *r);
json_t *rf_history_time(struct rf_render *r);
json_t *rf_history_newest(struct rf_render *r);
json_t *rf_history_interval(struct rf_render *r);
json_t *rf_history_series(struct rf_render *r);

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

/** "ReportActions" of a definition. */
json_t *rf_report_actions(struct rf_render *r);
int rf_report_set_actions(struct rf_request *q, const json_t *v,
			  struct bmc_action *act);
/** Takes ReportActions; `ret` has those of the definition, or 0. A null in the list
 * leaves its place out, an empty object keeps what stands there (DSP0266, 7.6). False:
 * it is none, a message says so. */
bool rf_report_take_actions(struct rf_request *q, const json_t *list, int64_t *ret);
/** Links to the definitions with these ids, "A B", that there are. One that is removed
 * is meant again when it is made again. */
json_t *rf_report_links(struct rf_render *r, const char *ids);
/** Whether the reports of a definition can be read. */
bool rf_report_is_kept(struct rf_view *v, const struct bmc_row *row);

extern const struct rf_param rf_report_params[], rf_trigger_params[];
int rf_report_create(struct rf_request *q, const json_t *const *args);
int rf_trigger_create(struct rf_request *q, const json_t *const *args);
