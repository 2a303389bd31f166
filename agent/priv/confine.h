// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"

/** Gives up, for this process and all that it starts, what no operation of the helper
 * needs: capabilities (when it has any), rights from set-user-ID programs, and system
 * calls that reach into other processes, the kernel or mounts. Done by the helper
 * itself so that it holds without a service manager too; the unit adds what only that
 * can do. Once, before anything is read. Not to be undone. */
int priv_confine(struct bmc_error *err);
