// SPDX-License-Identifier: Apache-2.0
/* Settings with a time limit: through the action API, on hardware. What outlives a
 * restart is in test-inventory-store. */
#include "action-fixture.h"

#include "core/actions/actions.h"
#include "core/model/field.h"

static struct bmc_action set_for(enum bmc_kind kind, const char *id, const char *field,
				 int64_t num, int64_t duration_ms)
{
	struct bmc_action act = {
		.op = BMC_ACT_SET, .kind = kind, .num = num, .duration_ms = duration_ms
	};

	act.field = bmc_field_find(kind, field);
	(void)bmc_copy(act.id, sizeof(act.id), id);
	return act;
}

static int submit(struct bmc_action act)
{
	struct bmc_result result;

	return fixture_submit(&fixture_admin, &act, 1, &result);
}

static int locator_for(int64_t on, int64_t duration_ms)
{
	return submit(set_for(BMC_BOARD, "sub1-01", "locator", on, duration_ms));
}

static int64_t low_rpm(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();

	return ((const struct bmc_fan *)bmc_snapshot_find(s, BMC_FAN, "fan1"))->low_rpm;
}

static bool locator_is_off(void *arg)
{
	(void)arg;
	return !fixture->boards[1].locator && fixture_row("sub1-01")->locator == 0;
}

static bool low_rpm_is(void *arg)
{
	return low_rpm() == *(int64_t *)arg;
}

static unsigned set_by_time(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);
	unsigned found = 0;

	for (size_t i = 0; i < n; i++) {
		const struct bmc_event *e = (const struct bmc_event *)rows[i];
		found += strcmp(e->type, "SettingChanged") == 0 &&
			 strcmp(e->args[2], "its time limit") == 0;
	}
	return found;
}

static void a_light_goes_out_by_itself(void **state)
{
	int64_t begin = bmc_now();

	(void)state;
	assert_int_equal(locator_for(1, 1000), 0);
	fixture_pass(100);
	assert_int_equal(fixture->boards[1].locator, 1);
	assert_int_equal(fixture_row("sub1-01")->locator, 1);
	assert_true(fixture_until(locator_is_off, NULL));
	assert_true(bmc_now() - begin >= 1000);
	fixture_pass(50);
	assert_int_equal(set_by_time(), 1);
	assert_int_equal(fixture->n_settings, 0);
}

/* What was set for good is in force again, also on the hardware. */
static void the_lasting_setting_comes_back(void **state)
{
	int64_t lasting = 700;

	(void)state;
	assert_int_equal(submit(set_for(BMC_FAN, "fan1", "low_rpm", 700, 0)), 0);
	assert_int_equal(submit(set_for(BMC_FAN, "fan1", "low_rpm", 800, 1000)), 0);
	fixture_pass(50);
	assert_int_equal(low_rpm(), 800);
	assert_true(fixture_until(low_rpm_is, &lasting));
	assert_int_equal(locator_for(1, 0), 0);
	assert_int_equal(locator_for(0, 1000), 0);
	fixture_pass(50);
	assert_int_equal(fixture->boards[1].locator, 0);
	for (int i = 0; i < 100 && !fixture->boards[1].locator; i++)
		fixture_pass(50);
	assert_int_equal(fixture->boards[1].locator, 1);
}

/* The same value, but one that stays: the limit is gone. */
static void setting_it_for_good_ends_the_limit(void **state)
{
	(void)state;
	assert_int_equal(locator_for(1, 1000), 0);
	assert_true(bmc_setting_limited(BMC_BOARD, "sub1-01",
					bmc_field_find(BMC_BOARD, "locator")));
	assert_int_equal(locator_for(1, 0), 0);
	assert_false(bmc_setting_limited(BMC_BOARD, "sub1-01",
					 bmc_field_find(BMC_BOARD, "locator")));
	fixture_pass(1500);
	assert_int_equal(fixture->boards[1].locator, 1);
	assert_int_equal(set_by_time(), 0);
}

/* Prolonged while it is on: what comes after is what was before the first. */
static void a_limit_can_be_prolonged(void **state)
{
	int64_t begin = bmc_now();

	(void)state;
	assert_int_equal(locator_for(1, 1000), 0);
	fixture_pass(300);
	assert_int_equal(locator_for(1, 2000), 0);
	assert_true(fixture_until(locator_is_off, NULL));
	assert_true(bmc_now() - begin >= 2300);
}

static bool fan_is_manual(void *arg)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row = bmc_snapshot_find(s, BMC_FAN, "fan1");

	return (((const struct bmc_fan *)row)->mode == BMC_FAN_MANUAL) == *(bool *)arg;
}

/* What no frontend can say: the configuration's limit. The mode Automatic stays, and so
 * does what is set for another time. */
static void a_fan_set_by_hand_goes_back_by_itself(void **state)
{
	bool manual = true, automatic = false;
	int64_t begin = bmc_now();

	(void)state;
	bmc_actions_limit_manual_fans(1500);
	assert_int_equal(submit(set_for(BMC_FAN, "fan1", "mode", BMC_FAN_MANUAL, 0)),
			 0);
	assert_true(fixture_until(fan_is_manual, &manual));
	assert_true(fixture_until(fan_is_manual, &automatic));
	assert_in_range(bmc_now() - begin, 1500, 60000);
	assert_int_equal(submit(set_for(BMC_FAN, "fan1", "mode", BMC_FAN_AUTOMATIC, 0)),
			 0);
	assert_false(
		bmc_setting_limited(BMC_FAN, "fan1", bmc_field_find(BMC_FAN, "mode")));
	bmc_actions_limit_manual_fans(0);
	assert_int_equal(submit(set_for(BMC_FAN, "fan1", "mode", BMC_FAN_MANUAL, 0)),
			 0);
	assert_true(fixture_until(fan_is_manual, &manual));
	assert_false(
		bmc_setting_limited(BMC_FAN, "fan1", bmc_field_find(BMC_FAN, "mode")));
}

static void a_limit_has_bounds(void **state)
{
	const int64_t most = INT64_C(30) * 86400000;

	(void)state;
	assert_int_equal(locator_for(1, -1), BMC_ERANGE);
	assert_int_equal(locator_for(1, 999), BMC_ERANGE);
	assert_int_equal(locator_for(1, most + 1), BMC_ERANGE);
	assert_non_null(strstr(fixture_error.what, "1 second to 30 days"));
	assert_int_equal(locator_for(1, most), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_light_goes_out_by_itself),
		T(the_lasting_setting_comes_back),
		T(setting_it_for_good_ends_the_limit),
		T(a_limit_can_be_prolonged),
		T(a_fan_set_by_hand_goes_back_by_itself),
		T(a_limit_has_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
