// SPDX-License-Identifier: Apache-2.0
/* The plugin gpio on the test host: pins and their readings, presence, what each light
 * shows, and how long a button was held. The lines themselves are tested with the
 * helper. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugin-fixture.h"

#define FORCED_LATE 1000 /* more than the plugin waits for a late release */

extern const struct bmc_plugin bmc_plugin_gpio;

static const char platform[] =
	"platform: t\n"
	"chips: [{id: gpio, driver: simulator, lines: 64}]\n"
	"verbs: {power: gpio, reset: gpio, locator: gpio}\n"
	"chassis: [{id: enclosure}]\n"
	"boards:\n"
	"  - {id: main, is_main: true}\n"
	"  - range: {n: 1-20}\n"
	"    id: \"sub{n:02}\"\n"
	"    pins:\n"
	"      - {name: power, chip: gpio, line: \"{n}\"}\n"
	"  - id: sub21\n"
	"    pins:\n"
	"      - {name: reset, chip: gpio, line: 21, active: low, pulse: 200ms}\n"
	"      - {name: locator, chip: gpio, line: 22}\n"
	"fans: [{id: fan1}, {id: fan2}, {id: fan3}]\n"
	"psus: [{id: psu1}]\n"
	"nics: [{id: port1}, {id: port2}]\n"
	"lines:\n"
	"  - {id: power-key, chip: gpio, line: 30, direction: input, role: "
	"button_power, "
	"active: low, debounce: 50ms}\n"
	"  - {id: restart-key, chip: gpio, line: 31, direction: input, role: "
	"button_restart}\n"
	"  - {id: uid-key, chip: gpio, line: 32, direction: input, role: button_uid}\n"
	"  - {id: fan3-in, chip: gpio, line: 33, direction: input, role: presence, "
	"parent: "
	"fan3, active: low}\n"
	"  - {id: led-psu1, chip: gpio, line: 40, direction: output, role: led_power, "
	"parent: psu1}\n"
	"  - {id: led-bmc, chip: gpio, line: 41, direction: output, role: led_bmc}\n"
	"  - {id: led-fan, chip: gpio, line: 42, direction: output, role: led_fan, "
	"about: "
	"\"fan1, fan2\"}\n"
	"  - {id: led-fan-bad, chip: gpio, line: 43, direction: output, role: "
	"led_fan_bad, "
	"about: \"fan1, fan2\", active: low}\n"
	"  - {id: led-uid, chip: gpio, line: 44, direction: output, role: led_uid}\n"
	"  - {id: led-net, chip: gpio, line: 45, direction: output, role: led_net}\n"
	"  - {id: led-net-bad, chip: gpio, line: 46, direction: output, role: "
	"led_net_bad}\n"
	"  - {id: led-lan, chip: gpio, line: 47, direction: output, role: led_lan, "
	"parent: "
	"sub01}\n"
	"  - {id: led-work, chip: gpio, line: 48, direction: output, role: led_work, "
	"parent: sub01}\n"
	"  - {id: buzzer, chip: gpio, line: 49, direction: output, role: buzzer}\n"
	"  - {id: spare, chip: gpio, line: 50, direction: output}\n";

static int set_up(void **state)
{
	const struct fixture_conf conf = { .plugin = &bmc_plugin_gpio,
					   .platform = platform };

	*state = fixture_new(&conf);
	fixture_stop_clock(*state);
	return 0;
}

static int tear_down(void **state)
{
	fixture_free(*state);
	return 0;
}

static bool level(const struct fixture *r, unsigned line)
{
	return atomic_load(&fixture_bank(r)->level[0][line]) != 0;
}

static void set_level(const struct fixture *r, unsigned line, bool high)
{
	atomic_store(&fixture_bank(r)->level[0][line], high);
}

/* ---- pins ---- */

static void power_is_set_read_and_reported(void **state)
{
	struct fixture *r = *state;

	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "sub20")->power_pin, 0);
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub20", "power", 1, 1000), BMC_OK);
	assert_true(level(r, 20));
	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "sub20")->power_pin, 1);
	assert_int_equal(FIXTURE_BOARD(r, "sub19")->power_pin, 0);
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub20", "power", 0, 1000), BMC_OK);
	assert_false(level(r, 20));
	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "sub20")->power_pin, 0);
	assert_null(FIXTURE_BOARD(r, "sub21")); /* has no POWER pin */
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub21", "power", 1, 1000),
			 BMC_ENOTSUP);
}

/* Whoever moved it: each line is looked at again before long. */
static void a_line_that_moved_by_itself_is_seen(void **state)
{
	struct fixture *r = *state;

	fixture_poll(r);
	set_level(r, 17, true);
	for (int i = 0; i < 3; i++)
		fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "sub17")->power_pin, 1);
}

static void reset_is_a_pulse_and_locator_a_level(void **state)
{
	struct fixture *r = *state;

	set_level(r, 21, true);
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub21", "reset", 0, 1000), BMC_OK);
	assert_true(level(r, 21));
	assert_int_equal(atomic_load(&fixture_bank(r)->seq), 2);
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub21", "locator", 1, 1000),
			 BMC_OK);
	assert_true(level(r, 22));
	assert_int_equal(fixture_verb(r, BMC_CHASSIS, "enclosure", "locator", 1, 1000),
			 BMC_OK);
	assert_true(level(r, 44));
	assert_int_equal(fixture_verb(r, BMC_CHASSIS, "enclosure", "locator", 0, 1000),
			 BMC_OK);
	assert_false(level(r, 44));
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub01", "locator", 1, 1000),
			 BMC_ENOTSUP);
	assert_non_null(strstr(fixture_error(r), "sub01 has no locator"));
}

/* ---- presence ---- */

static int64_t fan3_present(const struct fixture *r)
{
	return ((const struct bmc_fan *)fixture_row(r, BMC_FAN, "fan3"))->present;
}

static void presence_follows_its_line(void **state)
{
	struct fixture *r = *state;
	int64_t t = fixture_now(r);

	set_level(r, 33, true); /* active low: absent */
	fixture_poll(r);
	assert_int_equal(fan3_present(r), 0);
	fixture_edge(r, "fan3-in", true, t + 100, 0);
	fixture_serve(r, 200);
	assert_int_equal(fan3_present(r), 1);
	fixture_poll(r); /* what the edge said stands */
	assert_int_equal(fan3_present(r), 1);
}

static void presence_of_a_line_that_is_not_read_is_unknown(void **state)
{
	struct fixture *r = *state;

	fixture_line_fails(r, true);
	fixture_poll(r);
	assert_int_equal(fan3_present(r), BMC_UNKNOWN);
	fixture_line_fails(r, false);
	set_level(r, 33, false);
	fixture_poll(r);
	assert_int_equal(fan3_present(r), 1);
}

/* ---- lights ---- */

static void fan(struct fixture *r, const char *id, enum bmc_health health,
		int64_t present)
{
	fixture_publish(r, BMC_FAN, id, health, &BMC_NUM(bmc_fan, present, present), 1);
}

static void show(struct fixture *r)
{
	fixture_poll(r);
	fixture_serve(r, 100);
}

static void fan_lights_are_green_or_red_and_unknown_is_neither(void **state)
{
	struct fixture *r = *state;

	fan(r, "fan1", BMC_HEALTH_UNKNOWN, BMC_UNKNOWN);
	fan(r, "fan2", BMC_HEALTH_UNKNOWN, BMC_UNKNOWN);
	fan(r, "fan3", BMC_OK_HEALTH, 1);
	show(r);
	assert_true(!level(r, 42) && level(r, 43)); /* red is active low: dark */
	fan(r, "fan1", BMC_OK_HEALTH, 1);
	fan(r, "fan2", BMC_OK_HEALTH, 1);
	show(r);
	assert_true(level(r, 42) && level(r, 43) && !level(r, 49));
	fan(r, "fan2", BMC_CRITICAL, 1);
	show(r);
	assert_true(!level(r, 42) && !level(r, 43));
	fan(r, "fan2", BMC_HEALTH_UNKNOWN, 0); /* absent */
	show(r);
	assert_true(!level(r, 42) && !level(r, 43));
	fan(r, "fan2", BMC_OK_HEALTH, 1);
	fan(r, "fan3", BMC_CRITICAL, 1); /* not one of these lights' */
	show(r);
	assert_true(level(r, 42) && level(r, 43));
}

static void psu_net_and_board_lights_follow_their_rows(void **state)
{
	struct fixture *r = *state;
	const struct bmc_value up = BMC_NUM(bmc_nic, link, BMC_LINK_UP);
	const struct bmc_value down = BMC_NUM(bmc_nic, link, BMC_LINK_DOWN);
	const struct bmc_value linux_ip[] = {
		BMC_NUM(bmc_board, state, BMC_BOARD_LINUX),
		BMC_TXT(bmc_board, ip, "10.0.0.1"),
	};

	show(r);
	assert_true(level(r, 41)); /* BMC: we run */
	assert_false(level(r, 40) || level(r, 45) || level(r, 46) || level(r, 47));
	fixture_publish(r, BMC_PSU, "psu1", BMC_OK_HEALTH,
			&BMC_NUM(bmc_psu, present, 1), 1);
	fixture_publish(r, BMC_NIC, "port1", BMC_OK_HEALTH, &up, 1);
	fixture_publish(r, BMC_NIC, "port2", BMC_OK_HEALTH, &down, 1);
	fixture_publish(r, BMC_BOARD, "sub01", BMC_OK_HEALTH, linux_ip, 2);
	show(r);
	assert_true(level(r, 40) && level(r, 45) && !level(r, 46));
	assert_true(level(r, 47) && level(r, 48));
	fixture_publish(r, BMC_PSU, "psu1", BMC_CRITICAL, NULL, 0);
	fixture_publish(r, BMC_NIC, "port1", BMC_OK_HEALTH, &down, 1);
	fixture_publish(r, BMC_BOARD, "sub01", BMC_OK_HEALTH,
			&BMC_NUM(bmc_board, state, BMC_BOARD_OFFLINE), 1);
	show(r);
	assert_false(level(r, 40) || level(r, 45) || level(r, 47) || level(r, 48));
	assert_true(level(r, 46));
}

/* The times of the sets of one line from the `from`th on. */
static size_t sets_of(const struct fixture *r, const char *line, size_t from,
		      const struct fixture_line_set *ret[], size_t max)
{
	const struct fixture_line_set *s;
	size_t n = 0;

	for (; (s = fixture_line_set(r, from)) && n < max; from++) {
		if (strcmp(s->line, line) == 0)
			ret[n++] = s;
	}
	return n;
}

static void a_failed_fan_beeps_until_it_is_over(void **state)
{
	const struct fixture_line_set *s[8];
	struct fixture *r = *state;
	size_t n;

	fan(r, "fan3", BMC_CRITICAL, 1);
	fixture_poll(r);
	fixture_serve(r, 4900);
	n = sets_of(r, "buzzer", 0, s, 8);
	assert_int_equal(n, 6); /* on, off, on, off, on, and quiet at the end */
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(s[i]->active, i % 2 == 0);
	assert_int_equal(s[1]->at - s[0]->at, 500);
	assert_int_equal(s[2]->at - s[0]->at, 2000);
	assert_int_equal(s[4]->at - s[0]->at, 4000);
	fan(r, "fan3", BMC_OK_HEALTH, 1);
	fixture_poll(r);
	fixture_serve(r, 5000);
	assert_false(level(r, 49));
	assert_int_equal(sets_of(r, "buzzer", 0, s, 8), 6);
}

static void a_board_on_its_way_blinks(void **state)
{
	const struct fixture_line_set *s[8];
	struct fixture *r = *state;

	fixture_publish(r, BMC_BOARD, "sub01", BMC_OK_HEALTH,
			&BMC_NUM(bmc_board, state, BMC_BOARD_LOADER), 1);
	fixture_poll(r);
	fixture_serve(r, 1400);
	assert_int_equal(sets_of(r, "led-work", 0, s, 8), 3);
	assert_int_equal(s[1]->at - s[0]->at, 500);
	assert_int_equal(s[2]->at - s[0]->at, 1000);
}

static void lights_that_stay_are_set_once_and_again_after_a_failure(void **state)
{
	struct fixture *r = *state;
	size_t n;

	fixture_line_fails(r, true);
	show(r);
	n = fixture_line_sets(r);
	assert_int_equal(n, 9 + 1); /* all but UID, and the buzzer is quieted */
	fixture_poll(r);
	fixture_serve(r, 4000);
	assert_int_equal(fixture_line_sets(r), n + 1);
	fixture_line_fails(r, false);
	fixture_serve(r, 6000);
	assert_true(level(r, 41));
	n = fixture_line_sets(r);
	fixture_poll(r);
	fixture_serve(r, 600000);
	assert_int_equal(fixture_line_sets(r), n);
}

/* Nothing is known before the first look: a light that was left on stays on. */
static void a_start_moves_no_light(void **state)
{
	struct fixture *r = *state;

	fixture_serve(r, 1000);
	assert_int_equal(fixture_line_sets(r), 1); /* the buzzer is quieted */
	assert_string_equal(fixture_line_set(r, 0)->line, "buzzer");
}

/* ---- buttons ---- */

struct hold {
	int64_t ms, late;
	enum bmc_press is;
};

static void power_is_judged_by_how_long_it_was_held(void **state)
{
	static const struct hold holds[] = {
		{ 60, 50, BMC_PRESS_POWER },
		{ 2900, 50, BMC_PRESS_POWER },
		{ 2999, 50, BMC_PRESS_POWER },
		{ 3000, 50, BMC_PRESS_POWER_HELD },
		{ 4900, 50, BMC_PRESS_POWER_HELD },
		{ 4999, 200, BMC_PRESS_POWER_HELD }, /* it is known only after 5 s */
		{ 5000, 50, BMC_PRESS_POWER_FORCED },
		{ 60000, 50, BMC_PRESS_POWER_FORCED },
	};
	struct fixture *r = *state;

	for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
		unsigned before = fixture_presses(r, holds[i].is), all = 0;
		int64_t t = fixture_now(r) + 100;

		fixture_edge(r, "power-key", true, t, 50);
		fixture_edge(r, "power-key", false, t + holds[i].ms, holds[i].late);
		fixture_serve(r, holds[i].ms + 2000);
		assert_int_equal(fixture_presses(r, holds[i].is), before + 1);
		for (int p = 0; p < BMC_N_PRESSES; p++)
			all += fixture_presses(r, (enum bmc_press)p);
		assert_int_equal(all, i + 1);
	}
}

static void power_is_cut_while_the_button_is_still_held(void **state)
{
	struct fixture *r = *state;
	int64_t t = fixture_now(r) + 100;

	fixture_edge(r, "power-key", true, t, 50);
	fixture_serve(r, 100 + 4990);
	assert_int_equal(fixture_presses(r, BMC_PRESS_POWER_FORCED), 0);
	fixture_serve(r, FORCED_LATE);
	assert_int_equal(fixture_presses(r, BMC_PRESS_POWER_FORCED), 1);
}

static void the_prompt_sounds_until_the_shutdown_is_sure(void **state)
{
	const struct fixture_line_set *s[8];
	struct fixture *r = *state;
	int64_t t;
	size_t from;

	show(r);
	from = fixture_line_sets(r);
	t = fixture_now(r) + 100;
	fixture_edge(r, "power-key", true, t, 0);
	fixture_edge(r, "power-key", false, t + 4000, 0);
	fixture_serve(r, 5000);
	assert_int_equal(sets_of(r, "buzzer", from, s, 8), 2);
	assert_true(s[0]->active && !s[1]->active);
	assert_int_equal(s[1]->at - t, 3000);
}

static void what_was_read_is_no_press(void **state)
{
	struct fixture *r = *state;
	int64_t t = fixture_now(r);

	fixture_resync(r, "power-key", true, t + 10); /* down at the start */
	fixture_edge(r, "power-key", false, t + 4000, 0);
	fixture_edge(r, "power-key", true, t + 5000, 0);
	fixture_resync(r, "power-key", false, t + 6000); /* its release got lost */
	fixture_resync(r, "uid-key", true, t + 6500);
	fixture_resync(r, "restart-key", true, t + 6600);
	fixture_serve(r, 20000);
	for (int p = 0; p < BMC_N_PRESSES; p++)
		assert_int_equal(fixture_presses(r, (enum bmc_press)p), 0);
}

static void restart_and_uid_act_when_they_are_pressed(void **state)
{
	struct fixture *r = *state;
	int64_t t = fixture_now(r);

	fixture_edge(r, "restart-key", true, t + 10, 0);
	fixture_edge(r, "uid-key", true, t + 20, 0);
	fixture_serve(r, 100);
	assert_int_equal(fixture_presses(r, BMC_PRESS_RESTART), 1);
	assert_int_equal(fixture_presses(r, BMC_PRESS_LOCATOR), 1);
	fixture_edge(r, "restart-key", false, t + 9000, 0);
	fixture_edge(r, "uid-key", false, t + 9000, 0);
	fixture_serve(r, 20000);
	assert_int_equal(fixture_presses(r, BMC_PRESS_RESTART), 1);
	assert_int_equal(fixture_presses(r, BMC_PRESS_LOCATOR), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(power_is_set_read_and_reported),
		T(a_line_that_moved_by_itself_is_seen),
		T(reset_is_a_pulse_and_locator_a_level),
		T(presence_follows_its_line),
		T(presence_of_a_line_that_is_not_read_is_unknown),
		T(fan_lights_are_green_or_red_and_unknown_is_neither),
		T(psu_net_and_board_lights_follow_their_rows),
		T(a_failed_fan_beeps_until_it_is_over),
		T(a_board_on_its_way_blinks),
		T(lights_that_stay_are_set_once_and_again_after_a_failure),
		T(a_start_moves_no_light),
		T(power_is_judged_by_how_long_it_was_held),
		T(power_is_cut_while_the_button_is_still_held),
		T(the_prompt_sounds_until_the_shutdown_is_sure),
		T(what_was_read_is_no_press),
		T(restart_and_uid_act_when_they_are_pressed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
