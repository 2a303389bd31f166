// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* Repeatable randomness: the same seed gives the same chassis and the same noise. */

struct sim_random {
	uint64_t state;
};

/** Starts anew; any seed is good, also 0. */
static inline void sim_random_seed(struct sim_random *r, uint64_t seed)
{
	r->state = seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
	if (r->state == 0)
		r->state = 1;
}

/** 0 .. 2^32-1 (xorshift64*, Vigna 2016). */
static inline uint32_t sim_random_next(struct sim_random *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return (uint32_t)((r->state * 0x2545f4914f6cdd1du) >> 32);
}

/** low .. high, both included. */
static inline int64_t sim_random_in(struct sim_random *r, int64_t low, int64_t high)
{
	return low + (int64_t)(sim_random_next(r) % (uint64_t)(high - low + 1));
}
