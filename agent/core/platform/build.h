// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/platform/platform.h"

/* Between platform.c and platform-build.c only. */

/** Fills `p`, whose `conf` is set, from it. On error `p` is half-filled: free it. */
int bmc_platform_build(struct bmc_platform *p, struct bmc_error *err);

/** The slot of any kind with this id, or NULL. Needs `by_id` sorted. Borrowed. */
const struct bmc_slot *bmc_platform_find(const struct bmc_platform *p, const char *id);
