// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdio.h>
#include <time.h>

/* A tar archive of files from memory (POSIX.1-2001 pax's ustar format). */

/** Adds a file, mode 0600; 0, or -1: it could not be written. `name` has at most 99
 * bytes. */
int cli_tar_add(FILE *to, const char *name, const void *bytes, size_t n, time_t when);
/** The end of the archive; 0 or -1. */
int cli_tar_end(FILE *to);
