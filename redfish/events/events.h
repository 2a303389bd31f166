// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "http/stream.h"

/* The deliverer of events: one thread follows the snapshots and gives each subscriber
 * what its row asks for, over HTTP or on its stream. A subscriber has no queue: it has
 * a place in the list of events, so one that is slow or dead costs no memory and holds
 * up no other. What it has not taken waits as long as it is among the snapshot's
 * events (BMC_EVENTS_KEPT); a stream that asks for older ones (Last-Event-ID) gets them
 * from the database. Metric reports come after the events of all, see report.h. */

struct rf_events_conf {
	unsigned streams;      /* at most, of all users           */
	unsigned streams_user; /* and of one                      */
	int64_t timeout_ms;    /* for a receiver to take an event */
	const char *ca;        /* file with CA certificates, "": the system's; copied */
};

/** Starts the thread. After rf_init and the subscriptions' init. Main thread. */
int rf_events_start(const struct rf_events_conf *conf, struct bmc_error *err);
/** Ends it; what is under way is sent again after the next start. Main thread. */
void rf_events_stop(void);

/* ---- for the streams' resource ---- */

struct rf_event_filter;

/* A stream that a client has opened. */
struct rf_event_stream {
	struct http_stream *stream;
	struct rf_event_filter *filter;
	uint32_t after; /* it continues after this event; 0: with the next one   */
	uint64_t stamp; /* of the account, where no session of it says when to end */
	uint32_t certificate; /* row of the one that logged in instead; 0: none */
};

/** May one more stream of this user begin? Any thread. */
bool rf_events_room(const char *user);
/** Gives a stream to the subscription with this id (stream and filter are stolen).
 * False: the deliverer is not there. Any thread. */
bool rf_events_attach(const char *id, const struct rf_event_stream *opened);
#define RF_STREAM_BYTES 262144 /* that wait for a slow reader */
