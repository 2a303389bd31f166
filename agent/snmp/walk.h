// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/cursor.h"

/* A place in a table, column by column and in each row by row: the order of names. What
 * net-snmp's handler and the read engine both answer from. SNMP's thread only. */

#define SN_WALK_AHEAD 3

struct sn_walk {
	struct sn_cursor at;
	const struct sn_cell *cells; /* of the kind of the row it is at */
	size_t cell, row;
};

/** At the table's first object. Valid until the snapshot is let go. */
void sn_walk_open(struct sn_walk *w, const struct sn_table *t);

/** At the first object after that name (at it, when inclusive). */
void sn_walk_seek(struct sn_walk *w, const oid *name, size_t len, bool inclusive);

/** Stays where it is, or goes on, to an object that has a value; false at the end. The
 * value borrows from the row. */
bool sn_walk_value(struct sn_walk *w, struct sn_value *ret);

/** Goes on to the next object, with a value or without. Rows are far apart in memory:
 * those behind it are fetched meanwhile. */
static inline void sn_walk_step(struct sn_walk *w)
{
	const struct bmc_field *f = w->cells[w->cell].field;

	if (++w->row + SN_WALK_AHEAD < w->at.n_rows && f) {
		const struct bmc_row *row =
			sn_cursor_row(&w->at, w->row + SN_WALK_AHEAD);
		__builtin_prefetch(row->index);
		__builtin_prefetch((const char *)row + f->offset);
	}
}

/** The name of the object that it is at. */
void sn_walk_name(const struct sn_walk *w, struct sn_oid *ret);

/** The row and cell that a name says, as sn_find. */
const struct bmc_row *sn_walk_find(const struct sn_table *t, const oid *name,
				   size_t len, const struct sn_cell **ret_cell);
