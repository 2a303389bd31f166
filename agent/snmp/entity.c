// SPDX-License-Identifier: Apache-2.0
/* The tree of physical entities, see entity.h. Followed by the engine, read by the
 * tables of ENTITY-MIB, ENTITY-SENSOR-MIB and ENTITY-STATE-MIB. */
#include "snmp/entity.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/entity-index.h"
#include "snmp/entity-track.h"

#define SENSORS_FROM 16 /* positions of rows that are sensors: behind the readings */

static struct {
	struct sn_entity *all;
	struct sn_ordered *ordered;
	size_t n, room;
	uint64_t snapshot, generation;
	uint32_t stored; /* sn_entity_indexes_stored() of this tree */
	struct sn_entity_rows *made;
	int64_t changed;
} tree;

/* ---- the tree ---- */

/* The entity that holds a row's: what the row says, else the chassis. */
static uint32_t container_of_row(const struct bmc_row *row)
{
	const struct bmc_row *up = bmc_snapshot_row(sn_pinned(), row->parent);
	const struct sn_tracked_kind *chassis = sn_tracked_kind(BMC_CHASSIS);

	if (row->kind == BMC_CHASSIS)
		return 0;
	const struct sn_tracked *t = up ? sn_tracked(up) : NULL;
	if (t)
		return t->itself;
	return chassis->n ? chassis->rows[0].itself : 0;
}

static struct sn_entity *place(void)
{
	if (tree.n == tree.room) {
		size_t room = tree.room ? 2 * tree.room : 256;
		void *more = reallocarray(tree.all, room, sizeof(*tree.all));
		if (!more)
			return NULL;
		tree.all = more;
		tree.room = room;
	}
	return &tree.all[tree.n++];
}

static int32_t position_of(const struct sn_part_of *part, const struct bmc_row *row,
			   size_t reading)
{
	switch (part->form) {
	case SN_ENTITY_READING:
		return (int32_t)reading + 1;
	case SN_ENTITY_PROCESSOR:
		return 1;
	case SN_ENTITY_ITSELF:
		if (row->kind == BMC_CHASSIS)
			return -1;
		if (row->kind == BMC_BLADE || row->kind == BMC_BOARD)
			return 1; /* alone in its slot */
		return (int32_t)MIN(row->index[0], INT32_MAX - SENSORS_FROM) +
		       (row->kind == BMC_SENSOR ? SENSORS_FROM : 0);
	default:
		return (int32_t)MIN(row->kind == BMC_BOARD ? row->index[1]
							   : row->index[0],
				    INT32_MAX);
	}
}

/* Adds one part of a row; returns its number, 0: it is not there. */
static uint32_t add(const struct sn_part_of *part, const struct bmc_row *row,
		    uint32_t container, size_t reading)
{
	uint32_t index = sn_entity_index_assign(row->kind, row->id, part->key);
	struct sn_entity *e = index ? place() : NULL;

	if (!e)
		return 0;
	*e = (struct sn_entity){ .part = part };
	e->row.kind = SN_ENTITY_KIND;
	e->row.index[0] = index;
	e->row.handle = row->handle;
	e->row.parent = container;
	e->position = position_of(part, row, reading);
	if (part->form == SN_ENTITY_READING)
		e->field = sn_tracked_kind(row->kind)->readings[reading];
	return index;
}

static void add_row(const struct bmc_row *row, struct sn_tracked *t)
{
	uint32_t container = container_of_row(row);
	size_t reading = 0;

	t->itself = 0;
	if (!container && row->kind != BMC_CHASSIS)
		return;
	for (size_t i = 0; i < sn_entity_n_parts; i++) {
		const struct sn_part_of *p = &sn_entity_parts[i];
		if (p->kind != row->kind)
			continue;
		if (p->form == SN_ENTITY_SLOT)
			container = add(p, row, container, 0);
		else if (t->absent)
			break;
		else if (p->form == SN_ENTITY_ITSELF)
			t->itself = add(p, row, container, 0);
		else if (p->form == SN_ENTITY_PROCESSOR || t->read >> reading & 1)
			(void)add(p, row, t->itself, reading);
		reading += p->form == SN_ENTITY_READING;
	}
}

static int by_index(const void *a, const void *b)
{
	const struct sn_entity *x = a, *y = b;

	return x->row.index[0] < y->row.index[0] ? -1 : 1; /* never equal */
}

/* Only what is stored is shown, and what holds it was stored before it. */
static void show(void)
{
	struct sn_ordered *rows =
		reallocarray(tree.ordered, MAX(tree.n, 1), sizeof(*rows));

	if (!rows) {
		tree.n = 0;
		log_limited(LOG_WARNING, "snmp: out of memory for entPhysicalTable");
		return;
	}
	tree.ordered = rows;
	while (tree.n && tree.all[tree.n - 1].row.index[0] > tree.stored)
		tree.n--;
	for (size_t i = 0; i < tree.n; i++) {
		rows[i].row = &tree.all[i].row;
		rows[i].index.n = 1;
		rows[i].index.id[0] = tree.all[i].row.index[0];
	}
}

static void make_tree(void)
{
	tree.n = 0;
	for (size_t i = 0; i < sn_entity_n_parts; i++) {
		enum bmc_kind kind = sn_entity_parts[i].kind;
		const struct sn_tracked_kind *k = sn_tracked_kind(kind);
		const struct bmc_row *const *rows;
		size_t n = bmc_snapshot_rows(sn_pinned(), kind, &rows);
		if (i > 0 && sn_entity_parts[i - 1].kind == kind)
			continue;
		for (size_t r = 0; r < MIN(n, k->n); r++)
			add_row(rows[r], &k->rows[r]);
	}
	sn_entity_indexes_store();
	tree.stored = sn_entity_indexes_stored();
	if (tree.n)
		qsort(tree.all, tree.n, sizeof(*tree.all), by_index);
	show();
	tree.generation++;
	tree.changed = bmc_snapshot_time(sn_pinned());
}

/* ---- for others ---- */

void sn_entities_follow(void)
{
	bool rebuild = tree.stored != sn_entity_indexes_stored();

	if (!rebuild && tree.snapshot == bmc_snapshot_generation(sn_pinned()))
		return;
	tree.snapshot = bmc_snapshot_generation(sn_pinned());
	rebuild |= sn_tracked_follow(&tree.changed);
	if (rebuild)
		make_tree();
}

size_t sn_entities(const struct sn_ordered **ret)
{
	*ret = tree.ordered;
	return tree.n;
}

size_t sn_entities_each(struct sn_entity_rows *made, const struct sn_ordered **ret,
			bool (*each)(const struct sn_entity *e, struct sn_subids *ret))
{
	*ret = made->rows;
	if (made->generation == tree.generation &&
	    (!made->by_values || made->snapshot == tree.snapshot))
		return made->n;
	void *rows = reallocarray(made->rows, MAX(tree.n, 1), sizeof(*made->rows));
	if (!rows)
		return made->n = 0;
	if (!made->generation) {
		made->next = tree.made;
		tree.made = made;
	}
	made->generation = tree.generation;
	made->snapshot = tree.snapshot;
	*ret = made->rows = rows;
	made->n = 0;
	for (size_t i = 0; i < tree.n; i++) {
		struct sn_ordered *to = &made->rows[made->n];
		to->row = &tree.all[i].row;
		made->n += each(&tree.all[i], &to->index);
	}
	if (made->n)
		qsort(made->rows, made->n, sizeof(*made->rows), sn_ordered_compare);
	return made->n;
}

int64_t sn_entities_changed(void)
{
	return tree.changed;
}

const struct bmc_row *sn_entity_row(const struct sn_entity *e)
{
	return bmc_snapshot_row(sn_pinned(), e->row.handle);
}

uint32_t sn_entity_index(uint32_t handle)
{
	const struct bmc_row *row = bmc_snapshot_row(sn_pinned(), handle);
	const struct sn_tracked *t = row ? sn_tracked(row) : NULL;

	return t && t->itself <= tree.stored ? t->itself : 0;
}

int64_t sn_entity_since(const struct sn_entity *e)
{
	const struct bmc_row *row = sn_entity_row(e);
	const struct sn_tracked *t = row ? sn_tracked(row) : NULL;

	return t ? t->since : BMC_UNKNOWN;
}

/* ---- start ---- */

void sn_entities_done(void)
{
	while (tree.made) {
		struct sn_entity_rows *made = tree.made;
		tree.made = made->next;
		free(made->rows);
		*made = (struct sn_entity_rows){ .by_values = made->by_values };
	}
	free(tree.all);
	free(tree.ordered);
	memset(&tree, 0, sizeof(tree));
	sn_tracked_done();
	sn_entity_indexes_done();
}

int sn_entities_init(void)
{
	sn_entities_done(); /* of a start that failed */
	sn_tracked_init();
	return sn_entity_indexes_load();
}
