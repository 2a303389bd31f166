// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image/rkfw.h"

/** Reads the RKAF of `size` bytes at `at`, which lie within the source. */
int image_rkaf_read(struct image_source *s, uint64_t at, uint64_t size,
		    struct image_update *ret, struct bmc_error *err);
