// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/view.h"

/* URIs of rows' resources and back: see resource.h. For the machinery; all borrowed. */

/** Whether the row has this resource; notes the row's values if that depends on them.
 */
bool rf_exists(struct rf_view *v, const struct rf_resource *res,
	       const struct bmc_row *row);
/** The row itself or its nearest ancestor of `kind` (BMC_N_KINDS: board, blade or
 *  chassis), or NULL. A manager holds everything. */
const struct bmc_row *rf_ancestor(struct rf_view *v, const struct bmc_row *row,
				  enum bmc_kind kind);
/** Calls `each` for the rows of `kind` for which rf_ancestor(..., container_kind) finds
 *  `container`, by the snapshot's index of children; a chassis' and a manager's are
 *  searched for among all. */
void rf_each_below(struct rf_view *v, const struct bmc_row *container,
		   enum bmc_kind container_kind, enum bmc_kind kind,
		   void (*each)(void *arg, const struct bmc_row *row), void *arg);
/** Writes the URI of a row's resource. False: it has none. */
bool rf_uri(const struct rf_resource *res, struct rf_view *v, const struct bmc_row *row,
	    char ret[RF_URI_MAX]);
/** Whether the row's resource `member` is a member of the collection with this URI. */
bool rf_is_member(const struct rf_resource *member, struct rf_view *v,
		  const struct bmc_row *row, const char *collection);
