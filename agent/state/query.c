// SPDX-License-Identifier: Apache-2.0
// Queries on their way to the database and back: one block of memory for the question
// and the answer, so that nothing can fail between the two. Called by state.c.
#include "state/query.h"

#include <stdlib.h>

#include "core/base/log.h"

struct state_query *state_query_free(struct state_query *q)
{
	if (q)
		free(q->call);
	free(q);
	return NULL;
}

/* Main thread. */
static void report(void *arg, int code)
{
	struct state_query *q = arg;

	q->got(q->arg, code, code == BMC_OK ? &q->page : NULL);
	free(q); /* the call is its caller's */
}

struct state_query *state_query_new(const struct bmc_event_query *events,
				    bmc_store_events *got, void *arg)
{
	struct state_query *q =
		calloc(1, sizeof(*q) + events->limit * sizeof(struct bmc_event));

	if (!q)
		return NULL;
	q->call = calloc(1, sizeof(*q->call));
	if (!q->call)
		return state_query_free(q);
	q->events = *events;
	q->got = got;
	q->arg = arg;
	q->call->done = report;
	q->call->arg = q;
	return q;
}

bool state_queries_add(struct state_queries *l, struct state_query *q)
{
	if (l->n == STATE_QUERIES_MAX)
		return false;
	q->next = NULL;
	if (l->first)
		l->last->next = q;
	else
		l->first = q;
	l->last = q;
	l->n++;
	return true;
}

struct state_query *state_queries_take(struct state_queries *l)
{
	struct state_query *q = l->first;

	if (q) {
		l->first = q->next;
		l->n--;
	}
	return q;
}

int state_query_run(struct state_query *q, struct state_db *db)
{
	struct bmc_error err = { 0 };
	int code = state_db_events(db, &q->events, &q->page, &err);

	if (code != BMC_OK)
		log_limited(LOG_WARNING, "state: the event log can't be read: %s",
			    err.what);
	return code;
}
