// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <poll.h>

#include "priv/helper.h"

/* The helper's children: at most so many of a class at a time, the others wait in a
 * bounded queue. A child that has not answered at its deadline is killed with all it
 * has started. */

struct priv_workers;
#define PRIV_CHILDREN 8u /* the sum over the classes */

/** `answer` gets the reply and the descriptor that goes with it, -1 for none, which is
 * closed afterwards. */
struct priv_workers *priv_workers_new(struct priv_helper *h,
				      void (*answer)(void *arg,
						     const struct priv_reply *rp,
						     size_t size, int pass),
				      void *arg);
/** Kills what runs. Accepts and returns NULL. */
struct priv_workers *priv_workers_free(struct priv_workers *w);

/** Starts or queues a request (copied). BMC_EAGAIN when PRIV_QUEUE wait already. */
int priv_workers_submit(struct priv_workers *w, const struct priv_op *op,
			const struct priv_request *rq, struct bmc_error *err);
/** Forgets what waits and the answers of what runs: the peer that asked is gone. */
void priv_workers_drop(struct priv_workers *w);

/** Whether a child changes something now: it should not be killed half way. */
bool priv_workers_changing(const struct priv_workers *w);

/** Fills `fds[PRIV_CHILDREN]`; returns how many. */
nfds_t priv_workers_watch(const struct priv_workers *w, struct pollfd *fds);
/** When the next child has to be killed, in the time of priv_now(); else
 * INT64_MAX. */
int64_t priv_workers_next(const struct priv_workers *w);
/** Takes the answers that are there, kills what is overdue, starts what waits. */
void priv_workers_step(struct priv_workers *w);
