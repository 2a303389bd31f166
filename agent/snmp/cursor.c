// SPDX-License-Identifier: Apache-2.0
/* Rows in the order of their indexes, see cursor.h. Called by the reading half and by
 * SET. */
#include "snmp/cursor.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"

/* The rows of one table, in order. */
struct order {
	const struct sn_table *table;
	uint64_t generation; /* of the snapshot */
	struct sn_ordered *rows;
	size_t n, room;
};

static struct order *orders;
static size_t n_orders;

/* ---- tables that need an order of their own ---- */

static struct order *order_of(const struct sn_table *t)
{
	for (size_t i = 0; i < n_orders; i++) {
		if (orders[i].table == t)
			return &orders[i];
	}
	struct order *more = reallocarray(orders, n_orders + 1, sizeof(*more));
	if (!more)
		return NULL;
	orders = more;
	orders[n_orders] = (struct order){ .table = t };
	return &orders[n_orders++];
}

static struct sn_ordered *place(struct order *o)
{
	if (o->n == o->room) {
		size_t room = o->room ? 2 * o->room : 16;
		void *more = reallocarray(o->rows, room, sizeof(*o->rows));
		if (!more)
			return NULL;
		o->rows = more;
		o->room = room;
	}
	return &o->rows[o->n];
}

static int by_index(const void *a, const void *b)
{
	const struct sn_ordered *x = a, *y = b;
	size_t n = MIN(x->index.n, y->index.n);

	for (size_t i = 0; i < n; i++) {
		if (x->index.id[i] != y->index.id[i])
			return x->index.id[i] < y->index.id[i] ? -1 : 1;
	}
	if (x->index.n != y->index.n)
		return x->index.n < y->index.n ? -1 : 1;
	return x->row->handle < y->row->handle   ? -1
	       : x->row->handle > y->row->handle ? 1
						 : 0;
}

static bool add_rows(struct order *o, enum bmc_kind kind)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), kind, &rows);

	for (size_t i = 0; i < n; i++) {
		struct sn_ordered *to = place(o);
		if (!to)
			return false;
		to->row = rows[i];
		o->n += sn_row_index(o->table, rows[i], &to->index);
	}
	return true;
}

/* Of two rows with the same index one is shown, always the same one. */
static void drop_repeated(struct order *o)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->n; i++) {
		const struct sn_subids *last = kept ? &o->rows[kept - 1].index : NULL;
		const struct sn_subids *is = &o->rows[i].index;
		if (!last || last->n != is->n ||
		    memcmp(last->id, is->id, is->n * sizeof(is->id[0])) != 0)
			o->rows[kept++] = o->rows[i];
	}
	o->n = kept;
}

static void make_order(struct order *o)
{
	o->n = 0;
	o->generation = bmc_snapshot_generation(sn_pinned());
	for (enum bmc_kind k = 0; k < BMC_N_KINDS; k++) {
		if (sn_table_has(o->table, k) && !add_rows(o, k)) {
			log_limited(LOG_WARNING, "snmp: out of memory for %s",
				    o->table->name);
			break;
		}
	}
	if (o->n)
		qsort(o->rows, o->n, sizeof(*o->rows), by_index);
	drop_repeated(o);
}

static size_t seek_ordered(const struct sn_cursor *c, const oid *ids, size_t n,
			   bool same)
{
	size_t low = 0, high = c->n_rows;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = sn_subids_compare(&c->ordered[middle].index, ids, n);
		if (order < 0 || (order == 0 && !same))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- rows under their own numbers ---- */

static size_t lower(const struct sn_cursor *c, uint64_t i0, uint64_t i1)
{
	if (i1 > UINT32_MAX) {
		i0++;
		i1 = 0;
	}
	if (i0 > UINT32_MAX)
		return c->n_rows;
	return bmc_snapshot_lower(sn_pinned(), c->table->kind, (uint32_t)i0,
				  (uint32_t)i1);
}

/* A name that is shorter or longer than an index is between two of them. */
static size_t seek_in_place(const struct sn_cursor *c, const oid *ids, size_t n,
			    bool same)
{
	uint64_t i0 = n > 0 ? ids[0] : 0, i1 = n > 1 ? ids[1] : 0;
	bool whole = n >= c->table->n_index; /* else its first row comes after it */
	bool above = whole && (n > c->table->n_index || !same);

	if (c->table->n_index == 1)
		return lower(c, i0 + above, 0);
	if (i0 > UINT32_MAX)
		return c->n_rows;
	return lower(c, i0, MIN(i1, UINT64_C(1) << 32) + above);
}

/* ---- both ---- */

void sn_cursor_open(const struct sn_table *t, struct sn_cursor *c)
{
	*c = (struct sn_cursor){ .table = t, .prefix = sn_table_prefix(t) };
	if (t->rows) {
		c->n_rows = t->rows(&c->ordered);
		return;
	}
	if (!t->index_of && !t->others) {
		c->n_rows = bmc_snapshot_rows(sn_pinned(), t->kind, &c->rows);
		if (!t->n_index)
			c->n_rows = MIN(c->n_rows, 1);
		return;
	}
	struct order *o = order_of(t);
	if (!o)
		return;
	if (o->generation != bmc_snapshot_generation(sn_pinned()))
		make_order(o);
	c->n_rows = o->n;
	c->ordered = o->rows;
}

size_t sn_cursor_seek(const struct sn_cursor *c, const oid *ids, size_t n, bool same)
{
	if (c->ordered || c->table->rows)
		return seek_ordered(c, ids, n, same);
	if (sn_table_is_scalar(c->table))
		return n == 0 && same ? 0 : c->n_rows;
	if (!c->table->n_index) /* "0" is the only row */
		return n == 0 || (n == 1 && ids[0] == 0 && same) ? 0 : c->n_rows;
	return seek_in_place(c, ids, n, same);
}

const struct bmc_row *sn_cursor_find(const struct sn_cursor *c, const oid *ids,
				     size_t n)
{
	bool whole = n || sn_table_is_scalar(c->table);
	size_t at = whole ? sn_cursor_seek(c, ids, n, true) : c->n_rows;

	if (at >= c->n_rows)
		return NULL;
	const struct bmc_row *row = sn_cursor_row(c, at);
	if (c->ordered)
		return sn_subids_compare(&c->ordered[at].index, ids, n) == 0 ? row
									     : NULL;
	if (!c->table->n_index)
		return row;
	bool equal = n == c->table->n_index;
	for (size_t i = 0; i < n && equal; i++)
		equal = row->index[i] == ids[i];
	return equal ? row : NULL;
}

size_t sn_cursor_index(const struct sn_cursor *c, size_t i, const uint32_t **ret)
{
	static const uint32_t zero[] = { 0 };
	const struct sn_subids *index = c->ordered ? &c->ordered[i].index : NULL;
	size_t n = index ? index->n : c->table->n_index;

	if (n) {
		*ret = index ? index->id : c->rows[i]->index;
		return n;
	}
	*ret = zero;
	return sn_table_is_scalar(c->table) ? 0 : ARRAY_SIZE(zero);
}

void sn_cursor_name(const struct sn_cursor *c, size_t i, struct sn_oid *name)
{
	const uint32_t *ids;
	size_t n = sn_cursor_index(c, i, &ids);

	for (size_t k = 0; k < n; k++)
		name->id[name->len++] = ids[k];
}

int sn_ordered_compare(const void *a, const void *b)
{
	const struct sn_subids *x = &((const struct sn_ordered *)a)->index;
	const struct sn_subids *y = &((const struct sn_ordered *)b)->index;

	for (size_t i = 0; i < MIN(x->n, y->n); i++) {
		if (x->id[i] != y->id[i])
			return x->id[i] < y->id[i] ? -1 : 1;
	}
	return (x->n > y->n) - (x->n < y->n);
}

void sn_cursors_done(void)
{
	for (size_t i = 0; i < n_orders; i++)
		free(orders[i].rows);
	free(orders);
	orders = NULL;
	n_orders = 0;
}
