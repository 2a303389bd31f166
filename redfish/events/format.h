// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>

#include "core/snapshot/snapshot.h"
#include "redfish/events/filter.h"

/* An event as Redfish's Event message. It is made of the event's log entry, so the two
 * can't disagree. */

struct rf_event {
	uint32_t number;
	struct rf_facts facts; /* in `record` */
	json_t *record;        /* the EventRecord, owned */
};

/** The record of an event row; false: out of memory. `e` is freed by
 * rf_event_drop(). */
bool rf_event_make(struct rf_event *e, const struct bmc_snapshot *s,
		   const struct bmc_row *event);
void rf_event_drop(struct rf_event *e);
/** The Event message for a subscriber with this Context ("": none); owned text, NULL:
 * out of memory. */
char *rf_event_text(const struct rf_event *e, const char *context);
/** A HeartbeatEvent message. */
char *rf_heartbeat_text(uint64_t number, const char *context);
