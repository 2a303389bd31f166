// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/cursor.h"

/* Conditions as ALARM-MIB (RFC 3877) shows them: those that last, and the last that
 * ended. An alarm keeps the time and the resource that it began with, for both are or
 * name its row. SNMP's thread only. */

#define SN_ALARMS_CLEARED 64 /* that are shown */

/* alarmModelState; the first must mean that there is no alarm. */
enum sn_alarm_state { SN_ALARM_CLEAR = 1, SN_ALARM_WARNING, SN_ALARM_CRITICAL };

struct sn_alarm {
	struct bmc_row row;     /* kind: the tables'; index[0]: its number */
	unsigned char date[11]; /* DateAndTime of its begin, or of its end */
	int64_t severity;       /* enum bmc_severity */
	char reason[32], message[160];
	struct sn_oid resource; /* the first object of the row that it is about */
};

struct sn_alarm_totals {
	uint32_t begun;          /* since the start     */
	int64_t raised, cleared; /* BMC_TIME of the last; 0: none since the start */
};

static inline const struct sn_alarm *sn_alarm(const struct bmc_row *row)
{
	return (const struct sn_alarm *)row;
}

/** Follows the snapshot that has been pinned. After each pin. */
void sn_alarms_follow(void);
void sn_alarms_done(void);

/** Alarms in the order of their times and numbers; for tables' `rows`. */
size_t sn_alarms_active(const struct sn_ordered **ret);
size_t sn_alarms_cleared(const struct sn_ordered **ret);
const struct sn_alarm_totals *sn_alarm_totals(void);
