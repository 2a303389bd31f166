// SPDX-License-Identifier: Apache-2.0
/* What rows add up to: each gives its health, its boards and its power to what holds
 * it, from the sensors up to the chassis. Called by the publication. */
#include <string.h>

#include "core/base/util.h"
#include "core/inventory/entries.h"

#define LEVEL_MAX 5u /* of a kind; test-fields checks it */

/* Calls `visit` for each row that rolls up, the held before their holders. */
static void each_upwards(void (*visit)(struct bmc_entry *e))
{
	for (uint32_t level = LEVEL_MAX + 1; level-- > 0;) {
		for (size_t k = 0; k < BMC_N_KINDS; k++) {
			const struct bmc_kind_desc *d = bmc_kind((enum bmc_kind)k);
			const struct bmc_set *set = &bmc_inv.sets[k];

			if (!(d->flags & BMC_KIND_ROLLS_UP) || d->level != level)
				continue;
			for (size_t i = 0; i < set->n; i++)
				visit(set->by_index[i]);
		}
	}
}

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

static void add(struct bmc_group *g, const struct bmc_row *row, int64_t present)
{
	g->n++;
	g->good += row->health == BMC_OK_HEALTH;
	g->known += row->health != BMC_HEALTH_UNKNOWN || present == 0;
}

static void add_group(struct bmc_group *g, const struct bmc_group *more)
{
	g->n += more->n;
	g->good += more->good;
	g->known += more->known;
}

static void give_fan(const struct bmc_row *row, struct bmc_sum *up)
{
	const struct bmc_fan *f = (const struct bmc_fan *)row;
	bool valid = f->module > 0 && f->module < BMC_MODULES_MAX;

	add(&up->fans[valid ? f->module : 0], row, f->present);
}

static void give_nic(const struct bmc_row *row, struct bmc_sum *up)
{
	const struct bmc_nic *nic = (const struct bmc_nic *)row;

	if (nic->unit < 1 || nic->unit > BMC_NET_UNITS_MAX)
		return;
	uint32_t unit = 1u << nic->unit;
	up->net_units |= unit;
	up->net_up |= nic->link == BMC_LINK_UP ? unit : 0;
	up->net_unsure |= nic->link == BMC_LINK_UNKNOWN ? unit : 0;
}

static void give_groups(const struct bmc_sum *sum, struct bmc_sum *up)
{
	add_group(&up->psus, &sum->psus);
	for (size_t i = 0; i < BMC_MODULES_MAX; i++)
		add_group(&up->fans[i], &sum->fans[i]);
	up->net_units |= sum->net_units;
	up->net_up |= sum->net_up;
	up->net_unsure |= sum->net_unsure;
}

static void give_psu(const struct bmc_row *row, struct bmc_sum *up)
{
	const struct bmc_psu *p = (const struct bmc_psu *)row;

	add(&up->psus, row, p->present);
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
	if (e->row->kind == BMC_FAN)
		give_fan(e->row, up);
	if (e->row->kind == BMC_NIC)
		give_nic(e->row, up);
	give_groups(&e->sum, up);
	if (e->row->status != BMC_ABSENT)
		up->health = MAX(up->health, e->row->health);
	up->allowed |= e->sum.allowed;
	up->slots += e->sum.slots;
	up->present += e->sum.present;
	up->on += e->sum.on;
}

static void clear_sum(struct bmc_entry *e)
{
	memset(&e->next_sum, 0, sizeof(e->next_sum));
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
	each_upwards(clear_sum);
	each_upwards(rollup_row);
	/* Its own merges say that a roll-up is pending: it is not. */
	bmc_inv.rollup_pending = false;
}
