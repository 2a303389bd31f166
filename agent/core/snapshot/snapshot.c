// SPDX-License-Identifier: Apache-2.0
/* Snapshots: what readers hold, and the counted pieces they are made of. The inventory
 * builds and publishes them on the main thread; readers of any thread look up and
 * release go. */
#include "core/snapshot/snapshot.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bmc/error.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "core/snapshot/build.h"

#define WATCHERS_MAX 16

struct counted_row {
	atomic_uint refs;
	_Alignas(8) struct bmc_row row; /* the kind's struct goes on behind it */
};

static struct {
	pthread_mutex_t lock;
	struct bmc_snapshot *newest;
	int watchers[WATCHERS_MAX]; /* eventfds */
	size_t n_watchers;
} published = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool last_reference(atomic_uint *refs)
{
	return atomic_fetch_sub_explicit(refs, 1, memory_order_acq_rel) == 1;
}

static void add_reference(atomic_uint *refs)
{
	atomic_fetch_add_explicit(refs, 1, memory_order_relaxed);
}

/* ---- rows ---- */

static struct counted_row *counted_of(const struct bmc_row *row)
{
	return (struct counted_row *)((uintptr_t)row -
				      offsetof(struct counted_row, row));
}

void bmc_row_clear(struct bmc_row *row, enum bmc_kind kind)
{
	const struct bmc_kind_desc *k = bmc_kind(kind);

	memset(row, 0, k->size);
	row->kind = (uint16_t)kind;
	row->read_at = BMC_UNKNOWN;
	for (size_t i = 0; i < k->n_fields; i++) {
		if (k->fields[i].type != BMC_TEXT)
			(void)bmc_field_set(row, &k->fields[i], BMC_UNKNOWN, NULL);
	}
}

struct bmc_row *bmc_row_copy(const struct bmc_row *row)
{
	size_t size = bmc_kind(row->kind)->size;
	struct counted_row *b = malloc(offsetof(struct counted_row, row) + size);

	if (!b)
		return NULL;
	atomic_init(&b->refs, 1);
	memcpy(&b->row, row, size);
	return &b->row;
}

const struct bmc_row *bmc_row_ref(const struct bmc_row *row)
{
	add_reference(&counted_of(row)->refs);
	return row;
}

struct bmc_row *bmc_row_unref(const struct bmc_row *row)
{
	if (row && last_reference(&counted_of(row)->refs))
		free(counted_of(row));
	return NULL;
}

/* ---- tables ---- */

struct bmc_key_index *bmc_key_index_new(size_t n)
{
	struct bmc_key_index *s = calloc(1, sizeof(*s) + 3 * n * sizeof(uint32_t));

	if (!s)
		return NULL;
	atomic_init(&s->refs, 1);
	s->n = n;
	s->by_handle = s->by_id + n;
	s->by_parent = s->by_handle + n;
	return s;
}

struct bmc_key_index *bmc_key_index_ref(struct bmc_key_index *s)
{
	add_reference(&s->refs);
	return s;
}

struct bmc_key_index *bmc_key_index_unref(struct bmc_key_index *s)
{
	if (s && last_reference(&s->refs))
		free(s);
	return NULL;
}

struct bmc_table *bmc_table_new(struct bmc_key_index *key_index)
{
	size_t n = key_index->n, pointers = key_index->by_parent_is_order ? n : 2 * n;
	struct bmc_table *t = calloc(1, sizeof(*t) + pointers * sizeof(t->rows[0]));

	if (!t) {
		bmc_key_index_unref(key_index);
		return NULL;
	}
	atomic_init(&t->refs, 1);
	t->n = n;
	t->key_index = key_index;
	t->children = key_index->by_parent_is_order ? t->rows : t->rows + n;
	return t;
}

void bmc_table_link(struct bmc_table *t)
{
	const struct bmc_key_index *s = t->key_index;

	for (size_t i = 0; !s->by_parent_is_order && i < t->n; i++)
		t->children[i] = t->rows[s->by_parent[i]];
}

struct bmc_table *bmc_table_ref(struct bmc_table *t)
{
	add_reference(&t->refs);
	return t;
}

struct bmc_table *bmc_table_unref(struct bmc_table *t)
{
	if (t && last_reference(&t->refs)) {
		for (size_t i = 0; i < t->n; i++)
			(void)bmc_row_unref(t->rows[i]);
		(void)bmc_key_index_unref(t->key_index);
		free(t);
	}
	return NULL;
}

/* ---- making and publishing ---- */

struct bmc_snapshot *bmc_snapshot_after(const struct bmc_snapshot *old)
{
	struct bmc_snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	atomic_init(&s->refs, 1);
	s->generation = old ? old->generation + 1 : 1;
	s->time = bmc_now();
	for (size_t k = 0; old && k < BMC_N_KINDS; k++) {
		if (old->tables[k])
			s->tables[k] = bmc_table_ref(old->tables[k]);
	}
	return s;
}

void bmc_snapshot_replace(struct bmc_snapshot *s, enum bmc_kind kind,
			  struct bmc_table *t)
{
	(void)bmc_table_unref(s->tables[kind]);
	s->tables[kind] = t;
}

void bmc_snapshot_publish(struct bmc_snapshot *s)
{
	uint64_t one = 1;

	pthread_mutex_lock(&published.lock);
	struct bmc_snapshot *old = published.newest;
	published.newest = s;
	for (size_t i = 0; i < published.n_watchers; i++) {
		/* An eventfd that is full has woken its reader already. */
		if (write(published.watchers[i], &one, sizeof(one)) < 0)
			continue;
	}
	pthread_mutex_unlock(&published.lock);
	(void)bmc_snapshot_unref(old);
}

void bmc_snapshot_retire(void)
{
	pthread_mutex_lock(&published.lock);
	struct bmc_snapshot *old = published.newest;
	published.newest = NULL;
	pthread_mutex_unlock(&published.lock);
	(void)bmc_snapshot_unref(old);
}

int bmc_snapshot_watch(int event_fd)
{
	int err = BMC_ENOSPC;

	pthread_mutex_lock(&published.lock);
	if (published.n_watchers < WATCHERS_MAX) {
		published.watchers[published.n_watchers++] = event_fd;
		err = 0;
	}
	pthread_mutex_unlock(&published.lock);
	return err;
}

void bmc_snapshot_unwatch(int event_fd)
{
	pthread_mutex_lock(&published.lock);
	for (size_t i = published.n_watchers; i-- > 0;) {
		if (published.watchers[i] == event_fd)
			published.watchers[i] =
				published.watchers[--published.n_watchers];
	}
	pthread_mutex_unlock(&published.lock);
}

/* ---- reading ---- */

struct bmc_snapshot *bmc_snapshot_get(void)
{
	pthread_mutex_lock(&published.lock);
	struct bmc_snapshot *s = published.newest;
	if (s)
		add_reference(&s->refs);
	pthread_mutex_unlock(&published.lock);
	return s;
}

struct bmc_snapshot *bmc_snapshot_ref(struct bmc_snapshot *s)
{
	add_reference(&s->refs);
	return s;
}

struct bmc_snapshot *bmc_snapshot_unref(struct bmc_snapshot *s)
{
	if (s && last_reference(&s->refs)) {
		for (size_t k = 0; k < BMC_N_KINDS; k++)
			(void)bmc_table_unref(s->tables[k]);
		free(s);
	}
	return NULL;
}

uint64_t bmc_snapshot_generation(const struct bmc_snapshot *s)
{
	return s->generation;
}

int64_t bmc_snapshot_time(const struct bmc_snapshot *s)
{
	return s->time;
}

static const struct bmc_table *table_of(const struct bmc_snapshot *s,
					enum bmc_kind kind)
{
	return (unsigned)kind < BMC_N_KINDS ? s->tables[kind] : NULL;
}

size_t bmc_snapshot_rows(const struct bmc_snapshot *s, enum bmc_kind kind,
			 const struct bmc_row *const **ret_rows)
{
	const struct bmc_table *t = table_of(s, kind);

	*ret_rows = t ? t->rows : NULL;
	return t ? t->n : 0;
}

uint64_t bmc_snapshot_changed(const struct bmc_snapshot *s, enum bmc_kind kind)
{
	const struct bmc_table *t = table_of(s, kind);

	return t ? t->changed : 0;
}

uint64_t bmc_snapshot_membership(const struct bmc_snapshot *s, enum bmc_kind kind)
{
	const struct bmc_table *t = table_of(s, kind);

	return t ? t->membership_changed : 0;
}

const struct bmc_row *bmc_snapshot_find(const struct bmc_snapshot *s,
					enum bmc_kind kind, const char *id)
{
	const struct bmc_table *t = table_of(s, kind);
	size_t low = 0, high = t ? t->n : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct bmc_row *row = t->rows[t->key_index->by_id[mid]];
		int order = strcmp(row->id, id);
		if (order == 0)
			return row;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct bmc_row *bmc_snapshot_row(const struct bmc_snapshot *s, uint32_t handle)
{
	const struct bmc_table *t =
		handle ? table_of(s, BMC_HANDLE_KIND(handle)) : NULL;
	size_t low = 0, high = t ? t->n : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct bmc_row *row = t->rows[t->key_index->by_handle[mid]];
		if (row->handle == handle)
			return row;
		if (row->handle < handle)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* The position in `children` of the first row whose parent is `parent` or higher. */
static size_t first_child(const struct bmc_table *t, uint64_t parent)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (t->children[mid]->parent < parent)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

size_t bmc_snapshot_children(const struct bmc_snapshot *s, uint32_t handle,
			     enum bmc_kind kind, const struct bmc_row *const **ret_rows)
{
	const struct bmc_table *t = table_of(s, kind);
	size_t first = t ? first_child(t, handle) : 0;

	*ret_rows = t ? t->children + first : NULL;
	return t ? first_child(t, (uint64_t)handle + 1) - first : 0;
}

size_t bmc_snapshot_lower(const struct bmc_snapshot *s, enum bmc_kind kind, uint32_t i0,
			  uint32_t i1)
{
	const struct bmc_table *t = table_of(s, kind);
	size_t low = 0, high = t ? t->n : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct bmc_row *row = t->rows[mid];
		if (row->index[0] < i0 || (row->index[0] == i0 && row->index[1] < i1))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}
