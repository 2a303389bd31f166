// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>
#include <stdlib.h>

/** What a test allows at most, in whatever unit, where programs are emulated: so many
 * times more as CLUSTERBMC_SLOWER says, 1 to 1000. Unset or odd: 1. */
static inline int64_t slower(int64_t limit)
{
	const char *text = getenv("CLUSTERBMC_SLOWER");
	long factor = text ? strtol(text, NULL, 10) : 1;

	return limit * (factor >= 1 && factor <= 1000 ? factor : 1);
}
