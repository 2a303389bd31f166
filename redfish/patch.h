// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/** Puts what `body` (borrowed) sets at q->res and q->row into `acts`, up to `max`, and
 * checks it as far as it can be checked without doing it; messages say what is refused.
 * What is no setting (a password, the clock ...) is refused too. Returns how many there
 * are. */
size_t rf_patch_actions(struct rf_request *q, const json_t *body,
			struct bmc_action *acts, size_t max);

/** A PATCH of a resource and of others below it ("URI.Deep", DSP0266, "Deep
 * operations"): each of them is an object with its @odata.id in the body. All of it is
 * done, or nothing. */
int rf_patch_deep(struct rf_request *q);

#define RF_DEEP_LEVELS_MAX  3   /* the body's own depth is bounded, too: input.c */
#define RF_DEEP_TARGETS_MAX 128 /* resources */
#define RF_DEEP_ACTIONS_MAX 256 /* settings */
