// SPDX-License-Identifier: Apache-2.0
/* The field tables agree with the structs, and rows are read and written through them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "core/platform/platform.h"
#include "core/snapshot/build.h"

static void every_kind_begins_with_the_common_fields(void **state)
{
	(void)state;
	for (int k = 0; k < BMC_N_KINDS; k++) {
		const struct bmc_kind_desc *d = bmc_kind((enum bmc_kind)k);
		assert_int_equal(d->kind, k);
		assert_int_equal(bmc_kind_find(d->name), k);
		assert_string_equal(d->fields[0].name, "id");
		assert_string_equal(d->fields[1].name, "status");
		assert_string_equal(d->fields[2].name, "health");
	}
	assert_int_equal(bmc_kind_find("teapot"), BMC_N_KINDS);
	assert_null(bmc_kind(BMC_N_KINDS));
}

/* What a kind is like is said by its flags; these say the same elsewhere. */
static void flags_agree_with_the_rest_of_a_kind(void **state)
{
	(void)state;
	for (int k = 0; k < BMC_N_KINDS; k++) {
		enum bmc_kind kind = (enum bmc_kind)k;
		const struct bmc_kind_desc *d = bmc_kind(kind);
		bool list = false;

		for (const struct bmc_name *n = bmc_platform_lists; n->word; n++)
			list |= n->value == k;
		assert_int_equal(bmc_kind_is(kind, BMC_KIND_SLOT), list);
		assert_int_equal(bmc_kind_is(kind, BMC_KIND_PLUGGABLE),
				 bmc_field_find(kind, "present") != NULL);
		if (!bmc_kind_is(kind, BMC_KIND_HARDWARE)) {
			assert_false(d->flags & ~(unsigned)BMC_KIND_PUT);
			assert_int_equal(d->level, 0);
			continue;
		}
		assert_true(d->flags & BMC_KIND_PUT);
		assert_true(d->flags & (BMC_KIND_SLOT | BMC_KIND_RUN_TIME));
		assert_in_range(d->level, k == BMC_CHASSIS ? 0 : 1, 5);
	}
	assert_true(bmc_kind_is(BMC_DISK, BMC_KIND_RUN_TIME | BMC_KIND_SLOT));
	assert_false(bmc_kind_is(BMC_BOARD, BMC_KIND_RUN_TIME | BMC_KIND_SLOT));
	assert_true(bmc_kind_is(BMC_MANAGER, BMC_KIND_PUT));
	assert_false(bmc_kind_is(BMC_TASK, BMC_KIND_PUT));
	assert_false(bmc_kind_is(BMC_N_KINDS, 0));
}

static void check_field(const struct bmc_kind_desc *d, const struct bmc_field *f)
{
	static const size_t sizes[] = { [BMC_INT] = 8,
					[BMC_COUNTER] = 8,
					[BMC_BOOL] = 8,
					[BMC_TIME] = 8,
					[BMC_REF] = 4 };

	assert_true(f->offset + f->size <= d->size);
	assert_ptr_equal(bmc_field_find(d->kind, f->name), f);
	assert_ptr_equal(bmc_field_at(d->kind, f->offset), f);
	assert_true(strspn(f->name, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
		    strlen(f->name));
	assert_true(f->doc[strlen(f->doc) - 1] == '.');
	assert_int_equal(f->type == BMC_ENUM, f->names != NULL);
	if (f->type < ARRAY_SIZE(sizes) && sizes[f->type])
		assert_int_equal(f->size, sizes[f->type]);
	if (f->flags & BMC_SETTING)
		assert_true(f->max > f->min);
	assert_false((f->flags & BMC_SETTING) && (f->flags & BMC_DERIVED));
	assert_true(!f->verb || (f->flags & BMC_SETTING));
}

static void every_field_agrees_with_its_struct(void **state)
{
	(void)state;
	for (int k = 0; k < BMC_N_KINDS; k++) {
		const struct bmc_kind_desc *d = bmc_kind((enum bmc_kind)k);
		for (size_t i = 0; i < d->n_fields; i++)
			check_field(d, &d->fields[i]);
	}
	assert_null(bmc_field_at(BMC_FAN, 100000));
	assert_null(bmc_field_at(BMC_N_KINDS, 0));
	assert_null(bmc_field_at(BMC_FAN, offsetof(struct bmc_fan, rpm) + 1));
	assert_null(bmc_field_find(BMC_FAN, "wings"));
}

static void a_new_row_knows_nothing(void **state)
{
	union bmc_any_row any;

	(void)state;
	for (int k = 0; k < BMC_N_KINDS; k++) {
		const struct bmc_kind_desc *d = bmc_kind((enum bmc_kind)k);
		bmc_row_clear(&any.row, (enum bmc_kind)k);
		for (size_t i = 0; i < d->n_fields; i++)
			assert_false(bmc_field_known(&any.row, &d->fields[i]));
	}
}

static void what_is_set_is_read_back(void **state)
{
	union bmc_any_row any, other;
	const struct bmc_field *rpm = bmc_field_find(BMC_FAN, "rpm");
	const struct bmc_field *name = bmc_field_find(BMC_FAN, "name");
	const struct bmc_field *health = bmc_field_find(BMC_FAN, "health");

	(void)state;
	bmc_row_clear(&any.row, BMC_FAN);
	bmc_row_clear(&other.row, BMC_FAN);
	assert_true(bmc_field_set(&any.row, rpm, 1200, NULL));
	assert_false(bmc_field_set(&any.row, rpm, 1200, NULL));
	assert_int_equal(bmc_field_num(&any.row, rpm), 1200);
	assert_false(bmc_field_equal(&any.row, &other.row, rpm));
	assert_string_equal(bmc_field_text(&any.row, rpm), "");
	assert_true(bmc_field_set(&any.row, name, 0, "front"));
	assert_false(bmc_field_set(&any.row, name, 0, "front"));
	assert_string_equal(bmc_field_text(&any.row, name), "front");
	assert_int_equal(bmc_field_num(&any.row, name), BMC_UNKNOWN);
	assert_false(bmc_field_equal(&any.row, &other.row, name));
	assert_true(bmc_field_set(&any.row, name, 0, NULL));
	assert_true(bmc_field_equal(&any.row, &other.row, name));
	assert_true(bmc_field_set(&any.row, health, BMC_WARNING, NULL));
	assert_true(bmc_field_known(&any.row, health));
	assert_true(bmc_field_set(&any.row, health, BMC_UNKNOWN, NULL));
	assert_int_equal(any.row.health, BMC_HEALTH_UNKNOWN);
}

static void a_reference_is_a_handle_of_32_bits(void **state)
{
	union bmc_any_row any;
	const struct bmc_field *target = bmc_field_find(BMC_TASK, "target");

	(void)state;
	bmc_row_clear(&any.row, BMC_TASK);
	assert_true(bmc_field_set(&any.row, target, BMC_HANDLE(BMC_BOARD, 7), NULL));
	assert_int_equal(any.task.target, BMC_HANDLE(BMC_BOARD, 7));
	assert_int_equal(bmc_field_num(&any.row, target), BMC_HANDLE(BMC_BOARD, 7));
}

static void a_sensors_unit_is_that_of_its_type(void **state)
{
	union bmc_any_row any;
	const struct bmc_field *value = bmc_field_find(BMC_SENSOR, "value");
	const struct bmc_field *type = bmc_field_find(BMC_SENSOR, "type");

	(void)state;
	bmc_row_clear(&any.row, BMC_SENSOR);
	assert_int_equal(bmc_field_unit(&any.row, value), BMC_UNIT_NONE);
	(void)bmc_field_set(&any.row, type, BMC_SENSOR_VOLTAGE, NULL);
	assert_int_equal(bmc_field_unit(&any.row, value), BMC_UNIT_MILLIVOLT);
	any.sensor.type = 99;
	assert_int_equal(bmc_field_unit(&any.row, value), BMC_UNIT_NONE);
	bmc_row_clear(&any.row, BMC_FAN);
	assert_int_equal(bmc_field_unit(&any.row, value), BMC_UNIT_NONE);
	assert_int_equal(bmc_field_unit(&any.row, bmc_field_find(BMC_FAN, "rpm")),
			 BMC_UNIT_RPM);
}

static void a_setting_is_checked_before_it_is_taken(void **state)
{
	struct bmc_error err;
	const struct bmc_field *duty = bmc_field_find(BMC_FAN, "target_duty");
	const struct bmc_field *mode = bmc_field_find(BMC_FAN, "mode");
	const struct bmc_field *name = bmc_field_find(BMC_FAN, "name");
	char long_name[BMC_NAME_MAX + 1];

	(void)state;
	assert_int_equal(bmc_field_check(duty, 50000, NULL, &err), 0);
	assert_int_equal(bmc_field_check(duty, 100001, NULL, &err), BMC_ERANGE);
	assert_string_equal(err.what, "target_duty takes 0 to 100000 thousandths");
	assert_int_equal(bmc_field_check(duty, BMC_UNKNOWN, NULL, &err), BMC_ERANGE);
	assert_int_equal(bmc_field_check(mode, BMC_FAN_MANUAL, NULL, &err), 0);
	assert_int_equal(bmc_field_check(mode, 0, NULL, &err), BMC_ERANGE);
	assert_int_equal(bmc_field_check(mode, 17, NULL, NULL), BMC_ERANGE);
	assert_int_equal(bmc_field_check(name, 0, "ok", &err), 0);
	assert_int_equal(bmc_field_check(name, 0, "", &err), 0);
	assert_int_equal(bmc_field_check(name, 0, NULL, &err), BMC_EINVAL);
	assert_int_equal(bmc_field_check(name, 0, "a\tb", &err), BMC_EINVAL);
	memset(long_name, 'x', BMC_NAME_MAX);
	long_name[BMC_NAME_MAX] = '\0';
	assert_int_equal(bmc_field_check(name, 0, long_name, &err), BMC_ERANGE);
}

static void words_and_values_convert_both_ways(void **state)
{
	(void)state;
	assert_string_equal(bmc_name_word(bmc_power_names, BMC_POWER_ON), "On");
	assert_string_equal(bmc_name_word(bmc_power_names, 77), "unknown");
	assert_string_equal(bmc_name_word(NULL, 1), "unknown");
	assert_int_equal(bmc_name_value(bmc_board_state_names, "android_recovery"),
			 BMC_BOARD_ANDROID_RECOVERY);
	assert_int_equal(bmc_name_value(bmc_power_names, "on"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_begins_with_the_common_fields),
		cmocka_unit_test(flags_agree_with_the_rest_of_a_kind),
		cmocka_unit_test(every_field_agrees_with_its_struct),
		cmocka_unit_test(a_new_row_knows_nothing),
		cmocka_unit_test(what_is_set_is_read_back),
		cmocka_unit_test(a_reference_is_a_handle_of_32_bits),
		cmocka_unit_test(a_sensors_unit_is_that_of_its_type),
		cmocka_unit_test(a_setting_is_checked_before_it_is_taken),
		cmocka_unit_test(words_and_values_convert_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
