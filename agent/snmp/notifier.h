// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "bmc/model.h"

/* Notifications: each event row becomes one, and coldStart is sent beside them. Which
 * event type is which notification is one table; what is not in it goes out as
 * cbmcEvent, so that no event is lost. A notification has values of the event's row
 * alone: it says what was so then, also when it is sent a day later, and the same as
 * Redfish's event, which is another view of that row. SNMP's thread. */

#define SN_NOTIFICATION_COMMON 5
#define SN_NOTIFICATION_FIELDS 4

struct sn_notification {
	const char *event; /* NULL: what has no line of its own */
	uint32_t number;   /* below cbmcNotifications; 0: below snmpTraps */
	uint32_t standard; /* RFC 3418's, below snmpTraps       */
	const char *name;
	const char *fields[SN_NOTIFICATION_FIELDS]; /* of the event, after the common
						       ones; NULL: no more */
};

/** Ends with the line for all other events, whose `event` is NULL. */
extern const struct sn_notification sn_notifications[];
/** Fields of the event that all have, in this order. */
extern const char *const sn_notification_common[SN_NOTIFICATION_COMMON];

/** The notification that an event is sent as: that of its type, or the one for all
 * others if one of the fields of that is not known. */
const struct sn_notification *sn_notification_of(const struct bmc_event *e);

struct sn_oid;
struct sn_value;
void sn_notification_oid(const struct sn_notification *n, struct sn_oid *ret);

/** An object of an event's notification: its name and its value, which borrows from the
 * event and from `ret_value`. A text that the event does not have is empty. Either may
 * be NULL. */
void sn_notification_object(const struct bmc_event *e, const char *field,
			    struct sn_oid *ret_name, struct sn_value *ret_value);
/** sysUpTime (hundredths of a second) so long ago; 0 before the start. */
long sn_notifier_up_time(int64_t ago_ms);
/** Drops what NOTIFICATION-LOG-MIB's tables have made of events. */
void sn_notification_log_done(void);

/** Whether this event is sent at all. */
bool sn_notifier_wants(const struct bmc_event *e);
/** Its notification as a PDU, owned; NULL: out of memory. */
netsnmp_pdu *sn_notifier_event(const struct bmc_event *e);
/** The notification of a standard MIB that it is, too; NULL: none, or out of memory. */
netsnmp_pdu *sn_notifier_standard(const struct bmc_event *e);
netsnmp_pdu *sn_notifier_cold_start(void);

/** Has coldStart sent, if `send`. Events from before the first start are not sent. */
void sn_notifier_start(bool send);
/** Sends what is new in the pinned snapshot; without `send` it only counts as sent.
 * Cheap when there is nothing. */
void sn_notifier_tick(bool send);
void sn_notifier_done(void);
