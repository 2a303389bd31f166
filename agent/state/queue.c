// SPDX-License-Identifier: Apache-2.0
// Transactions on their way to the database: copies of records, and lists of them.
// Called by state.c; locks are its business.
#include "state/queue.h"

#include <string.h>

#include "core/base/util.h"

struct state_txn *state_txn_free(struct state_txn *t)
{
	if (t)
		free(t->call);
	free(t);
	return NULL;
}

static size_t row_size(const struct bmc_record *r)
{
	return r->type == BMC_REC_ROW ? bmc_kind(r->kind)->size : 0;
}

/* Rows first, they want to be aligned; sizes of rows are multiples of their alignment.
 */
static void copy_records(struct state_txn *t, const struct bmc_record *records)
{
	char *p = (char *)&t->records[t->n];

	for (size_t i = 0; i < t->n; i++) {
		struct bmc_record *r = &t->records[i];

		*r = records[i];
		if (!row_size(r))
			continue;
		(void)bmc_copy(r->id, sizeof(r->id), r->row->id);
		r->row = memcpy(p, r->row, row_size(r));
		p += row_size(r);
	}
	for (size_t i = 0; i < t->n; i++) {
		struct bmc_record *r = &t->records[i];

		if (!r->secret)
			continue;
		r->secret = memcpy(p, r->secret, strlen(r->secret) + 1);
		p += strlen(r->secret) + 1;
	}
}

struct state_txn *state_txn_new(const struct bmc_record *records, size_t n,
				bmc_store_done *done, void *arg)
{
	size_t size = sizeof(struct state_txn) + n * sizeof(records[0]);
	struct state_txn *t;

	for (size_t i = 0; i < n; i++)
		size += row_size(&records[i]) +
			(records[i].secret ? strlen(records[i].secret) + 1 : 0);
	t = calloc(1, size);
	if (!t)
		return NULL;
	t->size = size;
	t->n = n;
	copy_records(t, records);
	if (!done)
		return t;
	t->call = calloc(1, sizeof(*t->call));
	if (!t->call)
		return state_txn_free(t);
	*t->call = (struct state_call){ .done = done, .arg = arg };
	return t;
}

void state_txns_init(struct state_txns *l)
{
	*l = (struct state_txns){ .tail = &l->head };
}

void state_txns_add(struct state_txns *l, struct state_txn *t)
{
	t->next = NULL;
	*l->tail = t;
	l->tail = &t->next;
	l->n++;
	l->bytes += t->size;
}

struct state_txn *state_txns_pop(struct state_txns *l)
{
	struct state_txn *t = l->head;

	if (!t)
		return NULL;
	l->head = t->next;
	if (!l->head)
		l->tail = &l->head;
	l->n--;
	l->bytes -= t->size;
	return t;
}

void state_txns_clear(struct state_txns *l)
{
	for (struct state_txn *t = state_txns_pop(l); t; t = state_txns_pop(l))
		state_txn_free(t);
}

void state_txns_move(struct state_txns *to, struct state_txns *from)
{
	for (struct state_txn *t = state_txns_pop(from); t; t = state_txns_pop(from))
		state_txns_add(to, t);
}
