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
	int epoll;             /* where inputs tell of edges, with `chip` as data.u64 */
};

/** An input's level after an edge, and when that was, in us of CLOCK_BOOTTIME. */
typedef void priv_edge_fn(void *arg, uint32_t line, int level, int64_t at);

struct priv_line_driver {
	const char *name;
	/** Opens the chip; no line is taken yet. */
	int (*open)(const struct priv_chip_conf *conf, void **ret_self,
		    struct bmc_error *err);
	/** Takes one line that the platform names, as it is: no output changes its
	 * level; an input's edges make conf->epoll ready. One that fails is tried again
	 * when it is used, and is no other line's concern. */
	int (*take)(void *self, const struct bmc_line *line, uint32_t *ret_offset,
		    struct bmc_error *err);
	int (*set)(void *self, uint32_t line, int level, struct bmc_error *err);
	/** 0, 1 or a negative error. */
	int (*get)(void *self, uint32_t line, struct bmc_error *err);
	/** Inputs have no descriptors: edges() is called every PRIV_LOOK_NS. */
	bool polled;
	/** Takes a bounded number of edges that are there; never waits. */
	void (*edges)(void *self, priv_edge_fn *each, void *arg);
	void (*close)(void *self);
};

/** A driver without descriptors is looked at every so often, and one whose lines
 * chatter no more often than that. */
#define PRIV_LOOK_NS INT64_C(5000000)

struct bmc_pinbank;
/** Maps the simulator's file, recreated where it is missing; `conf->chip` is not used.
 */
int priv_simulator_map(const struct priv_chip_conf *conf, struct bmc_pinbank **ret,
		       struct bmc_error *err);

extern const struct priv_line_driver priv_lines_simulator, priv_lines_libgpiod;

/** Microseconds of CLOCK_BOOTTIME. */
int64_t priv_now_us(void);

/** Calls `each` for every line of the chip until it returns non-zero, and returns that.
 */
int priv_chip_lines(const struct bmc_platform *p, uint32_t chip,
		    int (*each)(void *arg, const struct bmc_line *line), void *arg);
