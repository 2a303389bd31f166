// SPDX-License-Identifier: Apache-2.0
/* Receivers of notifications: what each is sent, and when again. Called by the
 * notifier. */
#include "snmp/receiver.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/notifier.h"
#include "snmp/receiver-feed.h"
#include "snmp/receiver-link.h"

#define TRAPS_PER_PASS 32 /* to one receiver */

enum under_way { NOTHING, COLD_START, STANDARD, EVENT };

struct receiver {
	struct sn_receiver is;
	struct sn_link link;
	struct sn_feed feed;
	bool cold;                /* coldStart is to be sent, before all else */
	enum under_way under_way; /* an inform that is not acknowledged yet   */
	bool acknowledged;        /* it was, in this pass                     */
	uint32_t event;           /* that is under way                        */
	uint32_t standard;        /* event whose standard notification it has */
	int64_t deadline;         /* BMC_TIME: it is sent again               */
	unsigned failures;        /* attempts in a row                        */
};

static struct receiver *receivers[SN_RECEIVERS_MAX];
static size_t n_receivers;

/* ---- sending ---- */

static int on_answer(int op, netsnmp_session *s, int id, netsnmp_pdu *pdu, void *arg)
{
	struct receiver *r = arg;

	(void)s;
	(void)id;
	if (op == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE &&
	    pdu->command == SNMP_MSG_RESPONSE)
		r->acknowledged = true;
	return 1; /* all else ends by the deadline: no session is closed in here */
}

static void taken(struct receiver *r)
{
	if (r->failures)
		log_info("snmp: receiver %s takes notifications again", r->is.host);
	r->failures = 0;
	if (r->under_way == COLD_START)
		r->cold = false;
	else if (r->under_way == STANDARD)
		r->standard = r->event;
	else
		sn_feed_taken(&r->feed, r->event);
	r->under_way = NOTHING;
}

static void failed(struct receiver *r)
{
	if (!r->failures++)
		log_warning("snmp: receiver %s takes no notifications; they wait in "
			    "the event log",
			    r->is.host);
	r->under_way = NOTHING;
	sn_link_restart(&r->link);
}

static void transmit(struct receiver *r, netsnmp_pdu *pdu, enum under_way what)
{
	bool sent;

	if (!pdu)
		return;
	r->under_way = what;
	r->deadline = bmc_now() + sn_back_off_ms(r->failures);
	sent = sn_link_send(&r->link, pdu, on_answer, r);
	if (sent && !r->is.inform)
		taken(r);
}

/* The notification of a standard MIB first, if the event is one, then its own. */
static void send_event(struct receiver *r, const struct bmc_event *e)
{
	r->event = e->row.index[0];
	netsnmp_pdu *standard =
		r->standard == r->event ? NULL : sn_notifier_standard(e);
	if (standard)
		transmit(r, standard, STANDARD);
	else if (sn_notifier_wants(e))
		transmit(r, sn_notifier_event(e), EVENT);
	else
		sn_feed_taken(&r->feed, r->event);
}

/* An inform is sent when the one before is acknowledged: that keeps them in order. */
static void send_next(struct receiver *r)
{
	for (int i = 0; r->under_way == NOTHING && i < TRAPS_PER_PASS; i++) {
		const struct bmc_event *e = r->cold ? NULL : sn_feed_next(&r->feed);
		if (r->cold)
			transmit(r, sn_notifier_cold_start(), COLD_START);
		else if (e)
			send_event(r, e);
		else
			return;
	}
}

static void advance(struct receiver *r)
{
	if (r->acknowledged && r->under_way != NOTHING)
		taken(r);
	r->acknowledged = false;
	if (r->under_way != NOTHING && bmc_now() >= r->deadline)
		failed(r);
	if (sn_link_advance(&r->link))
		send_next(r);
}

void sn_receivers_tick(void)
{
	for (size_t i = 0; i < n_receivers; i++)
		advance(receivers[i]);
}

void sn_receivers_cold_start(void)
{
	for (size_t i = 0; i < n_receivers; i++)
		receivers[i]->cold = !receivers[i]->is.master; /* that has its own */
}

void sn_receivers_skip(void)
{
	for (size_t i = 0; i < n_receivers; i++) {
		receivers[i]->cold = false;
		sn_feed_skip(&receivers[i]->feed);
	}
}

/* ---- which there are ---- */

static struct receiver *receiver_free(struct receiver *r)
{
	if (!r)
		return NULL;
	sn_link_done(&r->link);
	sn_feed_done(&r->feed);
	bmc_wipe(r, sizeof(*r));
	free(r);
	return NULL;
}

static struct receiver *receiver_new(const struct sn_receiver *is)
{
	struct receiver *r = calloc(1, sizeof(*r));

	if (r) {
		r->is = *is;
		sn_link_init(&r->link, &r->is);
	}
	if (r && !sn_feed_init(&r->feed, is->id, is->inform))
		r = receiver_free(r);
	if (!r)
		log_warning("snmp: receiver %s is left out: out of memory", is->host);
	return r;
}

static bool same(const struct sn_receiver *a, const struct sn_receiver *b)
{
	return strcmp(a->id, b->id) == 0 && strcmp(a->host, b->host) == 0 &&
	       a->port == b->port && a->master == b->master && a->v1 == b->v1 &&
	       a->v3 == b->v3 && a->inform == b->inform &&
	       strcmp(a->community, b->community) == 0 &&
	       strcmp(a->user.name, b->user.name) == 0 &&
	       sn_access_same_keys(&a->user, &b->user);
}

/* Takes one that is there already out of the list. */
static struct receiver *take_same(const struct sn_receiver *is)
{
	for (size_t i = 0; i < n_receivers; i++) {
		struct receiver *r = receivers[i];
		if (r && same(&r->is, is)) {
			receivers[i] = NULL;
			return r;
		}
	}
	return NULL;
}

static bool has(struct receiver *const *list, size_t n, const char *id)
{
	while (n && strcmp(list[n - 1]->is.id, id) != 0)
		n--;
	return n > 0;
}

void sn_receivers_use(struct sn_receivers *all)
{
	struct receiver *now[SN_RECEIVERS_MAX] = { NULL };
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		now[n] = take_same(&all->one[i]);
		if (!now[n])
			now[n] = receiver_new(&all->one[i]);
		n += now[n] != NULL;
	}
	for (size_t i = 0; i < n_receivers; i++) {
		if (receivers[i] && !has(now, n, receivers[i]->feed.id))
			sn_feed_forget(&receivers[i]->feed);
		receiver_free(receivers[i]);
	}
	memcpy(receivers, now, sizeof(receivers));
	n_receivers = n;
	sn_receivers_free(all);
}

const struct sn_receiver *sn_receivers_get(size_t i)
{
	for (size_t at = 0; at < n_receivers; at++) {
		if (!receivers[at]->is.master && i-- == 0)
			return &receivers[at]->is;
	}
	return NULL;
}

void sn_receivers_done(void)
{
	while (n_receivers)
		receiver_free(receivers[--n_receivers]);
}
