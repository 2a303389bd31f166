// SPDX-License-Identifier: Apache-2.0
/* Conditions: bad states that last, as rows below the row that they are about. Derived
 * by the rules that events are derived by, in the same publication, so a condition and
 * the event that began it are in one snapshot. Nothing of them is stored: after a
 * restart they are derived again. Called by event.c. */
#include <inttypes.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/events/build.h"
#include "core/inventory/inventory.h"

static struct {
	uint32_t last; /* number given: an index is not used again */
	int64_t time;  /* of the step */
} conditions;

static const struct bmc_condition *find(const char *id)
{
	return (const struct bmc_condition *)bmc_inventory_row(
		bmc_inventory_find(BMC_CONDITION, id));
}

/* A state that goes on and is as bad as before keeps its row as it is. */
static void begin(struct bmc_condition *c, const struct bmc_row *row)
{
	const struct bmc_condition *is = find(c->row.id);

	if (is && is->severity == c->severity && strcmp(is->reason, c->reason) == 0)
		return;
	c->since = is ? is->since : conditions.time;
	c->row.index[0] = is ? is->row.index[0] : ++conditions.last;
	c->row.kind = BMC_CONDITION;
	c->row.parent = row->handle;
	c->row.status = BMC_ENABLED;
	c->row.health = (uint16_t)c->severity; /* the two have the same order */
	if (bmc_inventory_upsert(&c->row) == 0)
		log_limited(LOG_WARNING, "condition %s of %s: lost, out of memory",
			    c->reason, row->id);
}

static void follow_row(void *arg, const struct bmc_row *old, const struct bmc_row *row)
{
	struct bmc_condition c;
	char id[BMC_ID_MAX];

	(void)arg;
	for (size_t i = 0; i < bmc_rules_count(); i++) {
		int is = bmc_rule_condition(i, old, row, &c);

		if (is < 0)
			continue;
		(void)snprintf(id, sizeof(id), "%08" PRIx32 "-%zu", row->handle, i);
		if (is) {
			memcpy(c.row.id, id, sizeof(id));
			begin(&c, row);
		} else {
			bmc_inventory_remove(bmc_inventory_find(BMC_CONDITION, id));
		}
	}
}

/* A row that is gone takes its conditions with it. */
static void drop_orphans(const struct bmc_snapshot *s)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_CONDITION, &rows);

	for (size_t i = 0; i < n; i++) {
		if (!bmc_snapshot_row(s, rows[i]->parent))
			bmc_inventory_remove(rows[i]->handle);
	}
}

void bmc_conditions_step(const struct bmc_snapshot *old, const struct bmc_snapshot *new)
{
	bool membership = false;

	conditions.time = bmc_snapshot_time(new);
	for (size_t k = 0; k < BMC_N_KINDS; k++) {
		enum bmc_kind kind = (enum bmc_kind)k;

		bmc_events_each_change(old, new, kind, follow_row, NULL);
		membership |= bmc_snapshot_membership(old, kind) !=
			      bmc_snapshot_membership(new, kind);
	}
	if (membership)
		drop_orphans(new);
}

void bmc_conditions_done(void)
{
	conditions.last = 0;
}
