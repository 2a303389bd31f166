// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>

#include "cli/error.h"

/** Samples of an agent's page (borrowed; the text format of Prometheus 0.0.4) that a
 * name with matchers chooses, as a new array of {"metric": "NAME{A=\"B\", C=\"D\"}",
 * "labels", "value", "time"} with the labels that Firefly's scrape adds. NULL: `err`.
 */
json_t *cli_metrics_find(const char *page, const char *expr, struct cli_error *err);
/** The same of an answer of Prometheus' /api/v1/query. */
json_t *cli_metrics_of_prometheus(const json_t *answer, struct cli_error *err);
