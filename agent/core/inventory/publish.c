// SPDX-License-Identifier: Apache-2.0
/* When the next snapshot is made and how: at the end of the pass for what matters, with
 * the readings at most every 100 ms else; events that follow from it go into it too. */
#include <stdlib.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/inventory/entries.h"
#include "core/snapshot/build.h"

#define READINGS_MS 100 /* least time between two snapshots for readings alone */
#define LOOK_MS     50  /* rows that are due together are looked at together   */

/* ---- tables ---- */

static int by_parent(const void *a, const void *b, void *arg)
{
	struct bmc_entry *const *entries = arg;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	uint32_t p = entries[i]->row->parent, q = entries[j]->row->parent;

	if (p != q)
		return p > q ? 1 : -1;
	return (i > j) - (i < j);
}

static void order_by_parent(struct bmc_key_index *s, const struct bmc_set *set)
{
	s->by_parent_is_order = true;
	for (size_t i = 0; i < set->n; i++) {
		s->by_parent[i] = (uint32_t)i;
		if (i > 0 &&
		    set->by_index[i]->row->parent < set->by_index[i - 1]->row->parent)
			s->by_parent_is_order = false;
	}
	if (!s->by_parent_is_order)
		qsort_r(s->by_parent, set->n, sizeof(s->by_parent[0]), by_parent,
			set->by_index);
}

static struct bmc_key_index *key_index_of(const struct bmc_set *set)
{
	struct bmc_key_index *s = bmc_key_index_new(set->n);

	if (!s)
		return NULL;
	for (size_t i = 0; i < set->n; i++)
		set->by_index[i]->pos = (uint32_t)i;
	for (size_t i = 0; i < set->n; i++) {
		s->by_id[i] = set->by_id[i]->pos;
		s->by_handle[i] = set->by_handle[i]->pos;
	}
	order_by_parent(s, set);
	return s;
}

static struct bmc_table *table_of(const struct bmc_set *set,
				  const struct bmc_table *old, uint64_t generation)
{
	bool rekey = !old || (set->change & BMC_SET_MEMBERSHIP);
	bool changed = rekey || (set->change & BMC_SET_VALUES);
	struct bmc_key_index *key_index =
		rekey ? key_index_of(set) : bmc_key_index_ref(old->key_index);
	struct bmc_table *t = key_index ? bmc_table_new(key_index) : NULL;

	if (!t)
		return NULL;
	t->changed = changed ? generation : old->changed;
	t->membership_changed = rekey ? generation : old->membership_changed;
	for (size_t i = 0; i < set->n; i++)
		t->rows[i] = bmc_row_ref(set->by_index[i]->row);
	bmc_table_link(t);
	return t;
}

static bool put_table(struct bmc_snapshot *s, enum bmc_kind kind)
{
	struct bmc_table *t =
		table_of(&bmc_inv.sets[kind], s->tables[kind], s->generation);

	if (t)
		bmc_snapshot_replace(s, kind, t);
	return t != NULL;
}

/* Rows that could not be made for want of memory are not shown half. */
static void drop_rowless(void)
{
	for (size_t k = 0; k < BMC_N_KINDS; k++) {
		const struct bmc_set *set = &bmc_inv.sets[k];
		for (size_t i = set->change & BMC_SET_MEMBERSHIP ? set->n : 0;
		     i-- > 0;) {
			if (!set->by_index[i]->row)
				bmc_entry_remove(set->by_index[i]);
		}
	}
}

static uint32_t changes(void)
{
	uint32_t change = 0;

	for (size_t k = 0; k < BMC_N_KINDS; k++)
		change |= bmc_inv.sets[k].change;
	return change;
}

/* The set's changes are in the snapshot, or it fails as a whole and is tried again. */
static struct bmc_snapshot *build(const struct bmc_snapshot *old)
{
	struct bmc_snapshot *s = bmc_snapshot_after(old);

	for (size_t k = 0; s && k < BMC_N_KINDS; k++) {
		if (bmc_inv.sets[k].change && !put_table(s, (enum bmc_kind)k))
			return bmc_snapshot_unref(s);
	}
	return s;
}

/* What follows from the step from `old` to `s` is part of `s`. */
static bool follow(const struct bmc_snapshot *old, struct bmc_snapshot *s)
{
	bool ok = true;

	bmc_inv.step(old, s);
	bmc_merge_dirty();
	drop_rowless();
	for (size_t k = 0; k < BMC_N_KINDS; k++) {
		if (bmc_inv.sets[k].change && !put_table(s, (enum bmc_kind)k))
			ok = false; /* it is in the next one */
		else
			bmc_inv.sets[k].change = 0;
	}
	return ok;
}

static void publish(void)
{
	auto_snapshot struct bmc_snapshot *old = bmc_snapshot_get();
	struct bmc_snapshot *s = build(old);

	if (!s) {
		log_limited(LOG_ERR, "snapshot: not made, out of memory; trying again");
		bmc_publish_readings();
		return;
	}
	for (size_t k = 0; k < BMC_N_KINDS; k++)
		bmc_inv.sets[k].change = 0;
	if (old && bmc_inv.step && !follow(old, s))
		log_limited(LOG_ERR, "snapshot: without its events, out of memory");
	bmc_inv.generation = s->generation;
	bmc_inv.published_at = s->time;
	bmc_snapshot_publish(s);
}

void bmc_inventory_publish(void)
{
	if (!bmc_inv.platform || bmc_inv.held)
		return;
	bmc_inv.readings_timer = bmc_timer_cancel(bmc_inv.readings_timer);
	(void)bmc_ingest_drain(UINT32_MAX);
	bmc_merge_dirty();
	if (bmc_inv.rollup_pending)
		bmc_rollup();
	bmc_merge_dirty();
	drop_rowless();
	bmc_inv.urgent = false;
	if (changes())
		publish();
}

void bmc_inventory_hold(bool hold)
{
	bmc_inventory_publish();
	bmc_inv.held = hold;
	bmc_inventory_publish();
}

/* ---- when ---- */

static struct bmc_message urgent;

static void urgent_now(void *arg)
{
	(void)arg;
	if (bmc_inv.urgent)
		bmc_inventory_publish();
}

void bmc_inventory_urgent(void)
{
	if (bmc_inv.urgent)
		return;
	bmc_inv.urgent = true;
	bmc_loop_send(&urgent, urgent_now, NULL);
}

static void readings_due(void *arg)
{
	(void)arg;
	bmc_inv.readings_timer = NULL;
	bmc_inventory_publish();
}

void bmc_publish_readings(void)
{
	int64_t when = MAX(bmc_inv.published_at + READINGS_MS, bmc_now());

	if (!bmc_inv.readings_timer && !bmc_inv.urgent)
		bmc_inv.readings_timer = bmc_timer_new(when, readings_due, NULL);
}

/* ---- rows that change by themselves ---- */

static void reevaluate(void *arg)
{
	int64_t now = bmc_now(), next = INT64_MAX;

	(void)arg;
	bmc_inv.eval_timer = NULL;
	for (size_t k = 0; k < BMC_N_KINDS; k++) {
		const struct bmc_set *set = &bmc_inv.sets[k];
		size_t n = bmc_is_hardware((enum bmc_kind)k) ? set->n : 0;
		for (size_t i = 0; i < n; i++) {
			if (set->by_index[i]->next_eval <= now)
				bmc_entry_touch(set->by_index[i]);
			else
				next = MIN(next, set->by_index[i]->next_eval);
		}
	}
	if (next != INT64_MAX)
		bmc_eval_schedule(next);
	bmc_merge_dirty();
}

void bmc_eval_schedule(int64_t when)
{
	when = MAX(when, bmc_now() + LOOK_MS);
	if (bmc_inv.eval_timer && bmc_inv.eval_at <= when)
		return;
	bmc_inv.eval_timer = bmc_timer_cancel(bmc_inv.eval_timer);
	bmc_inv.eval_timer = bmc_timer_new(when, reevaluate, NULL);
	bmc_inv.eval_at = when;
}
