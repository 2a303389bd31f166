// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "snmp/value.h"

/* Rows of a table that has an index function: not all rows of its kind, not in their
 * order. SNMP's thread only. */

struct sn_picked {
	const struct bmc_row *row; /* of the pinned snapshot */
	uint32_t index[SN_INDEX_MAX];
};

/** The table's rows in the order of their indexes; of two with the same index, one.
 * Borrowed, until the next call. */
size_t sn_pick(const struct sn_table *t, const struct sn_picked **ret);

/** Position of the first of them whose index is above (or, `same`, equal to) the `n`
 * numbers. */
size_t sn_pick_seek(const struct sn_table *t, const struct sn_picked *all, size_t count,
		    const oid *index, size_t n, bool same);
