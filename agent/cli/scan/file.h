// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

/** Puts `text` into the file `path`, in whose place the new one is at once. False:
 * errno says why, and the old one is as it was. */
bool scan_file_write(const char *path, const char *text);
