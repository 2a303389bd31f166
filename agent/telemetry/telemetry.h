// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "core/model/service.h"
#include "core/snapshot/snapshot.h"

/* Telemetry: definitions of metric reports and triggers are rows, made, changed and
 * removed through the action API and kept in the database. One timer on the main thread
 * takes the periodic reports and those on change, each of which is a snapshot, and
 * watches the triggers' metrics, whose limits raise events. */

#define BMC_TRIGGERS_MAX 32

/* A reading that reports can show: a field of each row of a kind. */
struct bmc_metric {
	const char *id; /* PascalCase; NULL ends the table */
	enum bmc_kind kind;
	size_t offset;
};
extern const struct bmc_metric bmc_metrics[];
/** The metric of this id (`len` bytes of it), or NULL. */
const struct bmc_metric *bmc_metric_find(const char *id, size_t len);

/** Loads the definitions and takes over what is done to them. After the action API.
 *  Main thread. */
int bmc_telemetry_init(struct bmc_error *err);
void bmc_telemetry_done(void);

/** Whether one of these metrics (ids with blanks between) reads otherwise in one
 * snapshot than in the other, or of other rows. Any thread. */
bool bmc_metrics_differ(const char *ids, const struct bmc_snapshot *a,
			const struct bmc_snapshot *b);

/** The snapshot that is the last report of a definition, periodic or on change, a
 *  reference, and when it was taken (BMC_TIME); NULL: there is none. Any thread. */
struct bmc_snapshot *bmc_telemetry_report(const char *id, int64_t *ret_at);

/* The last report of a definition, which keeps its place in the list as long as it
 * makes reports. */
struct bmc_report_made {
	char id[BMC_ID_MAX]; /* of the definition                          */
	uint64_t number;     /* of all reports since the start; 0: no report */
};
/** Which report each definition made last. A snapshot is published after it was made.
 *  Any thread. */
void bmc_telemetry_made(struct bmc_report_made ret[BMC_REPORTS_MAX]);
