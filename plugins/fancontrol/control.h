// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The decision how fast fans turn: no input or output, no clock, no state but what is
 * in struct fan_zone. Temperatures in millidegrees Celsius, duties in 1/1000 percent,
 * times in milliseconds. FAN_NONE is a temperature that nobody knows. */

#define FAN_NONE       INT64_MIN
#define FAN_FULL       100000
#define FAN_POINTS_MAX 16

/** Straight lines between points; flat before the first and after the last. */
struct fan_curve {
	size_t n; /* 0: there is none */
	struct {
		int64_t at, duty;
	} point[FAN_POINTS_MAX];
};

/** Takes "25C=30% 45C=100%": whole degrees that rise, whole percents that do not fall.
 *  False, with the reason: it is no curve. */
bool fan_curve_parse(const char *text, struct fan_curve *ret, const char **ret_why);
/** The duty at a temperature; 0 for FAN_NONE or without a curve. */
int64_t fan_curve_at(const struct fan_curve *c, int64_t temperature);

struct fan_zone_conf {
	struct fan_curve ambient, board;
	int64_t hysteresis; /* a temperature has to fall by so much until it counts as
			       lower */
	int64_t up, down;   /* most change of the duty in a second    */
	int64_t failed;     /* least duty while a fan has failed      */
	int64_t recover; /* a fan counts as failed for so long after it turns again */
};

/** What is known at a moment. */
struct fan_zone_input {
	int64_t now;
	int64_t ambient, board; /* the hottest of each, or FAN_NONE      */
	bool blind;             /* what has to be known is not           */
	bool failed;            /* a fan of the module fails             */
	int64_t manual;         /* duty that users asked for, or FAN_NONE */
};

/** One pwm output. */
struct fan_zone {
	int64_t duty;           /* FAN_FULL at first */
	int64_t ambient, board; /* held by the hysteresis */
	int64_t at, failed_until;
};

void fan_zone_init(struct fan_zone *z);
/** The duty from now on. Full speed, at once: blind; at once at least `failed`: a fan
 * has failed. Beyond a curve's last point users' wishes do not count. */
int64_t fan_zone_step(struct fan_zone *z, const struct fan_zone_conf *c,
		      const struct fan_zone_input *in);
