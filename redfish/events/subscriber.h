// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/queue.h>
#include "core/model/service.h"

#include "core/snapshot/snapshot.h"
#include "http/stream.h"
#include "redfish/events/format.h"
#include "redfish/events/push.h"
#include "redfish/events/report.h"
#include "redfish/events/retry.h"

/* What the deliverer has of each subscriber beside its row. On its thread. */

/* Events of the database, on their way to a stream. */
struct rf_history;

struct rf_subscriber {
	LIST_ENTRY(rf_subscriber) link;
	char id[BMC_ID_MAX];
	const struct bmc_subscription *row;   /* of the pinned snapshot */
	const struct bmc_subscription *known; /* that `push` is configured by */
	uint32_t last;                        /* event that it has, or has passed by */
	int64_t since;                        /* BMC_TIME: when it came */
	bool gone;                            /* its row */
	struct rf_reports_had had;
	struct rf_sending sending; /* a report */
	/* pushed */
	struct rf_push *push;
	struct rf_retry retry;
	uint32_t under_way; /* event; 0: a heartbeat or nothing */
	int64_t heartbeat;  /* BMC_TIME of the next one */
	uint64_t heartbeats;
	/* a stream */
	struct http_stream *stream;
	struct rf_event_filter *filter;
	bool has_account; /* the user's row was there at the begin */
	uint64_t stamp;   /* of the account that opened it without a session; else 0 */
	uint32_t certificate; /* row of the one that opened it; 0: none */
	struct rf_history *history;
};

/** What a pass of the deliverer is made with. */
struct rf_pass {
	const struct bmc_snapshot *snap;
	int64_t now;
	int64_t wake; /* out: BMC_TIME at which it has to look again */
	const struct rf_push_conf *push;
	struct rf_retry_limits retry;
	struct rf_event *(*event)(const struct rf_pass *pass,
				  const struct bmc_row *row); /* borrowed */
	/* ends what is being sent of this report, as if it were refused */
	void (*give_up)(struct rf_pass *pass, const struct rf_report *report);
};

/** Goes on with one, as far as it goes without waiting. */
void rf_push_pass(struct rf_subscriber *s, struct rf_pass *pass);
void rf_stream_pass(struct rf_subscriber *s, struct rf_pass *pass);
/** The same with metric reports, once all have their events. */
void rf_push_reports(struct rf_subscriber *s, struct rf_pass *pass);
void rf_stream_reports(struct rf_subscriber *s, struct rf_pass *pass);
/** A transfer of this one has ended. */
void rf_push_result(struct rf_subscriber *s, struct rf_pass *pass, bool taken,
		    const char *why);
/** Frees what a stream has. */
void rf_stream_drop(struct rf_subscriber *s);
/** The same, and the subscription is removed. */
void rf_stream_end(struct rf_subscriber *s);
/** Wakes the deliverer. Any thread. */
void rf_events_wake(void);
