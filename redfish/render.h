// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/resource.h"

/* Parts of the renderer that resources with a function of their own use too. */

#define RF_HASH_START 0xcbf29ce484222325U

/** FNV-1a over more bytes: for ETags and buckets, not against an attacker. */
uint64_t rf_hash(uint64_t h, const char *text, size_t len);
/** A link to a row's resource (new reference), or NULL when it has none. */
json_t *rf_link_row(struct rf_render *r, const struct rf_resource *res,
		    const struct bmc_row *row);
/** ResetType's words for a mask of bmc_action_allowed, a new array. */
json_t *rf_reset_words(uint32_t allowed);
