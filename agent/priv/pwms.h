// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/platform/platform.h"
#include "priv/proto.h"

/* Speed outputs of fans, named by their ordinal in the platform file. Their fail-safe
 * is full speed: at the helper's start and end, when the peer is gone, and when a duty
 * was not set again in the time that it was given for. The helper's only thread. */

struct priv_pwms;

#define PRIV_DUTY_FULL 100000 /* in 1/1000 percent */
#define PRIV_HOLD_MIN  500u   /* ms */
#define PRIV_HOLD_MAX  3600000u

struct priv_pwms_conf {
	const struct bmc_platform *platform;
	const char *state_dir;
	uid_t uid;
};

/** Finds the outputs and sets them to full. One that is missing is logged and looked
 * for again when it is used. */
int priv_pwms_new(const struct priv_pwms_conf *conf, struct priv_pwms **ret,
		  struct bmc_error *err);
/** Sets all to full. Accepts and returns NULL. */
struct priv_pwms *priv_pwms_free(struct priv_pwms *p);

/** Sets a duty for `hold_ms` at most. */
int priv_pwms_set(struct priv_pwms *p, const struct priv_pwm *pwm,
		  struct bmc_error *err);
/** The duty that the hardware has now, in 1/1000 percent. */
int priv_pwms_read(struct priv_pwms *p, uint32_t pwm, struct bmc_error *err);
/** Sets all to full: the peer is gone. */
void priv_pwms_release(struct priv_pwms *p);

/** When the next hold ends, in the time of priv_now(), INT64_MAX for never. */
int64_t priv_pwms_next(const struct priv_pwms *p);
void priv_pwms_step(struct priv_pwms *p);
