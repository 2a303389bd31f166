// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "auth/throttle.h"

/* Logins that wait for a thread. No locks: the caller holds one.
 *
 * Those of a better class (throttle.h) are served first, in one class the oldest. What
 * clients that may be attackers take is bounded, so that a login from a known client
 * always finds a place and a thread: of 64 places clean clients get up to 32 and
 * suspect ones up to 16, of 4 threads 3 and 1. One client has up to 16 places as a
 * known client or with the right password, 4 otherwise. */

#define BMC_LOGIN_THREADS 4u
#define BMC_LOGIN_QUEUE   64u

struct bmc_login_place {
	TAILQ_ENTRY(bmc_login_place) link;
	enum bmc_login_class class;
	struct in6_addr client;
};

TAILQ_HEAD(bmc_login_places, bmc_login_place);

struct bmc_login_queue {
	struct bmc_login_places waiting[BMC_LOGIN_REFUSED];
	unsigned n_waiting[BMC_LOGIN_REFUSED], n_running[BMC_LOGIN_REFUSED];
};

void bmc_login_queue_init(struct bmc_login_queue *q);
/** Takes a place, filled in; it stays the caller's. BMC_EAGAIN. */
int bmc_login_queue_add(struct bmc_login_queue *q, struct bmc_login_place *p);
/** The next to be served, or NULL; `all`: whatever runs. bmc_login_queue_ended() has to
 * follow. */
struct bmc_login_place *bmc_login_queue_next(struct bmc_login_queue *q, bool all);
void bmc_login_queue_ended(struct bmc_login_queue *q, const struct bmc_login_place *p);
/** One that waits leaves. */
void bmc_login_queue_drop(struct bmc_login_queue *q, struct bmc_login_place *p);
