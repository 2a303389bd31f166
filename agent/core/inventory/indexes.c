// SPDX-License-Identifier: Apache-2.0
/* Indexes of rows that instances make at run time: given once, then the same for the
 * same id for ever, also after a restart. Used by the queue of puts when it makes a
 * row. */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/inventory/entries.h"
#include "core/ports/store.h"

#define FIELD_NAME "index"

struct given {
	enum bmc_kind kind;
	uint32_t index;
	char id[BMC_ID_MAX];
};

static struct given *given;
static size_t n_given, given_size;

static struct given *add(enum bmc_kind kind, const char *id, uint32_t index)
{
	if (n_given == given_size) {
		size_t size = given_size ? given_size * 2 : 32;
		struct given *g = realloc(given, size * sizeof(*g));
		if (!g)
			return NULL;
		given = g;
		given_size = size;
	}
	struct given *g = &given[n_given++];
	*g = (struct given){ .kind = kind, .index = index };
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
	free(given);
	given = NULL;
	n_given = given_size = 0;
}

/* The lowest that nobody of the kind has; 0 when all are given. */
static uint32_t lowest_free(enum bmc_kind kind)
{
	static bool taken[BMC_RUN_TIME_ROWS];

	memset(taken, 0, sizeof(taken));
	for (size_t i = 0; i < n_given; i++) {
		if (given[i].kind == kind)
			taken[given[i].index - BMC_RUN_TIME_INDEX] = true;
	}
	for (uint32_t i = 0; i < BMC_RUN_TIME_ROWS; i++) {
		if (!taken[i])
			return BMC_RUN_TIME_INDEX + i;
	}
	return 0;
}

/* Gives the index of an id that is no more to another, when no free one is left. */
static struct given *take_over(enum bmc_kind kind, const char *id)
{
	for (size_t i = 0; i < n_given; i++) {
		if (given[i].kind != kind || bmc_entry_find(kind, given[i].id))
			continue;
		(void)bmc_copy(given[i].id, sizeof(given[i].id), id);
		return &given[i];
	}
	return NULL;
}

static void keep(const struct given *g)
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
	struct given *g = NULL;

	for (size_t i = 0; i < n_given && !g; i++) {
		if (given[i].kind == kind && strcmp(given[i].id, id) == 0)
			return given[i].index;
	}
	uint32_t index = lowest_free(kind);
	g = index ? add(kind, id, index) : take_over(kind, id);
	if (!g)
		return 0;
	keep(g);
	return g->index;
}
