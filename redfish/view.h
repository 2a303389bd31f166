// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/snapshot/snapshot.h"
#include "redfish/resource.h"

/* A snapshot as a resource sees it: each look-up notes what the answer depends on, so
 * that the cache knows when a body is out of date. For the renderer, the URIs and the
 * cache; files in resources/ see struct rf_view as an opaque type and reach rows only
 * through resource.h's functions, which note the rows' values too. */

#define RF_DEP_ROWS 8

/* What a body was made from: it is right while none of this has changed. */
struct rf_deps {
	uint64_t generation;        /* of the snapshot, or of a later one that fits   */
	bmc_kind_set members;       /* which rows there are of these kinds, their
				       ids, parents and order */
	bmc_kind_set values;        /* the values of all rows of these kinds          */
	uint32_t rows[RF_DEP_ROWS]; /* handles: the values of these rows              */
	uint32_t n_rows;
};

struct rf_view {
	const struct bmc_snapshot *snap; /* borrowed */
	struct rf_deps deps;
};

void rf_view_init(struct rf_view *v, const struct bmc_snapshot *s);

/** All rows of a kind; notes which there are, not their values. */
size_t rf_view_rows(struct rf_view *v, enum bmc_kind kind,
		    const struct bmc_row *const **ret);
/** The rows of a kind whose parent is `handle`; notes which there are. */
size_t rf_view_children(struct rf_view *v, uint32_t handle, enum bmc_kind kind,
			const struct bmc_row *const **ret);
/** The row with this id or handle, or NULL; notes its existence, not its values. */
const struct bmc_row *rf_view_find(struct rf_view *v, enum bmc_kind kind,
				   const char *id);
const struct bmc_row *rf_view_row(struct rf_view *v, uint32_t handle);
/** Notes that the row's values count. */
void rf_view_values(struct rf_view *v, const struct bmc_row *row);

/** Whether a body with these dependencies is right in `s`. A newer body is right for
 * the reader of an older snapshot. */
bool rf_deps_hold(const struct rf_deps *d, const struct bmc_snapshot *s);
