// SPDX-License-Identifier: Apache-2.0
// Platform files of every shape: what slots, pins and bindings they become.
#include "conf-test.h"

static struct bmc_config *load(const char *file)
{
	struct bmc_config *c = NULL;
	struct bmc_error err = { 0 };

	if (test_load_platform(test_path(file), &c, &err) < 0)
		fail_msg("%s", err.what);
	return c;
}

static const struct bmc_slot *board(const struct bmc_config *c, const char *id)
{
	const struct bmc_slot *s = bmc_platform_slot(c->platform, BMC_BOARD, id);

	assert_non_null(s);
	return s;
}

static size_t count(const struct bmc_platform *p, enum bmc_kind kind)
{
	return p->first[kind + 1] - p->first[kind];
}

static void assert_index(const struct bmc_slot *s, uint32_t first, uint32_t second)
{
	assert_int_equal(s->index[0], first);
	assert_int_equal(s->index[1], second);
}

static void r1_has_main_and_eleven_boards_without_power_pins(void **state)
{
	struct bmc_config *c = load("conf/platforms/firefly-r1.yaml");
	const struct bmc_platform *p = c->platform;
	const struct bmc_slot *s = board(c, "sub11");

	(void)state;
	assert_int_equal(count(p, BMC_BOARD), 12);
	assert_int_equal(count(p, BMC_BLADE), 0);
	assert_int_equal(count(p, BMC_FAN), 5);
	assert_int_equal(count(p, BMC_PSU), 1);
	assert_int_equal(count(p, BMC_DISK), 1);
	assert_index(s, 0, 11);
	assert_true(s->pins[BMC_PIN_RESET].exists && s->pins[BMC_PIN_RESET].active_low);
	assert_false(s->pins[BMC_PIN_POWER].exists);
	assert_null(bmc_platform_verb(p, s, "power"));
	bmc_config_unref(c);
}

static void r2_has_main_and_nine_blades_of_eight(void **state)
{
	struct bmc_config *c = load("conf/platforms/firefly-r2.yaml");
	const struct bmc_platform *p = c->platform;
	const struct bmc_slot *s = board(c, "sub9-08");

	(void)state;
	assert_int_equal(count(p, BMC_BOARD), 73);
	assert_int_equal(count(p, BMC_BLADE), 9);
	assert_int_equal(count(p, BMC_FAN), 10);
	assert_int_equal(count(p, BMC_PSU), 2);
	assert_int_equal(count(p, BMC_DISK), 3);
	assert_int_equal(count(p, BMC_SENSOR), 73);
	assert_index(s, 9, 8);
	assert_string_equal(s->parent, "blade9");
	assert_int_equal(s->pins[BMC_PIN_POWER].line, 908);
	assert_int_equal(s->pins[BMC_PIN_RESET].pulse_ms, 200);
	assert_string_equal(bmc_conf_text(board(c, "sub7-01")->conf, "soc", ""),
			    "RK3328");
	assert_string_equal(bmc_conf_text(board(c, "sub8-04")->conf, "soc", ""),
			    "RK1808");
	assert_string_equal(bmc_conf_text(board(c, "sub8-05")->conf, "soc", ""),
			    "RK3399");
	assert_int_equal(bmc_conf_num(bmc_platform_slot(p, BMC_PSU, "psu2")->conf,
				      "capacity", 0),
			 1300000);
	bmc_config_unref(c);
}

static void main_takes_no_verb_of_the_chassis(void **state)
{
	struct bmc_config *c = load("conf/platforms/firefly-r2.yaml");
	const struct bmc_slot *s = board(c, "main");

	(void)state;
	assert_true(s->is_main);
	assert_index(s, 0, 0);
	assert_null(bmc_platform_verb(c->platform, s, "power"));
	assert_string_equal(
		bmc_platform_verb(c->platform, board(c, "sub1-01"), "power"),
		"simulator");
	bmc_config_unref(c);
}

static void three_boards_without_blades_or_indexes(void **state)
{
	struct bmc_config *c = load("tests/unit/data/good/three.yaml");
	const struct bmc_platform *p = c->platform;

	(void)state;
	assert_int_equal(p->n_slots, 5);
	assert_index(board(c, "main"), 0, 0);
	assert_index(board(c, "alpha"), 0, 1);
	assert_index(board(c, "gamma"), 0, 3);
	assert_int_equal(board(c, "gamma")->ordinal, 3);
	assert_string_equal(board(c, "beta")->parent, "enclosure");
	assert_false(board(c, "beta")->pins[BMC_PIN_RESET].exists);
	assert_null(bmc_platform_verb(p, board(c, "gamma"), "power"));
	assert_null(bmc_platform_verb(p, board(c, "alpha"), "locator"));
	assert_null(bmc_platform_slot(p, BMC_FAN, "alpha"));
	assert_null(bmc_platform_slot(p, BMC_BOARD, "delta"));
	bmc_config_unref(c);
}

static void seven_boards_in_two_uneven_blades(void **state)
{
	struct bmc_config *c = load("tests/unit/data/good/uneven.yaml");
	const struct bmc_platform *p = c->platform;

	(void)state;
	assert_int_equal(count(p, BMC_BOARD), 7);
	assert_index(board(c, "left-7"), 1, 5);
	assert_index(board(c, "right-2"), 2, 2);
	assert_int_equal(board(c, "right-1")->parent_kind, BMC_BLADE);
	assert_string_equal(bmc_conf_text(board(c, "right-2")->conf, "usb", ""),
			    "2-1.2");
	assert_int_equal(bmc_conf_num(bmc_platform_slot(p, BMC_SENSOR, "inlet")->conf,
				      "high_warning", 0),
			 45500);
	bmc_config_unref(c);
}

static void thousand_boards_from_forty_lines(void **state)
{
	struct bmc_config *c = load("tests/unit/data/good/thousand.yaml");
	const struct bmc_platform *p = c->platform;
	size_t i;

	(void)state;
	assert_int_equal(count(p, BMC_BOARD), 1001);
	assert_int_equal(count(p, BMC_BLADE), 125);
	assert_int_equal(board(c, "sub125-08")->pins[BMC_PIN_RESET].line, 999);
	for (i = 0; i < p->n_slots; i++)
		assert_ptr_equal(bmc_platform_slot(p, p->slots[i].kind, p->slots[i].id),
				 &p->slots[i]);
	bmc_config_unref(c);
}

static void sources_are_ranked_by_field_then_kind_then_default(void **state)
{
	struct bmc_config *c = load("tests/unit/data/good/uneven.yaml");
	const struct bmc_platform *p = c->platform;

	(void)state;
	assert_int_equal(bmc_platform_rank(p, BMC_BOARD, "serial", "simulator", 9), 0);
	assert_int_equal(bmc_platform_rank(p, BMC_BOARD, "serial", "host", 9), 1);
	assert_int_equal(bmc_platform_rank(p, BMC_BOARD, "serial", "usb", 3), 5);
	assert_int_equal(bmc_platform_rank(p, BMC_BOARD, "model", "simulator", 9), 0);
	assert_int_equal(bmc_platform_rank(p, BMC_FAN, "rpm", "host", 2), 3);
	bmc_config_unref(c);
}

static uint64_t digest_of(const char *boards)
{
	char text[512], path[] = "/tmp/clusterbmc-platform-XXXXXX";
	struct bmc_config *c = NULL;
	struct bmc_error err = { 0 };
	int fd = mkstemp(path);
	uint64_t digest;

	assert_true(fd >= 0);
	(void)snprintf(text, sizeof(text),
		       "platform: p\nchassis: [{id: c}]\n"
		       "chips: [{id: g, driver: simulator, lines: 8}]\nboards:\n%s",
		       boards);
	test_write(path, text);
	(void)close(fd);
	if (test_load_platform(path, &c, &err) < 0)
		fail_msg("%s", err.what);
	digest = c->platform->digest;
	bmc_config_unref(c);
	(void)unlink(path);
	return digest;
}

static void digest_changes_with_what_daemon_and_helper_must_agree_on(void **state)
{
	static const char *const others[] = {
		"  - {id: b, pins: [{name: reset, chip: g, line: 1}]}\n",
		"  - {id: a, pins: [{name: power, chip: g, line: 1}]}\n",
		"  - {id: a, pins: [{name: reset, chip: g, line: 2}]}\n",
		"  - {id: a, pins: [{name: reset, chip: g, line: 1, active: low}]}\n",
		"  - {id: a, pins: [{name: reset, chip: g, line: 1, pulse: 1s}]}\n",
		"  - {id: a, index: 7, pins: [{name: reset, chip: g, line: 1}]}\n",
		"  - {id: a, pins: [{name: reset, chip: g, line: 1}]}\n  - {id: b}\n",
	};
	uint64_t digest =
		digest_of("  - {id: a, pins: [{name: reset, chip: g, line: 1}]}\n");
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_not_equal(digest, digest_of(others[i]));
	assert_int_equal(digest,
			 digest_of("  - id: a\n    name: Label\n    usb: 1-2\n"
				   "    pins: [{name: reset, line: 1, chip: g}]\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r1_has_main_and_eleven_boards_without_power_pins),
		cmocka_unit_test(r2_has_main_and_nine_blades_of_eight),
		cmocka_unit_test(main_takes_no_verb_of_the_chassis),
		cmocka_unit_test(three_boards_without_blades_or_indexes),
		cmocka_unit_test(seven_boards_in_two_uneven_blades),
		cmocka_unit_test(thousand_boards_from_forty_lines),
		cmocka_unit_test(sources_are_ranked_by_field_then_kind_then_default),
		cmocka_unit_test(
			digest_changes_with_what_daemon_and_helper_must_agree_on),
	};

	return cmocka_run_group_tests_name("platform", tests, NULL, NULL);
}
