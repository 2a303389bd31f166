// SPDX-License-Identifier: Apache-2.0
/* Indexes of rows that instances make at run time: assigned once, then the same for the
 * same id for ever, also after a restart. Used by the queue of puts when it makes a
 * row. */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/inventory/entries.h"
#include "core/ports/store.h"

#define FIELD_NAME "index"

struct assigned {
	enum bmc_kind kind;
	uint32_t index;
	char id[BMC_ID_MAX];
};

static struct {
	struct assigned *all;
	size_t n, size;
} indexes;

static struct assigned *add(enum bmc_kind kind, const char *id, uint32_t index)
{
	if (indexes.n == indexes.size) {
		size_t size = indexes.size ? indexes.size * 2 : 32;
		struct assigned *g = realloc(indexes.all, size * sizeof(*g));
		if (!g)
			return NULL;
		indexes.all = g;
		indexes.size = size;
	}
	struct assigned *g = &indexes.all[indexes.n++];
	*g = (struct assigned){ .kind = kind, .index = index };
	(void)bmc_copy(g->id, sizeof(g->id), id);
	return g;
}

static int load_one(void *arg, const struct bmc_record *r)
{
	(void)arg;
	if (strcmp(r->field, FIELD_NAME) != 0 || r->num < BMC_RUN_TIME_INDEX ||
	    r->num >= BMC_RUN_TIME_INDEX + BMC_RUN_TIME_ROWS)
		return 0;
	return add(r->kind, r->id, (uint32_t)r->num) ? 0 : BMC_ENOMEM;
}

int bmc_indexes_load(void)
{
	return bmc_store ? bmc_store->load(BMC_REC_META, BMC_N_KINDS, load_one, NULL)
			 : 0;
}

void bmc_indexes_done(void)
{
	free(indexes.all);
	indexes.all = NULL;
	indexes.n = indexes.size = 0;
}

/* The lowest that no row of the kind has; 0 when all are assigned. */
static uint32_t lowest_free(enum bmc_kind kind)
{
	static bool taken[BMC_RUN_TIME_ROWS];

	memset(taken, 0, sizeof(taken));
	for (size_t i = 0; i < indexes.n; i++) {
		if (indexes.all[i].kind == kind)
			taken[indexes.all[i].index - BMC_RUN_TIME_INDEX] = true;
	}
	for (uint32_t i = 0; i < BMC_RUN_TIME_ROWS; i++) {
		if (!taken[i])
			return BMC_RUN_TIME_INDEX + i;
	}
	return 0;
}

/* Gives the index of an id that is no more to another, when no free one is left. */
static struct assigned *take_over(enum bmc_kind kind, const char *id)
{
	for (size_t i = 0; i < indexes.n; i++) {
		if (indexes.all[i].kind != kind ||
		    bmc_entry_find(kind, indexes.all[i].id))
			continue;
		(void)bmc_copy(indexes.all[i].id, sizeof(indexes.all[i].id), id);
		return &indexes.all[i];
	}
	return NULL;
}

static void persist(const struct assigned *g)
{
	struct bmc_record r = { .type = BMC_REC_META,
				.kind = g->kind,
				.num = g->index };

	(void)bmc_copy(r.id, sizeof(r.id), g->id);
	(void)bmc_copy(r.field, sizeof(r.field), FIELD_NAME);
	if (bmc_store && bmc_store->write(&r, 1, NULL, NULL) < 0)
		log_warning("%s %s: its index is not stored", bmc_kind(g->kind)->name,
			    g->id);
}

uint32_t bmc_index_for(enum bmc_kind kind, const char *id)
{
	struct assigned *g = NULL;

	for (size_t i = 0; i < indexes.n && !g; i++) {
		if (indexes.all[i].kind == kind && strcmp(indexes.all[i].id, id) == 0)
			return indexes.all[i].index;
	}
	uint32_t index = lowest_free(kind);
	g = index ? add(kind, id, index) : take_over(kind, id);
	if (!g)
		return 0;
	persist(g);
	return g->index;
}
