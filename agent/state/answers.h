// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "state/queue.h"

/* Answers of the state thread to its callers, which are reported on the main thread. */

/** Notes the answer; steals `call`. Any thread. */
void state_answer(struct state_call *call, int code);
/** Has the main thread report what was noted. Any thread. */
void state_answers_send(void);
/** Reports it now. Main thread. */
void state_answers_report(void);
