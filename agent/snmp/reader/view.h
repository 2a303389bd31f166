// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/reader/reader.h"
#include "snmp/reader/spans.h"

/* What VACM lets a requester see of each table. SNMP's thread only. */

enum sn_seen { SN_SEEN_UNKNOWN, SN_SEEN_WHOLE, SN_SEEN_PART, SN_SEEN_NONE };

/** How much of the table of a span. */
enum sn_seen sn_view_of(struct sn_view *v, const struct sn_span *s);

/** Whether one object. `*ret_refused` is increased when VACM's counter
 *  (snmpInBadCommunityUses) would be. */
bool sn_view_shows(const struct sn_view *v, struct sn_oid *name, unsigned *ret_refused);
