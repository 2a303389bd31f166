// SPDX-License-Identifier: Apache-2.0
// The queue of logins and its shares, see login-queue.h.
#include "auth/login-queue.h"

#include <string.h>

#include "bmc/error.h"

void bmc_login_queue_init(struct bmc_login_queue *q)
{
	memset(q, 0, sizeof(*q));
	for (unsigned c = 0; c < BMC_LOGIN_REFUSED; c++)
		TAILQ_INIT(&q->waiting[c]);
}

static const unsigned places[BMC_LOGIN_REFUSED] = { 64, 64, 32, 16 },
		      threads[BMC_LOGIN_REFUSED] = { 4, 4, 3, 1 },
		      client_places[BMC_LOGIN_REFUSED] = { 16, 16, 4, 4 };

/* A class's share holds for it and the worse ones together. */
static bool has_room(const unsigned n[BMC_LOGIN_REFUSED],
		     const unsigned share[BMC_LOGIN_REFUSED],
		     enum bmc_login_class class)
{
	unsigned sum = 0;

	for (unsigned c = BMC_LOGIN_REFUSED; c-- > 0;) {
		sum += n[c];
		if (c <= class && sum >= share[c])
			return false;
	}
	return true;
}

static unsigned of_client(const struct bmc_login_queue *q,
			  const struct bmc_login_place *is)
{
	const struct bmc_login_place *p;
	unsigned n = 0;

	for (unsigned c = 0; c < BMC_LOGIN_REFUSED; c++) {
		TAILQ_FOREACH (p, &q->waiting[c], link)
			n += memcmp(&p->client, &is->client, sizeof(p->client)) == 0;
	}
	return n;
}

int bmc_login_queue_add(struct bmc_login_queue *q, struct bmc_login_place *p)
{
	if (!has_room(q->n_waiting, places, p->class) ||
	    of_client(q, p) >= client_places[p->class])
		return BMC_EAGAIN;
	TAILQ_INSERT_TAIL(&q->waiting[p->class], p, link);
	q->n_waiting[p->class]++;
	return BMC_OK;
}

void bmc_login_queue_drop(struct bmc_login_queue *q, struct bmc_login_place *p)
{
	TAILQ_REMOVE(&q->waiting[p->class], p, link);
	q->n_waiting[p->class]--;
}

struct bmc_login_place *bmc_login_queue_next(struct bmc_login_queue *q, bool all)
{
	for (enum bmc_login_class c = BMC_LOGIN_KNOWN; c < BMC_LOGIN_REFUSED; c++) {
		struct bmc_login_place *p = TAILQ_FIRST(&q->waiting[c]);
		if (!p || (!all && !has_room(q->n_running, threads, c)))
			continue;
		bmc_login_queue_drop(q, p);
		q->n_running[c]++;
		return p;
	}
	return NULL;
}

void bmc_login_queue_ended(struct bmc_login_queue *q, const struct bmc_login_place *p)
{
	q->n_running[p->class]--;
}
