// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* What the tables of the event service call; as `create`, `run`, `set`, `fn` and `raw`
 * there. */

/** The members of a subscription that a POST may have. */
extern const struct rf_param rf_subscription_params[];
int rf_subscription_create(struct rf_request *q, const json_t *const *args);
int rf_subscription_set_context(struct rf_request *q, const json_t *value,
				struct bmc_action *act);
int rf_subscription_set_headers(struct rf_request *q, const json_t *value,
				struct bmc_action *act);
int rf_subscription_suspend(struct rf_request *q, const json_t *const *args);
int rf_subscription_resume(struct rf_request *q, const json_t *const *args);

/** SubmitTestEvent's parameters, and the action. */
extern const struct rf_param rf_test_event_params[];
int rf_test_event_submit(struct rf_request *q, const json_t *const *args);
/** TelemetryService's SubmitTestMetricReport, likewise. */
extern const struct rf_param rf_test_report_params[];
int rf_test_report_submit(struct rf_request *q, const json_t *const *args);

/** GET of the stream. */
int rf_stream_open(struct rf_request *q);
