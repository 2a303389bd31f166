// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/snapshot/snapshot.h"
#include "metrics/text.h"

/* What /metrics shows. A value that is unknown has no sample. Any thread. */

/* A metric of the table: a field of each row of a kind. */
struct mx_metric {
	const char *name; /* NULL ends a table */
	enum mx_type type;
	enum bmc_kind kind;
	size_t offset;
	const char *label; /* whose value is the row's id, or the text at label_at */
	size_t label_at;   /* 0: the id, which is also shown for an unknown text   */
	int64_t sensor;    /* enum bmc_sensor_type of the rows; 0: all rows        */
	const char
		*state; /* the label of an enumeration's words: each is a sample,
			 * 1 for the row's own and 0 for the others; NULL: a number */
};
/* Beside what the seed has: base units, clean names. */
extern const struct mx_metric mx_clean[];
/* The seed's names (seed.c). */
extern const struct mx_metric mx_seed[];

/** The samples of a table. */
void mx_render_table(struct mx_text *t, const struct bmc_snapshot *s,
		     const struct mx_metric *table);
/** What the seed names and no field is alone. */
void mx_render_seed(struct mx_text *t, const struct bmc_snapshot *s);
/** All that changes with the snapshot only. */
void mx_render(struct mx_text *t, const struct bmc_snapshot *s);
/** What is rendered at each scrape: ages of the data, the process, and how long the
 * scrape took, which began at `since` (nanoseconds of CLOCK_MONOTONIC). */
void mx_render_now(struct mx_text *t, const struct bmc_snapshot *s, int64_t since);
/** Nanoseconds of CLOCK_MONOTONIC. */
int64_t mx_clock(void);
/** CPU time, memory, descriptors and start of this process. */
void mx_render_process(struct mx_text *t);
