// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/loop.h"
#include "core/base/work-queue.h"
#include "core/ports/action-handler.h"
#include "priv/client.h"

/* Changes of accounts and roles: one at a time, in order, on the one thread of a work
 * queue. Each sees the helper's newest list, and its result is published before it is
 * answered. Of the changes of one transaction those after a failure are not made. */

struct bmc_batch;

struct bmc_change {
	struct bmc_message finished;
	const struct bmc_action *act; /* borrowed */
	const struct bmc_actor *who;  /* borrowed */
	bmc_action_handler_done *done;
	void *arg;
	/** Makes it: on the queue's thread; fills `err`, `what` and `unchanged`. */
	int (*run)(struct bmc_change *c);
	struct bmc_batch *batch;
	int code;
	struct bmc_error err;
	char what[64];  /* for the event */
	bool unchanged; /* it was so already */
	bool listed;
	struct priv_accounts accounts; /* before the change, then after it */
};

/** The queue, borrowed; NULL at the end. Main thread. */
void bmc_changes_init(struct bmc_work_queue *q);
/** Has `run` make the change. As run() of a handler. */
void bmc_change_submit(const struct bmc_action *act, const struct bmc_actor *who,
		       int (*run)(struct bmc_change *c), bmc_action_handler_done *done,
		       void *arg);
/** Until when the helper has to have answered. */
int64_t bmc_change_deadline(void);

/** Whether the action sets the field of this name. */
bool bmc_change_sets(const struct bmc_action *act, const char *field);
