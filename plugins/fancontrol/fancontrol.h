// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"
#include "control.h"

/* Fan control: looks at what the core has published of all sources, decides with
 * control.c, sets the pwm outputs by the root helper, which goes to full speed by
 * itself when the duty is not set again. readings.c looks, plugin.c does the rest. */

#define FAN_ZONES_MAX 64 /* as the platform file's `pwms` */
#define FAN_FANS_MAX  256

/** A fan of the platform file that says its pwm, and what is published of it. */
struct fan_member {
	char id[BMC_ID_MAX];
	size_t zone;
	int64_t module; /* BMC_UNKNOWN: none */
	bool failed;
	int64_t manual; /* duty that users asked for, or FAN_NONE */
};

struct fan_output {
	char pwm[BMC_ID_MAX];
	const char *boards; /* pattern of those it cools; borrowed */
	struct fan_zone_conf conf;
	struct fan_zone zone;
	bool told; /* that it is blind */
};

struct fancontrol {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	int64_t hold_ms;
	size_t n_outputs, n_fans;
	struct fan_output outputs[FAN_ZONES_MAX];
	struct fan_member fans[FAN_FANS_MAX];
};

/** What is published of the fans: marks them failed and takes users' wishes. */
void fan_look_at_fans(struct fancontrol *f);
/** What is published of temperatures, for one output: fills ambient, board, blind. */
void fan_look_at_temperatures(const struct fancontrol *f, const struct fan_output *o,
			      struct fan_zone_input *ret);
