// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "update/prepared.h"
#include "update/store.h"
#include "update/watch.h"

/* Checking a stored image: all its bytes, all sums in it, its signature, the policy. */

/** Checks `s` and, when all is well, makes what a job uses of it (the caller's
 * reference). One check at a time: others wait. BMC_ECORRUPT, BMC_ENOTSUP, BMC_EPERM
 * (the policy; with `refused_too` that is only noted of it), BMC_ECANCELED. Any thread
 * but main. */
int upd_check(struct upd_stored *s, struct upd_watch *watch, bool refused_too,
	      struct bmc_prepared **ret, struct bmc_error *err);
