// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/platform/platform.h"

/* Between platform.c, build.c and lines.c only. */

/** Fills `p`, whose `conf` is set, from it. On error `p` is half-filled: free it. */
int bmc_platform_build(struct bmc_platform *p, struct bmc_error *err);

/* What is under construction. */
struct bmc_platform_build {
	struct bmc_platform *p;
	struct bmc_error *err;
};

/** Takes the id of an entry, or fails with its line. */
int bmc_platform_take_id(const struct bmc_platform_build *b,
			 const struct bmc_conf *conf, char dst[BMC_ID_MAX]);
/** Number of entries of a list, which may be NULL. */
size_t bmc_platform_count(const struct bmc_conf *list);
/* Where an entry's line is. */
struct bmc_platform_place {
	uint32_t chip, line;
	const char *line_name; /* borrowed, or NULL */
};

/** Takes chip and line of an entry; the chip has to be in `chips`, the offset on it. */
int bmc_platform_place(const struct bmc_platform_build *b, const struct bmc_conf *conf,
		       struct bmc_platform_place *ret);
/** lines.c: fills lines, pwms and storage, after slots and pins; no chip and
 * line twice. */
int bmc_platform_build_lines(const struct bmc_platform_build *b);

/** The slot of any kind with this id, or NULL. Needs `by_id` sorted. Borrowed. */
const struct bmc_slot *bmc_platform_find(const struct bmc_platform *p, const char *id);
