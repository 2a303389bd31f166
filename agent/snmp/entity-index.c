// SPDX-License-Identifier: Apache-2.0
/* Which entPhysicalIndex belongs to what, see entity-index.h. Called by entity.c. */
#include "snmp/entity-index.h"

#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/ports/store.h"
#include "snmp/engine.h"

#define FIELD_PREFIX "entity."
#define BATCH        64 /* records of one transaction */

struct assigned {
	enum bmc_kind kind;
	uint32_t index;
	char id[BMC_ID_MAX];
	char part[24];
};

static struct {
	void *tree; /* of struct assigned */
	uint32_t last;
	struct bmc_record *batch; /* BATCH of them */
	size_t n_batch;
	_Atomic uint32_t stored;
} indexes;

static int compare(const void *a, const void *b)
{
	const struct assigned *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	int order = strcmp(x->id, y->id);
	return order ? order : strcmp(x->part, y->part);
}

static struct assigned *put(enum bmc_kind kind, const char *id, const char *part,
			    uint32_t index)
{
	struct assigned *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->kind = kind;
	a->index = index;
	bmc_copy(a->id, sizeof(a->id), id);
	bmc_copy(a->part, sizeof(a->part), part);
	struct assigned **at = tsearch(a, &indexes.tree, compare);
	if (at && *at == a)
		return a;
	free(a);
	return at ? *at : NULL;
}

static int load_one(void *arg, const struct bmc_record *r)
{
	size_t n = strlen(FIELD_PREFIX);

	(void)arg;
	if (strncmp(r->field, FIELD_PREFIX, n) != 0 || r->num < 1 || r->num > INT32_MAX)
		return 0;
	indexes.last = MAX(indexes.last, (uint32_t)r->num);
	return put(r->kind, r->id, r->field + n, (uint32_t)r->num) ? 0 : BMC_ENOMEM;
}

int sn_entity_indexes_load(void)
{
	int r = bmc_store ? bmc_store->load(BMC_REC_META, BMC_N_KINDS, load_one, NULL)
			  : 0;

	indexes.stored = indexes.last;
	return r;
}

void sn_entity_indexes_done(void)
{
	tdestroy(indexes.tree, free);
	free(indexes.batch);
	indexes.tree = NULL;
	indexes.batch = NULL;
	indexes.n_batch = 0;
	indexes.last = 0;
}

uint32_t sn_entity_index_find(enum bmc_kind kind, const char *id, const char *part)
{
	struct assigned key = { .kind = kind };

	bmc_copy(key.id, sizeof(key.id), id);
	bmc_copy(key.part, sizeof(key.part), part);
	struct assigned **at = tfind(&key, &indexes.tree, compare);
	return at ? (*at)->index : 0;
}

static void note(const struct assigned *a)
{
	if (!indexes.batch)
		indexes.batch = calloc(BATCH, sizeof(*indexes.batch));
	if (!indexes.batch)
		return;
	struct bmc_record *r = &indexes.batch[indexes.n_batch++];
	*r = (struct bmc_record){ .type = BMC_REC_META,
				  .kind = a->kind,
				  .num = a->index };
	bmc_copy(r->id, sizeof(r->id), a->id);
	(void)snprintf(r->field, sizeof(r->field), FIELD_PREFIX "%s", a->part);
	if (indexes.n_batch == BATCH)
		sn_entity_indexes_store();
}

uint32_t sn_entity_index_assign(enum bmc_kind kind, const char *id, const char *part)
{
	uint32_t index = sn_entity_index_find(kind, id, part);

	if (index)
		return index;
	if (indexes.last >= SN_ENTITY_INDEXES) {
		log_limited(LOG_WARNING, "snmp: no entPhysicalIndex is left for %s",
			    id);
		return 0;
	}
	const struct assigned *a = put(kind, id, part, indexes.last + 1);
	if (!a)
		return 0;
	indexes.last++;
	note(a);
	return a->index;
}

/* On the main thread. What can't be stored is shown all the same: the agent runs
 * without its state then, and says so. */
static void on_stored(void *arg, int code)
{
	uint32_t index = (uint32_t)(uintptr_t)arg;

	if (code < 0)
		log_limited(LOG_WARNING,
			    "snmp: entPhysicalIndex up to %u is not stored", index);
	if (index > indexes.stored)
		indexes.stored = index;
	sn_wake();
}

void sn_entity_indexes_store(void)
{
	size_t n = indexes.n_batch;

	if (!n)
		return;
	indexes.n_batch = 0;
	uint32_t up_to = (uint32_t)indexes.batch[n - 1].num;
	if (!bmc_store)
		indexes.stored = up_to;
	else if (bmc_store->write(indexes.batch, n, on_stored,
				  (void *)(uintptr_t)up_to) < 0)
		on_stored((void *)(uintptr_t)up_to, BMC_EAGAIN);
}

uint32_t sn_entity_indexes_stored(void)
{
	return indexes.stored;
}
