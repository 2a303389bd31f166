// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Text that others wrote, for a terminal. Pure. */

/** Copies `src`, cut where dst[size] ends. What could lead a terminal or a reader
 * astray (control characters, changes of direction, malformed UTF-8) is '?'. */
void scan_text_copy(char *dst, size_t size, const char *src);

/** Columns of a terminal that `s` takes. */
size_t scan_text_width(const char *s);
