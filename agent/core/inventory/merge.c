// SPDX-License-Identifier: Apache-2.0
/* What each source last said of each field of a row, and the row that comes of it: the
 * highest ranked of the fresh ones is believed. Called by the inventory's other files.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/inventory/derive.h"
#include "core/inventory/entries.h"
#include "core/model/field.h"
#include "core/snapshot/build.h"

#define READ_AT_SLACK_MS \
	10000 /* a row whose values stay gets its new reading time so late */

/* ---- observations ---- */

static const struct bmc_field *field_of(const struct bmc_entry *e,
					const struct bmc_observation *c)
{
	return &bmc_kind(bmc_entry_kind(e))->fields[c->field];
}

static uint16_t rank_of(const struct bmc_entry *e, unsigned source,
			const struct bmc_field *f)
{
	const struct bmc_source *s = &bmc_inv.sources[source];

	if (source == BMC_SOURCE_SETTINGS)
		return 0;
	if (source == BMC_SOURCE_PLATFORM)
		return UINT16_MAX;
	unsigned rank = bmc_platform_rank(bmc_inv.platform, bmc_entry_kind(e), f->name,
					  s->name, s->order);
	return (uint16_t)(1 + MIN(rank, 60000u));
}

static struct bmc_observation *observation_find(struct bmc_entry *e, unsigned source,
						uint16_t field)
{
	for (size_t i = 0; i < e->n_observations; i++) {
		if (e->observations[i].field == field &&
		    e->observations[i].source == source)
			return &e->observations[i];
	}
	return NULL;
}

/* What lies below the observations of a core row: the row as the core gave it. */
static bool keep_base(struct bmc_entry *e)
{
	if (e->core && !e->base && e->row)
		e->base = bmc_row_copy(e->row);
	return !e->core || e->base;
}

static struct bmc_observation *observation_add(struct bmc_entry *e, unsigned source,
					       const struct bmc_field *f,
					       uint16_t field)
{
	uint16_t rank = rank_of(e, source, f);
	size_t at = 0;

	if (!keep_base(e))
		return NULL;
	if (e->n_observations == e->observations_size) {
		size_t size = e->observations_size + 8u;
		struct bmc_observation *c = realloc(e->observations, size * sizeof(*c));
		if (!c)
			return NULL;
		e->observations = c;
		e->observations_size = (uint16_t)size;
	}
	while (at < e->n_observations && e->observations[at].rank > rank)
		at++;
	struct bmc_observation *observation = e->observations + at;
	memmove(observation + 1, observation,
		(e->n_observations - at) * sizeof(*observation));
	e->n_observations++;
	*observation = (struct bmc_observation){ .field = field,
						 .rank = rank,
						 .source = (uint16_t)source };
	return observation;
}

int bmc_observation_put(struct bmc_entry *e, unsigned source, const struct bmc_field *f,
			const struct bmc_value *v, int64_t at)
{
	uint16_t field = (uint16_t)(f - bmc_kind(bmc_entry_kind(e))->fields);
	struct bmc_observation *c = observation_find(e, source, field);
	char *text = NULL;

	if (f->type == BMC_TEXT && v->text && *v->text && !(text = strdup(v->text)))
		return BMC_ENOMEM;
	if (!c && !(c = observation_add(e, source, f, field))) {
		free(text);
		return BMC_ENOMEM;
	}
	if (f->type == BMC_TEXT) {
		free(c->text);
		c->text = text;
	} else {
		c->num = v->num;
	}
	c->at = at;
	if (source > BMC_SOURCE_PLATFORM)
		e->reported = true;
	bmc_entry_touch(e);
	return 0;
}

static void observation_free(struct bmc_entry *e, const struct bmc_observation *c)
{
	if (field_of(e, c)->type == BMC_TEXT)
		free(c->text);
}

void bmc_observation_drop(struct bmc_entry *e, unsigned source,
			  const struct bmc_field *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->n_observations; i++) {
		struct bmc_observation c = e->observations[i];
		if (c.source == source && (!f || field_of(e, &c) == f))
			observation_free(e, &c);
		else
			e->observations[kept++] = c;
	}
	if (kept != e->n_observations)
		bmc_entry_touch(e);
	e->n_observations = (uint16_t)kept;
}

void bmc_observation_expire(struct bmc_entry *e, unsigned source)
{
	for (size_t i = 0; i < e->n_observations; i++) {
		struct bmc_observation *c = &e->observations[i];
		if (c->source != source)
			continue;
		observation_free(e, c);
		if (field_of(e, c)->type == BMC_TEXT)
			c->text = NULL;
		else
			c->num = BMC_UNKNOWN;
		bmc_entry_touch(e);
	}
}

bool bmc_observation_any(const struct bmc_entry *e)
{
	for (size_t i = 0; i < e->n_observations; i++) {
		if (e->observations[i].source > BMC_SOURCE_PLATFORM)
			return true;
	}
	return false;
}

void bmc_observations_free(struct bmc_entry *e)
{
	for (size_t i = 0; i < e->n_observations; i++)
		observation_free(e, &e->observations[i]);
	free(e->observations);
}

/* ---- the row that comes of them ---- */

/* Until when a observation is believed; at INT64_MAX: for ever. */
static int64_t believed_until(const struct bmc_observation *c)
{
	int64_t stale = bmc_inv.sources[c->source].stale_ms;

	return stale > 0 ? c->at + stale : INT64_MAX;
}

static void apply_observations(struct bmc_entry *e, struct bmc_row *row, int64_t now)
{
	for (size_t i = 0; i < e->n_observations; i++) {
		const struct bmc_observation *c = &e->observations[i];
		const struct bmc_field *f = field_of(e, c);
		int64_t until = believed_until(c);

		if (until <= now)
			continue;
		e->next_eval = MIN(e->next_eval, until);
		if (c->source > BMC_SOURCE_PLATFORM &&
		    (row->read_at == BMC_UNKNOWN || c->at < row->read_at))
			row->read_at = c->at;
		/* "I don't know" of a better source does not hide what another knows.
		 */
		if (f->type == BMC_TEXT && c->text)
			(void)bmc_field_set(row, f, 0, c->text);
		else if (f->type != BMC_TEXT && c->num != BMC_UNKNOWN)
			(void)bmc_field_set(row, f, c->num, NULL);
	}
}

/* The board that is an entry's row, or NULL. */
static const struct bmc_board *board_of(const struct bmc_entry *e)
{
	return e && bmc_entry_kind(e) == BMC_BOARD ? (const struct bmc_board *)e->row
						   : NULL;
}

static int64_t bound_of(const struct bmc_entry *e)
{
	const struct bmc_board *b = board_of(e);

	return b ? b->bound : BMC_UNKNOWN;
}

static void derive(struct bmc_entry *e, struct bmc_row *row, int64_t now)
{
	struct bmc_derive d = {
		.old = e->row,
		.board = board_of(e->up),
		.old_health = e->base_health,
		.now = now,
		.boot_ms = bmc_inv.platform->boot_ms,
		.reported = e->reported,
		.absent = e->up && e->up->absent,
		.sum = &e->sum,
	};

	bmc_derive(row, &d);
	e->next_eval = MIN(e->next_eval, d.next_eval);
	e->base_health = row->own_health = row->health;
	if (row->status != BMC_ABSENT)
		row->health = (uint16_t)MAX(MAX(row->health, d.parts), e->sum.health);
}

static void touch_children(const struct bmc_entry *e)
{
	struct bmc_entry *child;

	LIST_FOREACH (child, &e->children, sibling)
		bmc_entry_touch(child);
}

static void note_absence(struct bmc_entry *e, const struct bmc_row *row)
{
	bool absent = bmc_row_gone(row) || (e->up && e->up->absent);

	if (absent != e->absent) {
		e->absent = absent;
		touch_children(e);
	}
}

/* The flags of all fields that differ, or-ed; ~0 for a new row. */
static uint32_t differences(const struct bmc_row *old, const struct bmc_row *new,
			    bool *ret_any)
{
	const struct bmc_kind_desc *k = bmc_kind(new->kind);
	uint32_t flags = 0;

	*ret_any = !old || old->parent != new->parent ||
		   old->own_health != new->own_health ||
		   old->index[0] != new->index[0] || old->index[1] != new->index[1];
	if (!old)
		return BMC_SETTING | BMC_STATE;
	for (size_t i = 0; i < k->n_fields; i++) {
		if (bmc_field_equal(old, new, &k->fields[i]))
			continue;
		*ret_any = true;
		flags |= k->fields[i].flags;
	}
	return flags;
}

static bool read_at_moved(const struct bmc_row *old, const struct bmc_row *new)
{
	if (old->read_at == BMC_UNKNOWN || new->read_at == BMC_UNKNOWN)
		return old->read_at != new->read_at;
	return new->read_at - old->read_at > READ_AT_SLACK_MS;
}

static void note_change(const struct bmc_entry *e, uint32_t flags, bool any, bool moved)
{
	struct bmc_set *set = &bmc_inv.sets[bmc_entry_kind(e)];

	set->change |= moved ? BMC_SET_MEMBERSHIP : 0;
	set->change |= any ? BMC_SET_VALUES : BMC_SET_REREAD;
	if (bmc_is_hardware(bmc_entry_kind(e)) &&
	    ((flags & BMC_STATE) || bmc_entry_kind(e) == BMC_PSU))
		bmc_inv.rollup_pending = true;
	if (flags & BMC_STATE)
		bmc_inventory_urgent();
	else
		bmc_publish_readings();
}

/* Takes over `new`, a row on the stack, if it differs. */
static void take(struct bmc_entry *e, struct bmc_row *new)
{
	bool any;

	if (e->core)
		new->own_health = new->health;
	uint32_t flags = differences(e->row, new, &any);
	uint64_t next = bmc_inv.generation + 1;

	if (!any && !read_at_moved(e->row, new))
		return;
	new->changed = any ? next : e->row->changed;
	new->set_changed = flags &BMC_SETTING ? next : e->row->set_changed;
	struct bmc_row *counted = bmc_row_copy(new);
	if (!counted) {
		log_limited(LOG_WARNING, "%s %s: kept as it was, out of memory",
			    bmc_kind(new->kind)->name, new->id);
		return;
	}
	bool moved = e->row && e->row->parent != new->parent;
	(void)bmc_row_unref(e->row);
	e->row = counted;
	note_change(e, flags, any, moved);
}

/* What is the inventory's own in a row, whatever gave the rest. */
static void set_identity(const struct bmc_entry *e, struct bmc_row *row)
{
	row->kind = (uint16_t)bmc_entry_kind(e);
	row->handle = e->handle;
	row->index[0] = e->index[0];
	row->index[1] = e->index[1];
	memset(row->id, 0, sizeof(row->id));
	(void)bmc_copy(row->id, sizeof(row->id), e->id);
}

static union bmc_any_row scratch;

void bmc_merge(struct bmc_entry *e)
{
	struct bmc_row *row = &scratch.row;
	int64_t now = bmc_now(), bound = bound_of(e);

	if (e->core && !e->base)
		return;
	e->next_eval = INT64_MAX;
	if (e->core)
		memcpy(row, e->base, bmc_kind(bmc_entry_kind(e))->size);
	else
		bmc_row_clear(row, bmc_entry_kind(e));
	set_identity(e, row);
	apply_observations(e, row, now);
	if (!e->core) {
		row->parent = e->up ? e->up->handle : 0;
		derive(e, row, now);
		note_absence(e, row);
	}
	take(e, row);
	if (bound_of(e) != bound)
		touch_children(e); /* its firmware */
	if (e->next_eval != INT64_MAX)
		bmc_eval_schedule(e->next_eval);
}

void bmc_merge_base(struct bmc_entry *e, const struct bmc_row *base)
{
	memcpy(&scratch, base, bmc_kind(bmc_entry_kind(e))->size);
	set_identity(e, &scratch.row);
	e->base = bmc_row_unref(e->base);
	if (e->n_observations > 0)
		e->base = bmc_row_copy(&scratch.row);
	if (e->base)
		bmc_merge(e);
	else
		take(e, &scratch.row);
}

void bmc_entry_touch(struct bmc_entry *e)
{
	if (e->dirty)
		return;
	e->dirty = true;
	e->next_dirty = bmc_inv.dirty;
	bmc_inv.dirty = e;
}

void bmc_merge_dirty(void)
{
	struct bmc_entry *e;

	while ((e = bmc_inv.dirty)) {
		bmc_inv.dirty = e->next_dirty;
		e->dirty = false;
		bmc_merge(e);
	}
}
