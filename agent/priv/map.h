// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "bmc/error.h"

/** Opens (makes, where it is missing, no plain file of exactly `size` bytes or linked
 *  elsewhere) a file below a folder that the daemon's user may write: never follows a
 * link and never writes into a file of another owner. Returns a descriptor, `*ret_new`
 * says whether it is all zeros now. `owner` (uid_t)-1: stays the helper's. */
int priv_open_fixed(const char *path, size_t size, uid_t owner, bool *ret_new,
		    struct bmc_error *err);
