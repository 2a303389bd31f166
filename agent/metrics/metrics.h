// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdio.h>

#include "bmc/conf.h"

/* GET /metrics: the newest snapshot in Prometheus' text format 0.0.4, or as OpenMetrics
 * 1.0 for a client whose Accept header names that. A scrape never reaches hardware. */

/** Registers with the HTTP server. `metrics`: the section of that name in the config.
 * Main thread, after the accounts' init, before http_start. */
void mx_init(const struct bmc_conf *metrics);
/** Prints the tables, for the checks that compare frontends, a line a metric: name,
 * kind.field, label (- where it is not the row's id), multiplier and divisor of the
 * unit, the states' label or -, the sensors' type or 0. */
void mx_dump(FILE *out);
/** Drops the rendered text. Main thread, after http_stop. */
void mx_done(void);
