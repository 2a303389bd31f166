// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

/* One function a target, as libFuzzer and AFL++ want it: any bytes, always 0, no leak,
 * no state that the next call sees. main.c runs it over the seeds in `make check`. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How many variants of each seed `make check` takes where the environment does not say.
 */
extern unsigned fuzz_variants;
