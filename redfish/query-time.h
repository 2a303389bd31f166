// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** Whether `text` is a time of RFC 3339 ("2026-08-21T10:00:00.5+02:00"), and the
 *  milliseconds since 1970 that it stands for. Any thread. */
bool rf_query_time(const char *text, int64_t *ret_ms);
