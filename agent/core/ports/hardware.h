// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* What only root may do, as the core sees it. agent/priv/client.c implements it over the
 * socket to clusterbmc-priv. Boards are named by their position in the platform file
 * (from 0), which the helper reads for itself. All calls wait for the helper's answer up
 * to `deadline` (BMC_TIME) and may be made from any thread but main. */

struct bmc_hardware_ops {
	/** `job` names the step: a repeat with the same number is answered, not done again. */
	int (*pin_set)(uint64_t job, uint32_t board, enum bmc_pin pin, bool active,
	               int64_t deadline, struct bmc_error *err);
	int (*pin_pulse)(uint64_t job, uint32_t board, enum bmc_pin pin, int64_t deadline,
	                 struct bmc_error *err);
	int (*pin_read)(uint32_t board, enum bmc_pin pin, int64_t deadline, struct bmc_error *err);
	/** 1: the pulse with this number was done (the helper remembers the last 4,096);
	 *  0: it was not; BMC_ENOTFOUND: the helper has been restarted since, can't know. */
	int (*pin_was_pulsed)(uint64_t job, int64_t deadline, struct bmc_error *err);
	int (*smart)(unsigned dev_major, unsigned dev_minor, struct bmc_smart *ret,
	             int64_t deadline, struct bmc_error *err);
	/** Sets the machine's clock, in milliseconds since 1970. BMC_EPERM where the helper's
	 *  configuration does not allow it. */
	int (*clock_set)(int64_t wall_ms, int64_t deadline, struct bmc_error *err);
};

/** Set once by the helper client's init; NULL: no helper, pins answer BMC_ENOTSUP. */
extern const struct bmc_hardware_ops *bmc_hardware;
