// SPDX-License-Identifier: Apache-2.0
// Limits of the subscriptions, see room.h. Called by subscriptions.c.
#include "subscriptions/room.h"

#include "core/snapshot/snapshot.h"
#include "subscriptions/table.h"

#define SNMP_MAX 16u

void sub_count_add(struct sub_count *n, const struct bmc_subscription *row)
{
	n->all++;
	n->snmp += row->configured != 1 && (row->protocol == BMC_EVENTS_SNMP_V2C ||
					    row->protocol == BMC_EVENTS_SNMP_V3);
}

struct sub_count sub_count(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_SUBSCRIPTION, &rows);
	struct sub_count ret = { 0 };

	for (size_t i = 0; i < n; i++)
		sub_count_add(&ret, (const struct bmc_subscription *)rows[i]);
	return ret;
}

int sub_check_room(const struct sub_count *n, const struct bmc_subscription *row,
		   struct bmc_error *err)
{
	struct sub_count with = *n;

	sub_count_add(&with, row);
	if (with.all > sub_max())
		return bmc_fail(err, BMC_ENOSPC, "there are %u subscriptions already",
				sub_max());
	if (with.snmp > n->snmp && with.snmp > SNMP_MAX)
		return bmc_fail(err, BMC_ENOSPC,
				"there are %u receivers of SNMP notifications already",
				SNMP_MAX);
	return BMC_OK;
}
