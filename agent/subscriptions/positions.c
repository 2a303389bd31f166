// SPDX-License-Identifier: Apache-2.0
// The numbers of the events that receivers confirmed last, see positions.h. They are
// records of their own, so that a confirmation writes some bytes and not the whole
// subscription with its secrets. The records are numbered places, which are used again:
// there are never more of them.
#include "subscriptions/positions.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/base/util.h"
#include "core/ports/subscriptions.h"
#include "core/snapshot/snapshot.h"
#include "subscriptions/table.h"

#define FIELD "position"

#define SUB_POSITIONS_MAX 64

static struct {
	pthread_mutex_t lock;
	struct place {
		char id[BMC_ID_MAX]; /* "": free */
		uint32_t event;
	} places[SUB_POSITIONS_MAX];
} positions = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* With the lock. */
static struct place *find(const char *id)
{
	for (size_t i = 0; i < SUB_POSITIONS_MAX; i++) {
		if (strcmp(positions.places[i].id, id) == 0)
			return &positions.places[i];
	}
	return NULL;
}

/* A free place or, when there is none, that of the receiver that is furthest behind:
 * receivers that the configuration does not have any more leave places behind. */
static struct place *make(const char *id)
{
	struct place *p = find("");

	for (size_t i = 0; !p && i < SUB_POSITIONS_MAX; i++)
		p = &positions.places[i];
	for (size_t i = 0; *p->id && i < SUB_POSITIONS_MAX; i++) {
		if (positions.places[i].event < p->event)
			p = &positions.places[i];
	}
	*p = (struct place){ .event = 0 };
	(void)bmc_copy(p->id, sizeof(p->id), id);
	return p;
}

static void fill(struct bmc_record *r, const struct place *p)
{
	*r = (struct bmc_record){ .type = BMC_REC_META,
				  .kind = BMC_SUBSCRIPTION,
				  .field = FIELD,
				  .num = p->event };
	(void)snprintf(r->id, sizeof(r->id), "%td", p - positions.places);
	(void)bmc_copy(r->text, sizeof(r->text), p->id);
}

static int load_one(void *arg, const struct bmc_record *r)
{
	unsigned i;

	(void)arg;
	if (r->kind != BMC_SUBSCRIPTION || strcmp(r->field, FIELD) != 0 ||
	    sscanf(r->id, "%3u", &i) != 1 || i >= SUB_POSITIONS_MAX || r->num < 0 ||
	    r->num > UINT32_MAX)
		return 0;
	positions.places[i].event = (uint32_t)r->num;
	(void)bmc_copy(positions.places[i].id, sizeof(positions.places[i].id), r->text);
	return 0;
}

int sub_positions_load(void)
{
	sub_positions_done();
	return bmc_store
		       ? bmc_store->load(BMC_REC_META, BMC_SUBSCRIPTION, load_one, NULL)
		       : BMC_OK;
}

void sub_positions_done(void)
{
	memset(positions.places, 0, sizeof(positions.places));
}

static bool is_known(const char *id, uint32_t *ret)
{
	(void)pthread_mutex_lock(&positions.lock);
	const struct place *p = find(id);
	if (p)
		*ret = p->event;
	(void)pthread_mutex_unlock(&positions.lock);
	return p != NULL;
}

static int put(const char *id, uint32_t event, bmc_store_done *done, void *arg)
{
	struct bmc_record r;

	(void)pthread_mutex_lock(&positions.lock);
	struct place *p = find(id);
	if (!p)
		p = make(id);
	p->event = event;
	fill(&r, p);
	(void)pthread_mutex_unlock(&positions.lock);
	if (!bmc_store || !bmc_store->durable())
		return BMC_ESTATE;
	return bmc_store->write_or_drop(&r, 1, done, arg);
}

void sub_positions_drop(const char *id)
{
	struct bmc_record r;

	(void)pthread_mutex_lock(&positions.lock);
	struct place *p = *id ? find(id) : NULL;
	if (p) {
		*p = (struct place){ .event = 0 };
		fill(&r, p);
	}
	(void)pthread_mutex_unlock(&positions.lock);
	if (p && bmc_store)
		(void)bmc_store->write(&r, 1, NULL, NULL);
}

static bool is_configured(const char *id)
{
	return strncmp(id, BMC_CONFIGURED_PREFIX, strlen(BMC_CONFIGURED_PREFIX)) == 0;
}

static uint32_t newest_event(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);

	return n ? rows[n - 1]->index[0] : 0;
}

uint32_t sub_confirmed_position(const char *id)
{
	uint32_t confirmed;

	if (!is_known(id, &confirmed))
		return is_configured(id) ? newest_event() : sub_position(id);
	return MAX(confirmed, sub_position(id));
}

int sub_confirm(const char *id, uint32_t event, bmc_store_done *done, void *arg)
{
	if (!sub_confirmed(id, event) && !is_configured(id))
		return BMC_ENOTFOUND;
	return put(id, event, done, arg);
}
