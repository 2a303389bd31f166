// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>

/** Runs a program with these words (NULL ends them; found by PATH), nothing on its
 * stdin, and gathers what it writes, messages too: `*ret` is owned, terminated, the
 * newest `max` bytes. After 10 s it is ended. Returns its exit code, or -1: it isn't
 * there or was ended; `*ret` may be NULL then. */
int cli_capture(const char *const *words, size_t max, char **ret);
