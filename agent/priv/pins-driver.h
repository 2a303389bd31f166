// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/platform/platform.h"

/* One way to reach a chip's lines. Levels are electrical: 1 high, 0 low; what is active
 * is decided above. Called on the helper's only thread. */

struct priv_chip_conf {
	const struct bmc_platform *platform;
	uint32_t chip;         /* position in platform->chips */
	const char *state_dir; /* simulator */
	uid_t uid;             /* the daemon's user: owns the simulator's bank */
};

struct priv_pin_driver {
	const char *name;
	/** Takes all lines of this chip that the platform names, as they are: no level
	 * changes. */
	int (*open)(const struct priv_chip_conf *conf, void **ret_self,
		    struct bmc_error *err);
	int (*set)(void *self, uint32_t line, int level, struct bmc_error *err);
	/** 0, 1 or a negative error. */
	int (*get)(void *self, uint32_t line, struct bmc_error *err);
	void (*close)(void *self);
};

extern const struct priv_pin_driver priv_pins_simulator, priv_pins_libgpiod;

/** Calls `each` for every pin of the chip until it returns non-zero, and returns that.
 */
int priv_chip_pins(const struct bmc_platform *p, uint32_t chip,
		   int (*each)(void *arg, const struct bmc_slot *slot,
			       enum bmc_pin pin),
		   void *arg);
