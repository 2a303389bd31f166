// SPDX-License-Identifier: Apache-2.0
/* Registers the one handler for every table with net-snmp, for reading: a SET does not
 * come this way (set.h). Called by the engine at start. */
#include "snmp/handler.h"

/* The table is the handler's: net-snmp loses what belongs to a registration where
 * another one splits it. */
static int handle(netsnmp_mib_handler *handler,
		  netsnmp_handler_registration *registration,
		  netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	const struct sn_table *const *t = handler->myvoid;

	(void)registration;
	return sn_read(*t, info, requests);
}

const struct sn_table *sn_handler_table(const netsnmp_handler_registration *r)
{
	const netsnmp_mib_handler *h = r->handler; /* the library puts its own ahead */

	while (h && h->access_method != handle)
		h = h->next;
	return h ? *(const struct sn_table *const *)h->myvoid : NULL;
}

/* net-snmp wants a pointer to something that can be written. */
static const struct sn_table **slot_of(const struct sn_table *t)
{
	static const struct sn_table *slots[128]; /* as many as tables.c takes */
	size_t i = 0;

	while (sn_tables[i] != t)
		i++;
	slots[i] = t;
	return &slots[i];
}

static int add(const struct sn_table *t, struct bmc_error *err)
{
	const struct sn_oid *prefix = sn_table_prefix(t);

	netsnmp_handler_registration *r = netsnmp_create_handler_registration(
		t->name, handle, prefix->id, prefix->len,
		HANDLER_CAN_RONLY | HANDLER_CAN_GETBULK);
	if (!r)
		return bmc_fail(err, BMC_ENOMEM, "%s: out of memory", t->name);
	r->handler->myvoid = slot_of(t);
	if (netsnmp_register_handler(r) != MIB_REGISTERED_OK)
		return bmc_fail(err, BMC_EEXIST, "%s: net-snmp does not take the table",
				t->name);
	return 0;
}

int sn_tables_register(struct bmc_error *err)
{
	int r = 0;

	for (size_t i = 0; sn_tables[i] && r == 0; i++)
		r = add(sn_tables[i], err);
	return r;
}
