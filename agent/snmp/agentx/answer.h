// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/agentx/pdu.h"
#include "snmp/table.h"
#include "snmp/value.h"

/* What a sub-agent answers from the pinned snapshot. The master enforces views: AgentX
 * does not say who asks. SNMP's thread. */

/** The tables that a master is given, in the order of their names: ours, and of
 * standard MIBs those that the system's agent does not have itself. Borrowed; ends with
 * NULL. After sn_tables_resolve. */
const struct sn_table *const *ax_tables(void);

/** Writes a Response's varbinds for a Get, GetNext or GetBulk PDU, whose payload
 *  (without a context) is `in`. 0, or an error of a Response. */
int ax_answer(unsigned type, struct ax_in *in, struct ax_out *out);

/** Writes one value with its name. */
void ax_put_varbind(struct ax_out *o, const unsigned long *name, size_t len,
		    const struct sn_value *v);
