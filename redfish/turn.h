// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* Turns of conditional writes. Between the check of If-Match and the moment at which
 * the change can be read again, another request with the same ETag would pass that
 * check too, and what one of them wrote would be lost. So those for one row go one
 * after another. Writes without a condition ask for no turn. */

struct rf_turn;

/** Takes the turn for q->row. RF_DONE: q has it (or there was no memory: answered, then
 * q->status is set); RF_WAIT: `then` goes on with it when it has it. Any thread. */
int rf_turn_take(struct rf_request *q, int (*then)(struct rf_request *q));
/** Gives it back, if q has it: the next one goes on. Any thread. */
void rf_turn_give(struct rf_request *q);
