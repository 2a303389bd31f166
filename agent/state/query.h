// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "state/database.h"
#include "state/queue.h"

/* Queries on their way to the database and back. No locks: the owner of a list may use
 * it. */

#define STATE_QUERIES_MAX 32u

struct state_query {
	struct state_query *next;
	struct bmc_event_query events;
	bmc_store_events *got;
	void *arg;
	struct state_call *call; /* reports the answer, then frees this */
	struct bmc_event_page page;
};

/** NULL when out of memory. */
struct state_query *state_query_new(const struct bmc_event_query *events,
				    bmc_store_events *got, void *arg);
/** Frees one that was not handed over. Accepts and returns NULL. */
struct state_query *state_query_free(struct state_query *q);

/* Zero is empty. */
struct state_queries {
	struct state_query *first, *last;
	unsigned n;
};

/** Appends; steals `q`. False when there are STATE_QUERIES_MAX: it is still the
 * caller's. */
bool state_queries_add(struct state_queries *l, struct state_query *q);
/** The first, now owned by the caller, or NULL. */
struct state_query *state_queries_take(struct state_queries *l);

/** Reads the answer into the query. State thread. Errors: as bmc_store_events has them.
 */
int state_query_run(struct state_query *q, struct state_db *db);
