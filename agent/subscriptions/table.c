// SPDX-License-Identifier: Apache-2.0
// What is secret of each subscription, and how far each has got: see table.h.
#include "subscriptions/table.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "core/base/util.h"

struct entry {
	LIST_ENTRY(entry) link;
	char id[BMC_ID_MAX];
	char *secrets; /* owned */
	uint32_t position, stored;
	bool lasts; /* it is in the database */
};

static struct {
	pthread_mutex_t lock;
	LIST_HEAD(, entry) list;
	uint32_t last; /* index given */
	unsigned max;
} table = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct entry *find(const char *id)
{
	struct entry *e;

	LIST_FOREACH (e, &table.list, link) {
		if (strcmp(e->id, id) == 0)
			break;
	}
	return e;
}

void sub_secrets_drop(char *secrets)
{
	if (secrets)
		bmc_wipe(secrets, strlen(secrets));
	free(secrets);
}

bool sub_add(const char *id, const char *secrets, uint32_t position, bool lasts)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (e && secrets)
		e->secrets = strdup(secrets);
	if (!e || (secrets && !e->secrets)) {
		free(e);
		return false;
	}
	(void)bmc_copy(e->id, sizeof(e->id), id);
	e->position = e->stored = position;
	e->lasts = lasts;
	(void)pthread_mutex_lock(&table.lock);
	LIST_INSERT_HEAD(&table.list, e, link);
	(void)pthread_mutex_unlock(&table.lock);
	return true;
}

void sub_drop(const char *id)
{
	(void)pthread_mutex_lock(&table.lock);
	struct entry *e = find(id);
	if (e)
		LIST_REMOVE(e, link);
	(void)pthread_mutex_unlock(&table.lock);
	if (e)
		sub_secrets_drop(e->secrets);
	free(e);
}

unsigned sub_max(void)
{
	(void)pthread_mutex_lock(&table.lock);
	unsigned max = table.max;
	(void)pthread_mutex_unlock(&table.lock);
	return max;
}

void sub_new_id(char ret[BMC_ID_MAX], uint32_t *ret_index)
{
	(void)pthread_mutex_lock(&table.lock);
	*ret_index = ++table.last;
	(void)pthread_mutex_unlock(&table.lock);
	(void)snprintf(ret, BMC_ID_MAX, "%" PRIu32, *ret_index);
}

char *sub_secrets(const char *id)
{
	char *copy = NULL;

	(void)pthread_mutex_lock(&table.lock);
	const struct entry *e = find(id);
	if (e && e->secrets)
		copy = strdup(e->secrets);
	(void)pthread_mutex_unlock(&table.lock);
	return copy;
}

uint32_t sub_position(const char *id)
{
	(void)pthread_mutex_lock(&table.lock);
	const struct entry *e = find(id);
	uint32_t position = e ? e->position : 0;
	(void)pthread_mutex_unlock(&table.lock);
	return position;
}

void sub_delivered(const char *id, uint32_t event)
{
	(void)pthread_mutex_lock(&table.lock);
	struct entry *e = find(id);
	if (e)
		e->position = MAX(e->position, event);
	(void)pthread_mutex_unlock(&table.lock);
}

bool sub_confirmed(const char *id, uint32_t event)
{
	(void)pthread_mutex_lock(&table.lock);
	struct entry *e = find(id);
	if (e)
		e->position = e->stored = MAX(e->position, event);
	(void)pthread_mutex_unlock(&table.lock);
	return e != NULL;
}

void sub_change(const char *id, const char *secrets, uint32_t position)
{
	char *copy = secrets ? strdup(secrets) : NULL, *before = NULL;

	(void)pthread_mutex_lock(&table.lock);
	struct entry *e = find(id);
	if (e && (copy || !secrets)) {
		before = e->secrets;
		e->secrets = copy;
		copy = NULL;
		e->position = MAX(e->position, position);
	}
	(void)pthread_mutex_unlock(&table.lock);
	sub_secrets_drop(before);
	sub_secrets_drop(copy);
}

void sub_each_moved(void (*each)(const char *id, const char *secrets,
				 uint32_t position))
{
	struct entry *e;

	(void)pthread_mutex_lock(&table.lock);
	LIST_FOREACH (e, &table.list, link) {
		if (!e->lasts || e->position == e->stored)
			continue;
		each(e->id, e->secrets, e->position);
		e->stored = e->position;
	}
	(void)pthread_mutex_unlock(&table.lock);
}

void sub_number_taken(uint32_t number)
{
	(void)pthread_mutex_lock(&table.lock);
	table.last = MAX(table.last, number);
	(void)pthread_mutex_unlock(&table.lock);
}

void sub_init(unsigned max)
{
	(void)pthread_mutex_lock(&table.lock);
	table.last = 0;
	table.max = max;
	(void)pthread_mutex_unlock(&table.lock);
}

void sub_done(void)
{
	while (!LIST_EMPTY(&table.list))
		sub_drop(LIST_FIRST(&table.list)->id);
}
