// SPDX-License-Identifier: Apache-2.0
/* The inventory's entries: one for each row there is, kept in three orders a kind so
 * that a snapshot's table is a copy. Used by the other files of the inventory. */
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/inventory/entries.h"
#include "core/snapshot/build.h"

typedef int compare_fn(const struct bmc_entry *a, const struct bmc_entry *b);

static int by_id(const struct bmc_entry *a, const struct bmc_entry *b)
{
	return strcmp(a->id, b->id);
}

static int by_handle(const struct bmc_entry *a, const struct bmc_entry *b)
{
	return (a->handle > b->handle) - (a->handle < b->handle);
}

static int by_index(const struct bmc_entry *a, const struct bmc_entry *b)
{
	for (size_t i = 0; i < 2; i++) {
		if (a->index[i] != b->index[i])
			return a->index[i] > b->index[i] ? 1 : -1;
	}
	return by_handle(a, b);
}

/* Where `e` is in `order`, or where it would go. */
static size_t place(struct bmc_entry *const *order, size_t n, const struct bmc_entry *e,
		    compare_fn *compare)
{
	size_t low = 0, high = n;

	/* New rows mostly come at the end. */
	if (n > 0 && compare(order[n - 1], e) < 0)
		return n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (compare(order[mid], e) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void insert(struct bmc_entry **order, size_t n, struct bmc_entry *e,
		   compare_fn *compare)
{
	size_t at = place(order, n, e, compare);

	memmove(order + at + 1, order + at, (n - at) * sizeof(order[0]));
	order[at] = e;
}

static void take_out(struct bmc_entry **order, size_t n, const struct bmc_entry *e,
		     compare_fn *compare)
{
	size_t at = place(order, n, e, compare);

	memmove(order + at, order + at + 1, (n - at - 1) * sizeof(order[0]));
}

static struct bmc_set *set_of(const struct bmc_entry *e)
{
	return &bmc_inv.sets[bmc_entry_kind(e)];
}

static bool grow(struct bmc_entry ***order, size_t size)
{
	struct bmc_entry **o = realloc(*order, size * sizeof(struct bmc_entry *));

	if (o)
		*order = o;
	return o != NULL;
}

static bool make_room(struct bmc_set *set)
{
	size_t size = set->size ? set->size * 2 : 16;

	if (set->n < set->size)
		return true;
	if (!grow(&set->by_index, size) || !grow(&set->by_id, size) ||
	    !grow(&set->by_handle, size))
		return false;
	set->size = size;
	return true;
}

struct bmc_entry *bmc_entry_of(uint32_t handle)
{
	const struct bmc_entry key = { .handle = handle };
	const struct bmc_set *set;

	if (handle == 0 || BMC_HANDLE_KIND(handle) >= BMC_N_KINDS)
		return NULL;
	set = set_of(&key);
	size_t at = place(set->by_handle, set->n, &key, by_handle);
	if (at == set->n || set->by_handle[at]->handle != handle)
		return NULL;
	return set->by_handle[at];
}

struct bmc_entry *bmc_entry_find(enum bmc_kind kind, const char *id)
{
	const struct bmc_set *set = &bmc_inv.sets[kind];
	struct bmc_entry key;

	if (!bmc_copy(key.id, sizeof(key.id), id))
		return NULL;
	size_t at = place(set->by_id, set->n, &key, by_id);
	if (at == set->n || strcmp(set->by_id[at]->id, id) != 0)
		return NULL;
	return set->by_id[at];
}

/* Numbers are used again only after 16 million rows. */
static uint32_t new_handle(enum bmc_kind kind)
{
	struct bmc_set *set = &bmc_inv.sets[kind];
	uint32_t handle;

	do {
		set->last_number = BMC_HANDLE_N(set->last_number + 1);
		handle = BMC_HANDLE(kind, set->last_number);
	} while (set->last_number == 0 || bmc_entry_of(handle));
	return handle;
}

void bmc_entry_set_up(struct bmc_entry *e, struct bmc_entry *up)
{
	if (e->up)
		LIST_REMOVE(e, sibling);
	e->up = up;
	if (up)
		LIST_INSERT_HEAD(&up->children, e, sibling);
}

struct bmc_entry *bmc_entry_new(enum bmc_kind kind, const char *id,
				const uint32_t index[2], struct bmc_entry *up)
{
	struct bmc_set *set = &bmc_inv.sets[kind];
	struct bmc_entry *e = make_room(set) ? calloc(1, sizeof(*e)) : NULL;

	if (!e)
		return NULL;
	e->handle = new_handle(kind);
	e->index[0] = index[0];
	e->index[1] = index[1];
	LIST_INIT(&e->children);
	bmc_entry_set_up(e, up);
	e->next_eval = INT64_MAX;
	(void)bmc_copy(e->id, sizeof(e->id), id);
	insert(set->by_index, set->n, e, by_index);
	insert(set->by_id, set->n, e, by_id);
	insert(set->by_handle, set->n, e, by_handle);
	set->n++;
	set->change |= BMC_SET_MEMBERSHIP;
	bmc_inv.rollup_pending = true;
	return e;
}

void bmc_entry_move(struct bmc_entry *e, const uint32_t index[2])
{
	struct bmc_set *set = set_of(e);

	if (e->index[0] == index[0] && e->index[1] == index[1])
		return;
	take_out(set->by_index, set->n, e, by_index);
	e->index[0] = index[0];
	e->index[1] = index[1];
	insert(set->by_index, set->n - 1, e, by_index);
	set->change |= BMC_SET_MEMBERSHIP;
}

static void unlink_dirty(const struct bmc_entry *e)
{
	struct bmc_entry **at = &bmc_inv.dirty;

	while (*at && *at != e)
		at = &(*at)->next_dirty;
	if (*at)
		*at = e->next_dirty;
}

/* What it held is the chassis's now. */
static void give_up_children(struct bmc_entry *e)
{
	struct bmc_entry *child;

	while ((child = LIST_FIRST(&e->children))) {
		bmc_entry_set_up(child, e == bmc_inv.chassis ? NULL : bmc_inv.chassis);
		bmc_entry_touch(child);
	}
}

static void entry_free(struct bmc_entry *e)
{
	(void)bmc_row_unref(e->row);
	(void)bmc_row_unref(e->base);
	bmc_observations_free(e);
	free(e);
}

void bmc_entry_remove(struct bmc_entry *e)
{
	struct bmc_set *set = set_of(e);

	if (e->dirty)
		unlink_dirty(e);
	give_up_children(e);
	bmc_entry_set_up(e, NULL);
	if (bmc_is_hardware(bmc_entry_kind(e)))
		bmc_inv.rollup_pending = true;
	take_out(set->by_index, set->n, e, by_index);
	take_out(set->by_id, set->n, e, by_id);
	take_out(set->by_handle, set->n, e, by_handle);
	set->n--;
	set->change |= BMC_SET_MEMBERSHIP;
	entry_free(e);
}

void bmc_set_done(struct bmc_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		entry_free(set->by_index[i]);
	free(set->by_index);
	free(set->by_id);
	free(set->by_handle);
	*set = (struct bmc_set){ 0 };
}
