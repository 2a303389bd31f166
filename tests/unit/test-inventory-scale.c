// SPDX-License-Identifier: Apache-2.0
/* A thousand boards with three sensors each: what a change costs, and what a board
 * costs. */
#include <malloc.h>

#include "core-fixture.h"
#include "slower.h"

static const char thousand_text[] =
	"platform: thousand\n"
	"chassis:\n"
	"  - {id: enclosure}\n"
	"blades:\n"
	"  - {range: {b: 1-125}, id: \"blade{b}\", index: \"{b}\"}\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\"}\n"
	"  - {range: {b: 1-125, s: 1-8}, id: \"sub{b}-{s:02}\", index: \"{b}.{s}\",\n"
	"     parent: \"blade{b}\", model: Core-3399-JD4, soc: RK3399, cpu_cores: 6}\n"
	"sensors:\n"
	"  - {range: {b: 1-125, s: 1-8, n: 1-3}, id: \"temp{b}-{s:02}-{n}\",\n"
	"     parent: \"sub{b}-{s:02}\", type: Temperature, high_warning: 85C}\n";

static int set_up_thousand(void **state)
{
	(void)state;
	bmc_log_init(LOG_EMERG);
	assert_int_equal(bmc_loop_init(), 0);
	load_platform(thousand_text);
	return 0;
}

static void put_board(const char *id, int64_t round)
{
	const struct bmc_value values[] = {
		BMC_NUM(bmc_board, present, 1),
		BMC_NUM(bmc_board, power_pin, 1),
		BMC_NUM(bmc_board, usb_mode, BMC_USB_ADB),
		BMC_NUM(bmc_board, adb_state, BMC_ADB_DEVICE),
		BMC_NUM(bmc_board, os, BMC_OS_ANDROID),
		BMC_TXT(bmc_board, serial, "F00012345678"),
		BMC_TXT(bmc_board, mac, "02:00:00:00:00:01"),
		BMC_TXT(bmc_board, ip, "192.0.2.17"),
		BMC_TXT(bmc_board, os_version, "Android 8.1"),
		BMC_TXT(bmc_board, kernel, "4.4.194"),
		BMC_NUM(bmc_board, cpu_load, 12000 + round),
		BMC_NUM(bmc_board, memory_bytes, INT64_C(4) << 30),
		BMC_NUM(bmc_board, memory_used, (INT64_C(1) << 30) + round),
		BMC_NUM(bmc_board, storage_bytes, INT64_C(32) << 30),
		BMC_NUM(bmc_board, storage_used, INT64_C(9) << 30),
		BMC_NUM(bmc_board, soc_temperature, 51000),
		BMC_NUM(bmc_board, gpu_temperature, 49000),
		BMC_NUM(bmc_board, power, 7200),
	};

	assert_int_equal(bmc_inventory_put(first, BMC_BOARD, id, BMC_CHASSIS, NULL,
					   values, ARRAY_SIZE(values)),
			 0);
}

static void put_all(int64_t round)
{
	char id[BMC_ID_MAX];

	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(id, sizeof(id), "sub%u-%02u", i / 8 + 1, i % 8 + 1);
		put_board(id, round);
		for (unsigned n = 1; n <= 3; n++) {
			(void)snprintf(id, sizeof(id), "temp%u-%02u-%u", i / 8 + 1,
				       i % 8 + 1, n);
			assert_int_equal(say(first, BMC_SENSOR, id, "value",
					     50000 + round, NULL),
					 0);
		}
	}
	bmc_inventory_publish();
}

static void a_board_costs_less_than_6_kb(void **state)
{
	size_t before = mallinfo2().uordblks;

	(void)state;
	start_inventory();
	put_all(0);
	put_all(1);
	size_t used = mallinfo2().uordblks - before;
	print_message("# %zu bytes a board, with its sensors\n", used / 1000);
	assert_int_equal(num_of(BMC_CHASSIS, "enclosure", "boards_on"), 1000);
#ifndef __SANITIZE_ADDRESS__
	assert_true(used < 1000 * 6 * 1024);
#endif
}

static void a_change_of_one_row_is_cheap(void **state)
{
	const int rounds = 1000;
	int64_t start;

	(void)state;
	start_inventory();
	put_all(0);
	start = bmc_now();
	for (int i = 1; i <= rounds; i++) {
		assert_int_equal(
			say(first, BMC_SENSOR, "temp9-04-2", "value", 50000 + i, NULL),
			0);
		bmc_inventory_publish();
	}
	int64_t readings = bmc_now() - start;
	start = bmc_now();
	for (int i = 1; i <= rounds; i++) {
		assert_int_equal(
			say(first, BMC_BOARD, "sub7-01", "power_pin", i % 2, NULL), 0);
		bmc_inventory_publish();
	}
	int64_t states = bmc_now() - start;
	print_message("# %lld us for a reading, %lld us for a state\n",
		      (long long)readings, (long long)states);
	/* Far above what it takes: only what grows with the boards' square is caught,
	 * on a busy machine and under a sanitizer too. */
	assert_true(readings < slower(30000) && states < slower(60000));
}

static void a_round_of_all_readings_is_no_burden(void **state)
{
	int64_t start;

	(void)state;
	start_inventory();
	put_all(0);
	start = bmc_now();
	for (int64_t i = 1; i <= 20; i++)
		put_all(i);
	int64_t took = bmc_now() - start;
	print_message("# %lld ms for a round of 4,000 rows, 21,000 values\n",
		      (long long)took / 20);
	assert_true(took < slower(20000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_round_of_all_readings_is_no_burden,
						set_up_thousand, tear_down),
		cmocka_unit_test_setup_teardown(a_board_costs_less_than_6_kb,
						set_up_thousand, tear_down),
		cmocka_unit_test_setup_teardown(a_change_of_one_row_is_cheap,
						set_up_thousand, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
