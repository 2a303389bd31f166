// SPDX-License-Identifier: Apache-2.0
// What a reset to defaults does to subscriptions: those that users made go. Main
// thread.
#include "subscriptions/reset.h"

#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/model/service.h"
#include "core/snapshot/snapshot.h"
#include "subscriptions/positions.h"
#include "subscriptions/table.h"

static size_t reset_records(struct bmc_record *ret)
{
	if (ret)
		*ret = (struct bmc_record){ .type = BMC_REC_ROWS_GONE,
					    .kind = BMC_SUBSCRIPTION };
	return 1;
}

/* Not those of the configuration, nor streams, which are connections. */
static bool is_reset(const struct bmc_subscription *row)
{
	return row->configured != 1 && row->type != BMC_SUBSCRIBER_STREAM;
}

static void end_reset(int code)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_SUBSCRIPTION, &rows);

	for (size_t i = 0; code == BMC_OK && i < n; i++) {
		const struct bmc_subscription *row =
			(const struct bmc_subscription *)rows[i];
		if (!is_reset(row))
			continue;
		bmc_event_raise("SubscriptionRemoved", 0, row->row.id, row->destination,
				"settings were reset");
		bmc_inventory_remove(row->row.handle);
		sub_drop(row->row.id);
		sub_positions_drop(row->row.id);
	}
}

const struct bmc_reset_part sub_reset_part = { reset_records, end_reset };
