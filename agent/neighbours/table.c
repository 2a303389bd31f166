// SPDX-License-Identifier: Apache-2.0
// See table.h.
#include "neighbours/table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/util.h"

/* At one of its addresses; the other may have come later. */
static bool is_same(const struct scan_device *a, const struct scan_device *b)
{
	return strcasecmp(a->root.uuid, b->root.uuid) == 0 &&
	       ((a->ipv4[0] && strcmp(a->ipv4, b->ipv4) == 0) ||
		(a->ipv6[0] && strcmp(a->ipv6, b->ipv6) == 0));
}

static void take(struct neighbour_table *t, const struct scan_device *d, int64_t now)
{
	size_t i = 0;

	while (i < t->n && !is_same(&t->list[i].is, d))
		i++;
	if (i == NEIGHBOURS_MAX)
		return;
	t->list[i] = (struct neighbour){ .is = *d, .seen = now };
	t->n = MAX(t->n, i + 1);
}

static int order(const void *a, const void *b)
{
	const struct scan_device *x = &((const struct neighbour *)a)->is,
				 *y = &((const struct neighbour *)b)->is;
	int r = strverscmp(x->root.name, y->root.name);

	if (!r)
		r = strverscmp(x->ipv4, y->ipv4);
	return r ? r : strcmp(x->ipv6, y->ipv6);
}

void neighbour_table_take(struct neighbour_table *t, const struct scan_list *found,
			  const char *self, int64_t now)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct scan_device *d = &found->devices[i];
		if (d->answers && strcasecmp(d->root.uuid, self) != 0)
			take(t, d, now);
	}
	qsort(t->list, t->n, sizeof(t->list[0]), order);
}

void neighbour_table_age(struct neighbour_table *t, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (now - t->list[i].seen < NEIGHBOURS_KEPT_MS)
			t->list[n++] = t->list[i];
	}
	t->n = n;
}
