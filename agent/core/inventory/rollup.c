// SPDX-License-Identifier: Apache-2.0
/* What rows add up to: each gives its health, its boards and its power to what holds
 * it, from the sensors up to the chassis. Called by the publication. */
#include <string.h>

#include "core/base/util.h"
#include "core/inventory/entries.h"

/* A row's holder comes later in this order. */
static const enum bmc_kind order[] = { BMC_SENSOR, BMC_NIC,   BMC_DISK,  BMC_FAN,
				       BMC_PSU,    BMC_BOARD, BMC_BLADE, BMC_CHASSIS };

static void give_board(const struct bmc_row *row, struct bmc_sum *up)
{
	const struct bmc_board *b = (const struct bmc_board *)row;

	up->allowed |= (uint64_t)b->allowed;
	if (b->is_main == 1)
		return;
	up->slots++;
	up->present += b->present == 1 && row->status != BMC_ABSENT;
	up->on += b->power_state == BMC_POWER_ON || b->power_state == BMC_POWERING_ON;
}

static void give_psu(const struct bmc_row *row, struct bmc_sum *up)
{
	const struct bmc_psu *p = (const struct bmc_psu *)row;

	up->psus++;
	up->psus_good += row->health == BMC_OK_HEALTH;
	up->psus_known += row->health != BMC_HEALTH_UNKNOWN || p->present == 0;
	if (p->input_power != BMC_UNKNOWN)
		up->psu_power += p->input_power;
	/* An empty bay draws nothing. */
	up->psus_measured += p->input_power != BMC_UNKNOWN || p->present == 0;
}

static void give(const struct bmc_entry *e, struct bmc_sum *up)
{
	if (e->row->kind == BMC_BOARD)
		give_board(e->row, up);
	if (e->row->kind == BMC_PSU)
		give_psu(e->row, up);
	if (e->row->status != BMC_ABSENT)
		up->health = MAX(up->health, e->row->health);
	up->allowed |= e->sum.allowed;
	up->slots += e->sum.slots;
	up->present += e->sum.present;
	up->on += e->sum.on;
}

static void clear_sums(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		const struct bmc_set *set = &bmc_inv.sets[order[i]];
		for (size_t j = 0; j < set->n; j++)
			memset(&set->by_index[j]->next_sum, 0, sizeof(struct bmc_sum));
	}
}

static void rollup_row(struct bmc_entry *e)
{
	if (memcmp(&e->sum, &e->next_sum, sizeof(e->sum)) != 0) {
		e->sum = e->next_sum;
		bmc_merge(e);
	}
	if (e->up && e->row)
		give(e, &e->up->next_sum);
}

void bmc_rollup(void)
{
	clear_sums();
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		const struct bmc_set *set = &bmc_inv.sets[order[i]];
		for (size_t j = 0; j < set->n; j++)
			rollup_row(set->by_index[j]);
	}
	/* Its own merges say that there is something to settle: there is not. */
	bmc_inv.rollup_pending = false;
}
