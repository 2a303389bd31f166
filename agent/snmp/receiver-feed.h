// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "bmc/model.h"

/* What one receiver gets next: it has no queue but a place in the list of events, like
 * a subscriber of Redfish's. Events that are not in the snapshot any more come from the
 * database. The place of one that confirms is stored before it gets the next event, so
 * a crash repeats at most the one that was under way. SNMP's thread. */

#define SN_FEED_PAGE 32u /* events that are read from the database at once */

struct sn_mail;

struct sn_feed {
	char id[BMC_ID_MAX]; /* its position is kept under */
	bool confirms;       /* its position outlives the process */
	uint32_t position;   /* event that it has, or has passed by */
	uint64_t missed;     /* events that were removed before it got them */
	struct sn_mail *mail;
};

/** Continues where the receiver with this id is, or, when nothing is known of it or it
 * does not confirm, begins with the next event. False: out of memory. */
bool sn_feed_init(struct sn_feed *f, const char *id, bool confirms);
/** The event after its position; borrowed until the next call. NULL: there is none, or
 * it has to be read, or the position is being stored; SNMP's thread is woken then. */
const struct bmc_event *sn_feed_next(struct sn_feed *f);
/** It has this event. */
void sn_feed_taken(struct sn_feed *f, uint32_t event);
/** Passes by all events that there are. */
void sn_feed_skip(struct sn_feed *f);
/** Its receiver is gone: also its stored position if it is one of the configuration. */
void sn_feed_forget(const struct sn_feed *f);
void sn_feed_done(struct sn_feed *f);
