// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/view.h"

/* The inside of the renderer, for the cache and for what answers. */

struct rf_render {
	struct rf_view *view;
	const struct rf_resource *res;
	const struct bmc_row *row; /* may be NULL */
	const char *uri;
	size_t skip, top;  /* of a collection's members */
	const char *more;  /* what the link to the next page keeps; NULL: nothing */
	uint64_t settings; /* out: hash of what PATCH can set */
	char *members; /* out: of a collection with RF_INLINE, as text; owned, see below
			*/
};

/** The resource as a new JSON object (without its ETag), or NULL when out of memory. Of
 * a collection with RF_INLINE the members are text in `r->members` (free() it), without
 *  their brackets, and "Members" is empty: as a tree they would take ten times that. */
json_t *rf_render(struct rf_render *r);
/** The same for a body that is not kept: a row's resource without pages. */
json_t *rf_render_once(const struct bmc_snapshot *s, const struct rf_resource *res,
		       const struct bmc_row *row, const char *uri);
/** "A[]" without a value and "A[0]/B" without B still show an empty A. */
void rf_put_nothing(json_t *root, const char *path);
