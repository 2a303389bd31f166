// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/value.h"

/* The rows of a table in the order of their indexes, over the pinned snapshot. Rows of
 * one kind that are shown under their own numbers are in that order already and are
 * found in place; for all other tables the order is made once for each snapshot that is
 * asked. SNMP's thread only. */

struct sn_ordered {
	const struct bmc_row *row;
	struct sn_subids index;
};

struct sn_cursor {
	const struct sn_table *table;
	const struct sn_oid *prefix;
	size_t n_rows;
	const struct bmc_row *const *rows; /* in place, or: */
	const struct sn_ordered *ordered;
};

/** Valid until the snapshot is let go. */
void sn_cursor_open(const struct sn_table *t, struct sn_cursor *c);

/** Position of the first row whose index is above (or, `same`, equal to) these
 *  sub-identifiers; n_rows: there is none. O(log n). */
size_t sn_cursor_seek(const struct sn_cursor *c, const oid *ids, size_t n, bool same);

/** The row with exactly this index, or NULL. Of a group of scalars the index is 0. */
const struct bmc_row *sn_cursor_find(const struct sn_cursor *c, const oid *ids,
				     size_t n);

/** The row at a position below n_rows. */
static inline const struct bmc_row *sn_cursor_row(const struct sn_cursor *c, size_t i)
{
	return c->ordered ? c->ordered[i].row : c->rows[i];
}

/** The index of that row, borrowed; its number of sub-identifiers. */
size_t sn_cursor_index(const struct sn_cursor *c, size_t i, const uint32_t **ret);

/** Writes the index of that row to the end of a name. */
void sn_cursor_name(const struct sn_cursor *c, size_t i, struct sn_oid *name);

/** The order of two struct sn_ordered by their indexes, for qsort. */
int sn_ordered_compare(const void *a, const void *b);

/** Drops what has been made of snapshots. When the thread has ended. */
void sn_cursors_done(void);
