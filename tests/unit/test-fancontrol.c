// SPDX-License-Identifier: Apache-2.0
/* The decision of fan control: curves at, below and above each point, ramps,
 * hysteresis, failures, and a model of a chassis that has to settle. The plugin over
 * the whole way, with the helper and sysfs, is in tests/integration/test_sensors.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../plugins/fancontrol/control.h"

static struct fan_curve curve(const char *text)
{
	struct fan_curve c;
	const char *why;

	assert_true(fan_curve_parse(text, &c, &why));
	assert_null(why);
	return c;
}

static const char *refusal(const char *text)
{
	struct fan_curve c;
	const char *why = NULL;

	assert_false(fan_curve_parse(text, &c, &why));
	assert_non_null(why);
	return why;
}

/* ---- curves ---- */

static void a_curve_is_straight_between_its_points_and_flat_beyond(void **state)
{
	struct fan_curve c = curve("20C=25% 30C=40%  45C=100%");

	(void)state;
	assert_int_equal(c.n, 3);
	assert_int_equal(fan_curve_at(&c, -40000), 25000);
	assert_int_equal(fan_curve_at(&c, 19999), 25000);
	assert_int_equal(fan_curve_at(&c, 20000), 25000);
	assert_int_equal(fan_curve_at(&c, 20001), 25001);
	assert_int_equal(fan_curve_at(&c, 25000), 32500);
	assert_int_equal(fan_curve_at(&c, 29999), 39998);
	assert_int_equal(fan_curve_at(&c, 30000), 40000);
	assert_int_equal(fan_curve_at(&c, 30001), 40004);
	assert_int_equal(fan_curve_at(&c, 44999), 99996);
	assert_int_equal(fan_curve_at(&c, 45000), 100000);
	assert_int_equal(fan_curve_at(&c, 200000), 100000);
	assert_int_equal(fan_curve_at(&c, FAN_NONE), 0);
	c = curve("");
	assert_int_equal(fan_curve_at(&c, 50000), 0);
	c = curve("50C=70%");
	assert_int_equal(fan_curve_at(&c, 49000), 70000);
	assert_int_equal(fan_curve_at(&c, 50000), 70000);
}

static void what_is_no_curve_is_refused(void **state)
{
	static const char *const bad[] = {
		"20=25%",
		"20C=25",
		"20C 25%",
		"C=25%",
		"20C=25%30C=40%",
		"20C=101%",
		"151C=10%",
		"-1C=10%",
		"20C=25% 20C=30%",
		"30C=25% 20C=30%",
		"20C=25% 30C=24%",
		"x",
		"20C=25%,30C=40%",
		"99999999999999999999C=1%",
		"20C=",
		"20C=25% 30",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(refusal(bad[i]));
	assert_string_equal(refusal("30C=25% 30C=30%"),
			    "its temperatures have to rise");
	assert_string_equal(refusal("1C=1% 2C=1% 3C=1% 4C=1% 5C=1% 6C=1% 7C=1% 8C=1% "
				    "9C=1% 10C=1% 11C=1% 12C=1% 13C=1% 14C=1% 15C=1% "
				    "16C=1% 17C=1%"),
			    "too many points");
}

static void ten_thousand_texts_are_curves_or_not(void **state)
{
	static const char alphabet[] = "0123456789C=% ";
	struct fan_curve c;
	const char *why;
	char text[60];

	(void)state;
	srandom(9);
	for (int i = 0; i < 10000; i++) {
		size_t len = (size_t)random() % (sizeof(text) - 1);

		for (size_t k = 0; k < len; k++)
			text[k] = alphabet[(size_t)random() % (sizeof(alphabet) - 1)];
		text[len] = '\0';
		if (!fan_curve_parse(text, &c, &why))
			continue;
		for (int64_t t = -10000; t < 160000; t += 5000)
			assert_in_range(fan_curve_at(&c, t), 0, FAN_FULL);
	}
}

/* ---- a zone ---- */

static struct fan_zone_conf conf_of(void)
{
	return (struct fan_zone_conf){
		.ambient = curve("20C=25% 30C=40% 40C=70% 45C=100%"),
		.board = curve("50C=25% 65C=40% 80C=80% 85C=100%"),
		.hysteresis = 2000,
		.up = 10000,
		.down = 1000,
		.failed = 90000,
		.recover = 60000,
	};
}

/* `s` seconds of this. */
static int64_t run(struct fan_zone *z, const struct fan_zone_conf *c,
		   struct fan_zone_input *in, int s)
{
	int64_t duty = z->duty;

	for (int i = 0; i < s; i++) {
		in->now += 1000;
		duty = fan_zone_step(z, c, in);
	}
	return duty;
}

static struct fan_zone_input cool(void)
{
	return (struct fan_zone_input){
		.now = 1000, .ambient = 20000, .board = 40000, .manual = FAN_NONE
	};
}

static void duties_change_by_ramps(void **state)
{
	struct fan_zone_conf c = conf_of();
	struct fan_zone_input in = cool();
	struct fan_zone z;

	(void)state;
	fan_zone_init(&z);
	assert_int_equal(fan_zone_step(&z, &c, &in), FAN_FULL);
	assert_int_equal(run(&z, &c, &in, 1), 99000);
	assert_int_equal(run(&z, &c, &in, 73), 26000);
	assert_int_equal(run(&z, &c, &in, 1), 25000);
	assert_int_equal(run(&z, &c, &in, 10), 25000);
	in.board = 80000;
	assert_int_equal(run(&z, &c, &in, 1), 35000);
	assert_int_equal(run(&z, &c, &in, 4), 75000);
	assert_int_equal(run(&z, &c, &in, 1), 80000);
	in.ambient = 45000; /* the higher of both */
	assert_int_equal(run(&z, &c, &in, 2), 100000);
}

static void a_fall_counts_beyond_the_hysteresis_only(void **state)
{
	struct fan_zone_conf c = conf_of();
	struct fan_zone_input in = cool();
	struct fan_zone z;

	(void)state;
	fan_zone_init(&z);
	in.ambient = 30000;
	assert_int_equal(run(&z, &c, &in, 100), 40000);
	in.ambient = 28001;
	assert_int_equal(run(&z, &c, &in, 10), 40000);
	in.ambient = 28000;
	assert_int_equal(run(&z, &c, &in, 10), 40000);
	in.ambient = 27000;
	assert_int_equal(run(&z, &c, &in, 10), 38500);
	in.ambient = 28999;
	assert_int_equal(run(&z, &c, &in, 10), 38500);
	in.ambient = 30000;
	assert_int_equal(run(&z, &c, &in, 10), 40000);
}

static void without_temperatures_it_is_full_speed_at_once(void **state)
{
	struct fan_zone_conf c = conf_of();
	struct fan_zone_input in = cool();
	struct fan_zone z;

	(void)state;
	fan_zone_init(&z);
	assert_int_equal(run(&z, &c, &in, 100), 25000);
	in.blind = true;
	in.ambient = FAN_NONE;
	assert_int_equal(run(&z, &c, &in, 1), FAN_FULL);
	in.manual = 30000; /* not even by hand */
	assert_int_equal(run(&z, &c, &in, 1), FAN_FULL);
	in = (struct fan_zone_input){
		.now = in.now, .ambient = 20000, .board = 40000, .manual = FAN_NONE
	};
	assert_int_equal(run(&z, &c, &in, 1), 99000);
}

static void a_failed_fan_speeds_up_its_partners_at_once_and_for_a_while(void **state)
{
	struct fan_zone_conf c = conf_of();
	struct fan_zone_input in = cool();
	struct fan_zone z;

	(void)state;
	fan_zone_init(&z);
	assert_int_equal(run(&z, &c, &in, 100), 25000);
	in.failed = true;
	assert_int_equal(run(&z, &c, &in, 1), 90000);
	in.failed = false;
	assert_int_equal(run(&z, &c, &in, 59), 90000);
	assert_int_equal(run(&z, &c, &in, 1), 89000);
	in.failed = true;
	in.board = 85000; /* never less than the temperatures ask for */
	assert_int_equal(run(&z, &c, &in, 5), 100000);
	in.manual = 30000;
	in.board = 40000;
	assert_int_equal(run(&z, &c, &in, 200), 90000);
}

static void users_decide_unless_it_is_too_hot(void **state)
{
	struct fan_zone_conf c = conf_of();
	struct fan_zone_input in = cool();
	struct fan_zone z;

	(void)state;
	fan_zone_init(&z);
	in.manual = 30000;
	assert_int_equal(run(&z, &c, &in, 100), 30000);
	in.board = 84999;
	assert_int_equal(run(&z, &c, &in, 100), 30000);
	in.board = 85000;
	assert_int_equal(run(&z, &c, &in, 10), 100000);
	in.board = 60000;
	assert_int_equal(run(&z, &c, &in, 100), 30000);
	in.manual = 100000;
	assert_int_equal(run(&z, &c, &in, 10), 100000);
	in.manual = FAN_NONE;
	assert_int_equal(run(&z, &c, &in, 200), 37000); /* 62 C held */
}

/* ---- a chassis ---- */

/* A heap of aluminium with boards on it, an inertia of the air flow and a thermometer
 * that lags, rounds and is noisy. */
struct plant {
	double watts, ambient, heat, flow, shown;
};

static void plant_second(struct plant *p, int64_t duty)
{
	double noise = (double)(random() % 601 - 300) / 1000;

	p->flow += ((double)duty / FAN_FULL - p->flow) / 3;
	p->heat += (p->watts - (1.5 + 14 * p->flow) * (p->heat - p->ambient)) / 600;
	p->shown += (p->heat + noise - p->shown) / 4;
}

struct swing {
	int64_t low, high;
	double hottest;
	unsigned turns; /* changes of direction */
};

static struct swing hour(struct plant *p, struct fan_zone *z,
			 const struct fan_zone_conf *c, int64_t *now)
{
	struct swing s = { .low = FAN_FULL };
	int64_t last = z->duty;
	int direction = 0;

	for (int i = 0; i < 3600; i++) {
		struct fan_zone_input in = {
			.now = *now += 1000,
			.ambient = (int64_t)(p->ambient * 1000),
			.board = (int64_t)(p->shown * 2) * 500,
			.manual = FAN_NONE,
		};
		int64_t duty = fan_zone_step(z, c, &in);
		int turn = (duty > last) - (duty < last);

		plant_second(p, duty);
		s.low = duty < s.low ? duty : s.low;
		s.high = duty > s.high ? duty : s.high;
		s.hottest = p->heat > s.hottest ? p->heat : s.hottest;
		s.turns += turn && direction && turn != direction;
		direction = turn ? turn : direction;
		last = duty;
	}
	return s;
}

static void the_chassis_settles_at_every_load(void **state)
{
	static const double loads[] = { 100, 250, 400, 550, 400, 100 };
	struct fan_zone_conf c = conf_of();
	struct plant p = { .ambient = 25, .heat = 25, .flow = 1, .shown = 25 };
	struct fan_zone z;
	int64_t now = 0;

	(void)state;
	srandom(4);
	fan_zone_init(&z);
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		struct swing s;

		p.watts = loads[i];
		(void)hour(&p, &z, &c, &now);
		s = hour(&p, &z, &c, &now);
		print_message("# %3.0f W: duty %.1f to %.1f %%, %u turns, %.1f C\n",
			      p.watts, (double)s.low / 1000, (double)s.high / 1000,
			      s.turns, s.hottest);
		assert_true(s.high - s.low <= 4000);
		assert_true(s.turns <= 60);
		assert_true(s.hottest < 80);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_curve_is_straight_between_its_points_and_flat_beyond),
		cmocka_unit_test(what_is_no_curve_is_refused),
		cmocka_unit_test(ten_thousand_texts_are_curves_or_not),
		cmocka_unit_test(duties_change_by_ramps),
		cmocka_unit_test(a_fall_counts_beyond_the_hysteresis_only),
		cmocka_unit_test(without_temperatures_it_is_full_speed_at_once),
		cmocka_unit_test(
			a_failed_fan_speeds_up_its_partners_at_once_and_for_a_while),
		cmocka_unit_test(users_decide_unless_it_is_too_hot),
		cmocka_unit_test(the_chassis_settles_at_every_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
