// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "neighbours/neighbours.h"

/* The agents that searches have found, and when. Pure; `now` is a BMC_TIME. */

struct neighbour_table {
	struct neighbour list[NEIGHBOURS_MAX]; /* by name, then address */
	size_t n;
};

/** Adds what a search has found, or renews it. What did not answer, is `self` (a UUID),
 * or has no room any more, is left out. */
void neighbour_table_take(struct neighbour_table *t, const struct scan_list *found,
			  const char *self, int64_t now);
/** Drops those that were not seen for NEIGHBOURS_KEPT_MS. */
void neighbour_table_age(struct neighbour_table *t, int64_t now);
