// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

/** umockdev works by a preloaded library. Starts this program again below its wrapper,
 * with the environment variable `mark` set; there: true. False: it isn't installed,
 * which was said in TAP. `leaks`: LeakSanitizer looks for leaks, which glib's worker
 * leaves. Before the first thread. */
bool below_umockdev(char **argv, const char *mark, bool leaks);
