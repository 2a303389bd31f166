// SPDX-License-Identifier: Apache-2.0
/* The inventory's front: begin and end, sources, the core's own rows, settings. The
 * merge is in merge.c, the queue from the sources in ingest.c, the snapshots in
 * publish.c. */
#include "core/inventory/inventory.h"

#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/inventory/entries.h"
#include "core/model/field.h"
#include "core/snapshot/build.h"

#define CORE_ROWS_MAX 65536 /* a kind */

_Static_assert(CORE_ROWS_MAX + 2 * BMC_RUN_TIME_ROWS < BMC_HANDLE_N(UINT32_MAX),
	       "a handle numbers the rows of a kind");
_Static_assert(BMC_N_KINDS <= UINT8_MAX, "a handle has 8 bits for the kind");

struct bmc_inventory bmc_inv;

static int load_all(void)
{
	int err = bmc_indexes_load();

	if (err == 0)
		err = bmc_settings_load();
	return err == 0 ? bmc_slots_make() : err;
}

int bmc_inventory_init(const struct bmc_platform *p, struct bmc_error *err)
{
	memset(&bmc_inv, 0, sizeof(bmc_inv));
	bmc_inv.platform = p;
	(void)bmc_copy(bmc_inv.sources[BMC_SOURCE_SETTINGS].name, BMC_ID_MAX,
		       "settings");
	(void)bmc_copy(bmc_inv.sources[BMC_SOURCE_PLATFORM].name, BMC_ID_MAX,
		       "platform");
	bmc_inv.sources[BMC_SOURCE_SETTINGS].live = true;
	bmc_inv.sources[BMC_SOURCE_PLATFORM].live = true;
	for (size_t k = 0; k < BMC_N_KINDS; k++)
		bmc_inv.sets[k].change = BMC_SET_MEMBERSHIP;
	bmc_ingest_init();
	int code = load_all();
	if (code == 0)
		bmc_inventory_publish();
	if (code == 0 && bmc_inv.generation == 0)
		code = BMC_ENOMEM;
	if (code == 0)
		return 0;
	bmc_inventory_done();
	return bmc_fail(err, code, "inventory: %s", bmc_strerror(code));
}

void bmc_inventory_done(void)
{
	bmc_ingest_done();
	bmc_inv.readings_timer = bmc_timer_cancel(bmc_inv.readings_timer);
	bmc_inv.eval_timer = bmc_timer_cancel(bmc_inv.eval_timer);
	bmc_snapshot_retire();
	for (size_t k = 0; k < BMC_N_KINDS; k++)
		bmc_set_done(&bmc_inv.sets[k]);
	bmc_settings_done();
	bmc_indexes_done();
	memset(&bmc_inv, 0, sizeof(bmc_inv));
}

/* ---- sources ---- */

struct bmc_source *bmc_source_new(const char *name, int64_t stale_ms, unsigned order)
{
	static size_t last;

	for (size_t i = 0; i < BMC_SOURCES_MAX; i++) {
		/* Round about, so that a place is not used again at once. */
		struct bmc_source *s = &bmc_inv.sources[++last % BMC_SOURCES_MAX];
		if (s->live || s == &bmc_inv.sources[BMC_SOURCE_SETTINGS] ||
		    s == &bmc_inv.sources[BMC_SOURCE_PLATFORM])
			continue;
		(void)bmc_copy(s->name, sizeof(s->name), name);
		s->stale_ms = stale_ms;
		s->order = order;
		bmc_source_enable(s, true);
		return s;
	}
	return NULL;
}

static void drop_source(struct bmc_set *set, unsigned source)
{
	for (size_t i = set->n; i-- > 0;) {
		struct bmc_entry *e = set->by_index[i];
		bool said = bmc_observation_any(e);
		bmc_observation_drop(e, source, NULL);
		if (said && !e->slot && !e->core && !bmc_observation_any(e))
			bmc_entry_remove(e);
	}
}

struct bmc_source *bmc_source_free(struct bmc_source *s)
{
	if (!s || !s->live)
		return NULL;
	bmc_source_enable(s, false);
	for (size_t k = 0; k < BMC_N_KINDS; k++)
		drop_source(&bmc_inv.sets[k], (unsigned)(s - bmc_inv.sources));
	bmc_inventory_urgent();
	return NULL;
}

void bmc_source_mute(struct bmc_source *s, bool mute)
{
	bmc_ingest_mute(s, mute);
	for (size_t k = 0; mute && k < BMC_N_KINDS; k++) {
		const struct bmc_set *set = &bmc_inv.sets[k];
		for (size_t i = 0; i < set->n; i++)
			bmc_observation_expire(set->by_index[i],
					       (unsigned)(s - bmc_inv.sources));
	}
	bmc_merge_dirty();
	bmc_inventory_urgent();
}

/* ---- the core's own rows ---- */

static struct bmc_entry *make_core_row(const struct bmc_row *row)
{
	struct bmc_entry *e;

	if (bmc_inv.sets[row->kind].n >= CORE_ROWS_MAX)
		return NULL;
	e = bmc_entry_new(row->kind, row->id, row->index, NULL);
	if (!e)
		return NULL;
	e->core = true;
	return e;
}

uint32_t bmc_inventory_upsert(const struct bmc_row *row)
{
	struct bmc_entry *e;
	bool new;

	if (!bmc_inv.platform || row->kind >= BMC_N_KINDS || !row->id[0])
		return 0;
	e = bmc_entry_find(row->kind, row->id);
	new = !e;
	if (new && !(e = make_core_row(row)))
		return 0;
	if (!e->core)
		return 0;
	bmc_entry_move(e, row->index);
	bmc_merge_base(e, row);
	if (new && e->row) {
		bmc_settings_apply(e);
		bmc_merge_dirty();
	}
	return e->row ? e->handle : 0;
}

void bmc_inventory_remove(uint32_t handle)
{
	struct bmc_entry *e = bmc_entry_of(handle);

	if (!e)
		return;
	bmc_entry_remove(e);
	bmc_inventory_urgent();
}

uint32_t bmc_inventory_find(enum bmc_kind kind, const char *id)
{
	const struct bmc_entry *e =
		kind < BMC_N_KINDS ? bmc_entry_find(kind, id) : NULL;

	return e ? e->handle : 0;
}

const struct bmc_row *bmc_inventory_row(uint32_t handle)
{
	const struct bmc_entry *e = bmc_entry_of(handle);

	return e ? e->row : NULL;
}

uint32_t bmc_inventory_first(enum bmc_kind kind, size_t *ret_n)
{
	const struct bmc_set *set = &bmc_inv.sets[kind];

	*ret_n = set->n;
	return set->n > 0 ? set->by_index[0]->handle : 0;
}

void bmc_inventory_follow(bmc_inventory_step *step)
{
	bmc_inv.step = step;
}

/* ---- settings ---- */

static int set(uint32_t handle, const struct bmc_field *f, const struct bmc_value *v,
	       int64_t until)
{
	struct bmc_entry *e = bmc_entry_of(handle);
	int err;

	if (!e)
		return BMC_ENOTFOUND;
	if (bmc_field_at(bmc_entry_kind(e), f->offset) != f)
		return BMC_EINVAL;
	err = until == INT64_MAX ? bmc_setting_persist(e, f, v)
				 : bmc_setting_limit(e, f, v, until);
	if (err == 0)
		err = bmc_observation_put(e, BMC_SOURCE_SETTINGS, f, v, bmc_now());
	bmc_merge_dirty();
	return err;
}

int bmc_inventory_set(uint32_t handle, const struct bmc_field *f, int64_t num,
		      const char *text)
{
	return set(handle, f, &(struct bmc_value){ .num = num, .text = text },
		   INT64_MAX);
}

int bmc_inventory_set_until(uint32_t handle, const struct bmc_field *f, int64_t num,
			    const char *text, int64_t until)
{
	return set(handle, f, &(struct bmc_value){ .num = num, .text = text }, until);
}

void bmc_inventory_bound(const char *board, uint32_t caps)
{
	const struct bmc_field *f = bmc_field_find(BMC_BOARD, "bound");
	const struct bmc_value v = { .num = caps };
	struct bmc_entry *e = bmc_entry_find(BMC_BOARD, board);

	if (!e || bmc_observation_put(e, BMC_SOURCE_PLATFORM, f, &v, bmc_now()) < 0)
		return;
	bmc_inventory_urgent();
}
