// SPDX-License-Identifier: Apache-2.0
// Answers on their way to the main thread: a list and one message for all that is in
// it, so that no answer needs memory. Called by state.c.
#include "state/answers.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/base/loop.h"

static struct {
	pthread_mutex_t lock;
	struct state_call *first, *last;
	struct bmc_message message;
} answers = { .lock = PTHREAD_MUTEX_INITIALIZER };

void state_answer(struct state_call *call, int code)
{
	call->code = code;
	call->next = NULL;
	pthread_mutex_lock(&answers.lock);
	if (answers.first)
		answers.last->next = call;
	else
		answers.first = call;
	answers.last = call;
	pthread_mutex_unlock(&answers.lock);
}

void state_answers_report(void)
{
	struct state_call *next;

	pthread_mutex_lock(&answers.lock);
	struct state_call *c = answers.first;
	answers.first = NULL;
	pthread_mutex_unlock(&answers.lock);
	for (; c; c = next) {
		next = c->next;
		c->done(c->arg, c->code);
		free(c);
	}
}

static void report(void *arg)
{
	(void)arg;
	state_answers_report();
}

void state_answers_send(void)
{
	bool any;

	pthread_mutex_lock(&answers.lock);
	any = answers.first != NULL;
	pthread_mutex_unlock(&answers.lock);
	if (any)
		bmc_loop_send(&answers.message, report, NULL);
}
