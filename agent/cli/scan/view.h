// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/scan/options.h"

/** Shows what is found on the terminal, until the user ends it; an enum scan_exit. */
int scan_view(const struct scan_command *c);
