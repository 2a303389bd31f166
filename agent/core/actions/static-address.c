// SPDX-License-Identifier: Apache-2.0
/* A static IPv4 address for a board's interface: what is checked before anything is
 * done. */
#include <string.h>

#include "core/actions/transaction.h"
#include "core/base/ipv4.h"
#include "core/base/util.h"
#include "core/snapshot/snapshot.h"

/* Another interface that has it, or was given it. */
static const struct bmc_row *holder(const struct bmc_snapshot *s,
				    const struct bmc_row *row, const char *address)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_NIC, &rows);
	struct bmc_ipv4_static other;

	for (size_t i = 0; i < n; i++) {
		const struct bmc_nic *nic = (const struct bmc_nic *)rows[i];

		if (strcmp(rows[i]->id, row->id) == 0)
			continue;
		if (strcmp(nic->ipv4, address) == 0)
			return rows[i];
		if (nic->ipv4_static[0] &&
		    !bmc_ipv4_static_parse(nic->ipv4_static, &other) &&
		    strcmp(other.address, address) == 0)
			return rows[i];
	}
	return NULL;
}

int bmc_static_address_check(const struct bmc_row *row, const struct bmc_action *act,
			     struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	struct bmc_ipv4_static want;
	const struct bmc_row *other;
	const char *why;

	if (!act->text[0])
		return BMC_OK; /* none: its address is given again by others */
	why = bmc_ipv4_static_parse(act->text, &want);
	if (why)
		return bmc_fail(err, BMC_EINVAL, "%s of %s: %s", act->field->name,
				row->id, why);
	other = holder(s, row, want.address);
	if (other)
		return bmc_fail(err, BMC_ECONFLICT, "%s of %s: %s has %s already",
				act->field->name, row->id, other->id, want.address);
	return BMC_OK;
}
