// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/conf.h"
#include "bmc/error.h"
#include "bmc/model.h"

/* Notifications: each new event row becomes one, and the standard ones (coldStart,
 * authenticationFailure) are sent beside them. Which event type is which notification,
 * with which objects of the row it happened to, is one table; what is not in it goes
 * out as cbmcEvent, so that no event is lost. SNMP's thread, but for done. */

#define SN_NOTIFICATION_FIELDS 3

struct sn_notification {
	const char *event; /* NULL: what has no line of its own */
	uint32_t number;   /* below cbmcNotifications           */
	const char *name;
	enum bmc_kind kind; /* of the origin                    */
	const char *fields[SN_NOTIFICATION_FIELDS];
};

/** Ends with the line for all other events, whose `event` is NULL. */
extern const struct sn_notification sn_notifications[];

/** Sends coldStart. Events from before are not sent. */
void sn_notifier_start(void);
/** Sends what is new in the pinned snapshot; without `send` it only counts as sent. */
void sn_notifier_look(bool send);
/** Timers: receivers that have to be found, authentication failures. Cheap. */
void sn_notifier_tick(void);
void sn_notifier_done(void);
