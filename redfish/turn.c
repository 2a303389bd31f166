// SPDX-License-Identifier: Apache-2.0
// See turn.h. A request that has waited in vain (its deadline) is passed over when its
// turn comes. Called by the dispatcher.
#include "redfish/turn.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>

struct rf_turn {
	STAILQ_ENTRY(rf_turn) link;
	uint32_t row;           /* handle, 0: of what has no row */
	struct http_wait *wait; /* NULL: has it */
	bool left, passed; /* of one that waited in vain, by whom; then it is freed */
};

/* Of each row the first one has the turn. */
static STAILQ_HEAD(, rf_turn) turns = STAILQ_HEAD_INITIALIZER(turns);
static pthread_mutex_t turns_lock = PTHREAD_MUTEX_INITIALIZER;

static struct rf_turn *first_of(uint32_t row)
{
	struct rf_turn *t;

	STAILQ_FOREACH (t, &turns, link) {
		if (t->row == row)
			break;
	}
	return t;
}

int rf_turn_take(struct rf_request *q, int (*then)(struct rf_request *q))
{
	struct rf_turn *t = calloc(1, sizeof(*t));
	bool ok = t, waits = false;

	q->asked_for_turn = true;
	(void)pthread_mutex_lock(&turns_lock);
	if (ok) {
		t->row = q->row ? q->row->handle : 0;
		waits = first_of(t->row);
		if (waits)
			t->wait = rf_wait_begin(q, then, NULL);
		ok = !waits || t->wait;
	}
	if (ok) {
		STAILQ_INSERT_TAIL(&turns, t, link);
		q->turn = t;
	}
	(void)pthread_mutex_unlock(&turns_lock);
	if (ok)
		return waits ? RF_WAIT : RF_DONE;
	free(t);
	return rf_answer_error(q, BMC_ENOMEM, NULL);
}

/* It waited in vain. */
static void pass_over(struct rf_turn *t)
{
	STAILQ_REMOVE(&turns, t, rf_turn, link);
	t->passed = true;
	if (t->left)
		free(t);
}

/* Takes it out. Returns the next request of its row that still waits, which has the
 * turn now, or NULL. */
static struct rf_request *pass_on(struct rf_turn *t)
{
	struct rf_request *next = NULL;
	struct rf_turn *n;

	STAILQ_REMOVE(&turns, t, rf_turn, link);
	while (!next && (n = first_of(t->row))) {
		next = rf_wait_end(n->wait);
		if (next)
			n->wait = NULL;
		else
			pass_over(n);
	}
	free(t);
	return next;
}

void rf_turn_give(struct rf_request *q)
{
	struct rf_request *next = NULL;

	if (!q->asked_for_turn) /* nearly all; `turn` needs the lock */
		return;
	(void)pthread_mutex_lock(&turns_lock);
	struct rf_turn *t = q->turn;
	q->turn = NULL;
	if (t && t->passed)
		free(t);
	else if (t && t->wait)
		t->left = true;
	else if (t)
		next = pass_on(t);
	(void)pthread_mutex_unlock(&turns_lock);
	if (next)
		rf_wait_resume(next);
}
