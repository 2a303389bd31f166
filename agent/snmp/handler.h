// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmp/value.h"

/* The parts of the one handler for all tables. SNMP's thread only. */

/** Answers GET, GETNEXT and GETBULK. Returns SNMP_ERR_NOERROR; what is wrong with one
 *  request is said in that request. */
int sn_read(const struct sn_table *t, netsnmp_agent_request_info *info,
	    netsnmp_request_info *requests);

/** The row and cell that a varbind names, borrowed from the pinned snapshot. NULL: no
 * such row; `*ret_cell` NULL: no such column. */
const struct bmc_row *sn_find(const struct sn_table *t, const netsnmp_variable_list *vb,
			      const struct sn_cell **ret_cell);

/** The table that a registration is of, or NULL: it is not ours. */
const struct sn_table *sn_handler_table(const netsnmp_handler_registration *r);
