// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <stdbool.h>

/* Reports that net-snmp doesn't send by itself. SNMP's thread. */

/** Whether a v3 request is for an engine or a context that isn't here; it has been
 *  answered with its report then (RFC 3412, 4.2.2.1.2; RFC 3413, 3.2 step 5). */
bool sn_report_context(netsnmp_session *session, netsnmp_pdu *pdu);
