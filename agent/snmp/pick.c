// SPDX-License-Identifier: Apache-2.0
/* Tables with an index function: their rows are picked out of the pinned snapshot for
 * each request. Such tables are short (the network interfaces of one machine). Called
 * by the reading half of the handler. */
#include "snmp/pick.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"

static struct sn_picked *picked;
static size_t room;

static int by_index(const void *a, const void *b)
{
	const struct sn_picked *x = a, *y = b;

	for (size_t i = 0; i < SN_INDEX_MAX; i++) {
		if (x->index[i] != y->index[i])
			return x->index[i] < y->index[i] ? -1 : 1;
	}
	return 0;
}

static bool make_room(size_t n)
{
	if (n <= room)
		return true;
	struct sn_picked *more = reallocarray(picked, n, sizeof(*more));
	if (!more) {
		log_limited(LOG_WARNING, "snmp: out of memory for a table");
		return false;
	}
	picked = more;
	room = n;
	return true;
}

static size_t drop_repeated(size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		if (left == 0 || by_index(&picked[left - 1], &picked[i]) != 0)
			picked[left++] = picked[i];
	}
	return left;
}

size_t sn_pick(const struct sn_table *t, const struct sn_picked **ret)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), t->kind, &rows), found = 0;

	*ret = picked;
	if (!make_room(n))
		return 0;
	for (size_t i = 0; i < n; i++) {
		struct sn_picked *p = &picked[found];
		*p = (struct sn_picked){ .row = rows[i] };
		found += t->index_of(rows[i], p->index);
	}
	*ret = picked;
	if (found)
		qsort(picked, found, sizeof(*picked), by_index);
	return drop_repeated(found);
}

/* As a name's numbers are compared: the shorter of two that begin alike comes first. */
static int compare(const struct sn_picked *p, size_t have, const oid *index, size_t n)
{
	for (size_t i = 0; i < MIN(have, n); i++) {
		if (p->index[i] != index[i])
			return p->index[i] < index[i] ? -1 : 1;
	}
	return have == n ? 0 : have < n ? -1 : 1;
}

size_t sn_pick_seek(const struct sn_table *t, const struct sn_picked *all, size_t count,
		    const oid *index, size_t n, bool same)
{
	size_t i = 0;

	while (i < count && compare(&all[i], t->n_index, index, n) < (same ? 0 : 1))
		i++;
	return i;
}
