// SPDX-License-Identifier: Apache-2.0
/* From temperatures to a duty, see control.h. Called by fancontrol.c, and by the test
 * with a model of a chassis. */
#include "control.h"

#include <stdlib.h>
#include <string.h>

#define DEGREES_MAX 150

/* ---- curves ---- */

/* A whole number and its unit. */
static bool take(const char **text, char unit, long max, int64_t *ret)
{
	char *end;
	long n;

	if (**text < '0' || **text > '9')
		return false;
	n = strtol(*text, &end, 10);
	if (*end != unit || n > max)
		return false;
	*text = end + 1;
	*ret = n * 1000;
	return true;
}

static const char *take_point(const char **text, struct fan_curve *c)
{
	size_t n = c->n;

	if (n == FAN_POINTS_MAX)
		return "too many points";
	if (!take(text, 'C', DEGREES_MAX, &c->point[n].at) || *(*text)++ != '=' ||
	    !take(text, '%', 100, &c->point[n].duty))
		return "a point is written 35C=50%";
	if (n && c->point[n].at <= c->point[n - 1].at)
		return "its temperatures have to rise";
	if (n && c->point[n].duty < c->point[n - 1].duty)
		return "its duties must not fall";
	c->n++;
	return NULL;
}

bool fan_curve_parse(const char *text, struct fan_curve *ret, const char **ret_why)
{
	*ret = (struct fan_curve){ 0 };
	*ret_why = NULL;
	for (text += strspn(text, " "); *text && !*ret_why; text += strspn(text, " ")) {
		*ret_why = take_point(&text, ret);
		if (!*ret_why && *text && *text != ' ')
			*ret_why = "points stand between blanks";
	}
	return !*ret_why;
}

int64_t fan_curve_at(const struct fan_curve *c, int64_t t)
{
	size_t i = 0;

	if (c->n == 0 || t == FAN_NONE)
		return 0;
	while (i < c->n && t >= c->point[i].at)
		i++;
	if (i == 0)
		return c->point[0].duty;
	if (i == c->n)
		return c->point[c->n - 1].duty;
	return c->point[i - 1].duty + (c->point[i].duty - c->point[i - 1].duty) *
					      (t - c->point[i - 1].at) /
					      (c->point[i].at - c->point[i - 1].at);
}

/* ---- a zone ---- */

void fan_zone_init(struct fan_zone *z)
{
	*z = (struct fan_zone){
		.duty = FAN_FULL, .ambient = FAN_NONE, .board = FAN_NONE, .at = FAN_NONE
	};
}

/* Follows a rise at once, a fall at a distance. */
static int64_t held(int64_t before, int64_t now, int64_t hysteresis)
{
	if (now == FAN_NONE || before == FAN_NONE || now > before)
		return now;
	return now < before - hysteresis ? now + hysteresis : before;
}

static bool beyond(const struct fan_curve *c, int64_t t)
{
	return c->n && t != FAN_NONE && t >= c->point[c->n - 1].at;
}

static int64_t wanted(const struct fan_zone *z, const struct fan_zone_conf *c,
		      const struct fan_zone_input *in)
{
	int64_t ambient = fan_curve_at(&c->ambient, z->ambient);
	int64_t board = fan_curve_at(&c->board, z->board);
	int64_t automatic = ambient > board ? ambient : board;

	if (in->manual == FAN_NONE)
		return automatic;
	if (beyond(&c->ambient, z->ambient) || beyond(&c->board, z->board))
		return in->manual > automatic ? in->manual : automatic;
	return in->manual;
}

static int64_t ramped(const struct fan_zone *z, const struct fan_zone_conf *c,
		      int64_t want, int64_t ms)
{
	int64_t up = z->duty + c->up * ms / 1000, down = z->duty - c->down * ms / 1000;

	if (want > up)
		return up;
	return want < down ? down : want;
}

int64_t fan_zone_step(struct fan_zone *z, const struct fan_zone_conf *c,
		      const struct fan_zone_input *in)
{
	int64_t ms = z->at == FAN_NONE ? 0 : in->now - z->at;

	z->at = in->now;
	z->ambient = held(z->ambient, in->ambient, c->hysteresis);
	z->board = held(z->board, in->board, c->hysteresis);
	if (in->failed)
		z->failed_until = in->now + c->recover;
	z->duty = in->blind ? FAN_FULL : ramped(z, c, wanted(z, c, in), ms);
	if (in->now < z->failed_until && z->duty < c->failed)
		z->duty = c->failed;
	return z->duty;
}
