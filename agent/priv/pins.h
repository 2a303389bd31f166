// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/platform/platform.h"
#include "priv/proto.h"

/* All output lines of the platform, held open by the helper, and the pulses under way.
 * The helper's only thread. Times are nanoseconds of CLOCK_MONOTONIC. */

struct priv_pins;

struct priv_pins_conf {
	const struct bmc_platform *platform;
	const char *state_dir;
	uid_t uid;
	/** A pulse that was started by `request` (never 0) has ended. */
	void (*ended)(void *arg, uint64_t request, const struct bmc_error *err);
	void *arg;
};

/** Takes the lines as they are and brings pulses to rest that a killed helper left
 * behind. A chip that can't be opened is logged and tried again when it is used. */
int priv_pins_new(const struct priv_pins_conf *conf, struct priv_pins **ret,
		  struct bmc_error *err);
/** Brings all pulses to rest at once. Accepts and returns NULL. */
struct priv_pins *priv_pins_free(struct priv_pins *p);

/** See priv_jobs_epoch, priv_jobs_cookie. */
int priv_pins_epoch(struct priv_pins *p, uint64_t epoch, struct bmc_error *err);
uint64_t priv_pins_cookie(const struct priv_pins *p);

int priv_pins_set(struct priv_pins *p, const struct priv_pin *pin,
		  struct bmc_error *err);
/** 0: nothing to do (done before); 1: begun, `ended` is called with `request` later. */
int priv_pins_pulse(struct priv_pins *p, const struct priv_pin *pin, uint64_t request,
		    struct bmc_error *err);
/** 1 active, 0 not. */
int priv_pins_read(struct priv_pins *p, const struct priv_pin *pin,
		   struct bmc_error *err);
bool priv_pins_was_pulsed(const struct priv_pins *p, uint64_t job);

int64_t priv_pins_now(void);
/** When the next pulse ends, INT64_MAX when none is under way. */
int64_t priv_pins_next(const struct priv_pins *p);
/** Their `request` is nobody's any more: `ended` is called with 0. */
void priv_pins_disown(struct priv_pins *p);
/** Ends the pulses that are due. */
void priv_pins_expire(struct priv_pins *p);
