// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/reader/encode.h"
#include "snmp/reader/spans.h"
#include "snmp/walk.h"

/* Varbinds of consecutive rows of one column, encoded once and then copied, as long as
 * the snapshot is the same. A run is encoded when GETBULKs ask for it a second time, so
 * that a walk that reads each object once does no work ahead. Memory is bounded: what
 * finds no room is encoded by whoever asks, as are values that change with time (see
 * sn_value_is_fixed). SNMP's thread only. */

#define SN_RUN_ROWS 64
#define SN_RUN_ROOM 8192 /* bytes of varbinds in a run, below UINT16_MAX */

struct sn_run {
	size_t first, rows;        /* positions of the table's rows; at least one */
	uint16_t end[SN_RUN_ROWS]; /* of each row's varbind in `data` */
	uint8_t n[SN_RUN_ROWS];    /* varbinds up to and with that row's */
	uint8_t data[];
};

/** The run of the row that the walk is at; NULL: it is not encoded. Counts as asking
 * for it. Borrowed until the snapshot is let go. */
const struct sn_run *sn_run_ask(const struct sn_walk *w, const struct sn_span *span);

/** Appends at most `most` varbinds, as far as they fit, from a row's position on, and
 * moves it on behind them and rows without a value. Returns how many; 0 also where the
 * run has been cut before that row. */
size_t sn_run_copy(const struct sn_run *run, size_t *row, size_t most,
		   struct sn_list *to);

/** Drops all runs: tables are elsewhere. */
void sn_runs_forget(void);
