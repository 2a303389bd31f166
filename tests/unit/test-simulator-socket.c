// SPDX-License-Identifier: Apache-2.0
/* The simulator's control socket: set, fault, clear, trace, seed, and bad input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim-fixture.h"

/* ---- set and clear ---- */

static void an_absent_board_shows_nothing_but_that(void **state)
{
	struct fixture *r = *state;

	assert_int_equal(fixture_probe(r, "sub1-02", 1000), BMC_OK);
	sim_fixture_report(
		r, "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-02\",\"field\":"
		   "\"present\",\"value\":false}");
	fixture_run(r, 2000);
	const struct bmc_board *b = FIXTURE_BOARD(r, "sub1-02");
	assert_int_equal(b->present, 0);
	assert_int_equal(b->power_pin, BMC_UNKNOWN);
	assert_int_equal(b->usb_mode, BMC_USB_UNKNOWN);
	assert_int_equal(b->os, BMC_OS_UNKNOWN);
	assert_int_equal(b->soc_temperature, BMC_UNKNOWN);
	assert_string_equal(b->serial, "");
	assert_string_equal(b->os_version, "");
	assert_null(fixture_row(r, BMC_NIC, "sub1-02-eth0"));
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-02", "os_reboot", 0, 1000),
			 BMC_ESTATE);
	sim_fixture_report(r, "{\"op\":\"clear\",\"id\":\"sub1-02\"}");
	assert_string_equal(FIXTURE_BOARD(r, "sub1-02")->serial, "B09CCSUB102");
	assert_int_equal(FIXTURE_BOARD(r, "sub1-02")->usb_mode, BMC_USB_NONE);
	fixture_run(r, BOOTED_MS);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-02")->os, BMC_OS_ANDROID);
	assert_non_null(fixture_row(r, BMC_NIC, "sub1-02-eth0"));
}

static void an_absent_blade_takes_its_boards_along(void **state)
{
	struct fixture *r = *state;

	sim_fixture_report(
		r, "{\"op\":\"set\",\"kind\":\"blade\",\"id\":\"blade2\",\"field\":"
		   "\"present\",\"value\":false}");
	assert_int_equal(FIXTURE_BOARD(r, "sub2-01")->present, 0);
	assert_int_equal(FIXTURE_BOARD(r, "sub2-02")->present, 0);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-02")->present, 1);
	sim_fixture_report(r, "{\"op\":\"clear\",\"id\":\"blade2\"}");
	assert_int_equal(FIXTURE_BOARD(r, "sub2-02")->present, 1);
}

static void a_set_value_stays_until_it_is_cleared(void **state)
{
	struct fixture *r = *state;

	sim_fixture_report(
		r,
		"{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":\"adb_"
		"state\",\"value\":\"recovery\"}");
	sim_fixture_report(
		r,
		"{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":\"soc_"
		"temperature\",\"value\":99000}");
	sim_fixture_report(
		r, "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":"
		   "\"serial\",\"value\":\"X1\"}");
	fixture_run(r, 30000);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->adb_state, BMC_ADB_RECOVERY);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->soc_temperature, 99000);
	assert_string_equal(FIXTURE_BOARD(r, "sub1-01")->serial, "X1");
	sim_fixture_report(r, "{\"op\":\"clear\",\"id\":\"sub1-01\"}");
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->adb_state, BMC_ADB_DEVICE);
	assert_string_equal(FIXTURE_BOARD(r, "sub1-01")->serial, "B09CCSUB101");
}

static void null_makes_a_value_unknown(void **state)
{
	struct fixture *r = *state;

	sim_fixture_report(
		r, "{\"op\":\"set\",\"kind\":\"fan\",\"id\":\"fan1\",\"field\":\"rpm\","
		   "\"value\":null}");
	assert_int_equal(((const struct bmc_fan *)fixture_row(r, BMC_FAN, "fan1"))->rpm,
			 BMC_UNKNOWN);
	sim_fixture_report(
		r, "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":"
		   "\"os\",\"value\":null}");
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->os, BMC_OS_UNKNOWN);
}

static void rows_appear_and_go_with_the_tester(void **state)
{
	struct fixture *r = *state;

	sim_fixture_report(
		r, "{\"op\":\"set\",\"kind\":\"sensor\",\"id\":\"extra\",\"field\":"
		   "\"type\",\"value\":\"Humidity\"}");
	assert_int_equal(
		((const struct bmc_sensor *)fixture_row(r, BMC_SENSOR, "extra"))->type,
		BMC_SENSOR_HUMIDITY);
	sim_fixture_report(r, "{\"op\":\"clear\",\"id\":\"extra\"}");
	assert_null(fixture_row(r, BMC_SENSOR, "extra"));
	sim_fixture_report(
		r, "{\"op\":\"set\",\"kind\":\"sensor\",\"id\":\"extra\",\"field\":"
		   "\"type\",\"value\":\"Voltage\"}");
	assert_int_equal(
		((const struct bmc_sensor *)fixture_row(r, BMC_SENSOR, "extra"))->type,
		BMC_SENSOR_VOLTAGE);
	sim_fixture_report(r,
			   "{\"op\":\"set\",\"kind\":\"nic\",\"id\":\"net1\",\"field\":"
			   "\"present\",\"value\":false}");
	assert_null(fixture_row(r, BMC_NIC, "net1"));
	sim_fixture_report(r, "{\"op\":\"clear\"}");
	fixture_run(r, 1000);
	assert_non_null(fixture_row(r, BMC_NIC, "net1"));
}

static void a_supply_without_mains_leaves_its_load_to_the_other(void **state)
{
	struct fixture *r = *state;
	const struct bmc_psu *other;
	int64_t before =
		((const struct bmc_psu *)fixture_row(r, BMC_PSU, "psu2"))->output_power;

	sim_fixture_report(
		r, "{\"op\":\"set\",\"kind\":\"psu\",\"id\":\"psu1\",\"field\":\"input_"
		   "ok\",\"value\":false}");
	fixture_run(r, 3000);
	other = fixture_row(r, BMC_PSU, "psu2");
	assert_true(other->output_power > before * 3 / 2);
	assert_int_equal(
		((const struct bmc_psu *)fixture_row(r, BMC_PSU, "psu1"))->output_power,
		0);
}

static void boards_get_hot_when_all_fans_stand(void **state)
{
	struct fixture *r = *state;
	int64_t before;

	fixture_run(r, 60000);
	before = FIXTURE_BOARD(r, "sub1-01")->soc_temperature;
	sim_fixture_report(
		r, "{\"op\":\"set\",\"kind\":\"fan\",\"id\":\"fan1\",\"field\":\"rpm\","
		   "\"value\":0}");
	sim_fixture_report(r,
			   "{\"op\":\"set\",\"kind\":\"fan\",\"id\":\"fan2\",\"field\":"
			   "\"present\",\"value\":false}");
	fixture_run(r, 60000);
	assert_true(FIXTURE_BOARD(r, "sub1-01")->soc_temperature > before + 5000);
	assert_int_equal(((const struct bmc_fan *)fixture_row(r, BMC_FAN, "fan2"))->rpm,
			 BMC_UNKNOWN);
}

/* ---- faults ---- */

static void adb_hang_makes_requests_and_probes_wait(void **state)
{
	struct fixture *r = *state;
	int64_t t;

	sim_fixture_report(
		r, "{\"op\":\"fault\",\"id\":\"sub1-01\",\"fault\":\"adb_hang\","
		   "\"seconds\":3600}");
	t = fixture_now(r);
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-01", "os_reboot", 0, 2000),
			 BMC_ETIMEDOUT);
	assert_true(fixture_now(r) >= t + 2000);
	assert_int_equal(fixture_probe(r, "sub1-01", 1000), BMC_ETIMEDOUT);
	assert_int_equal(fixture_probe(r, "sub1-02", 1000), BMC_OK);
	fixture_run(r, 3000);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->os, BMC_OS_ANDROID);
	sim_fixture_report(r, "{\"op\":\"clear\",\"id\":\"sub1-01\"}");
	assert_int_equal(fixture_probe(r, "sub1-01", 1000), BMC_OK);
}

static void adb_fail_refuses_requests(void **state)
{
	struct fixture *r = *state;

	sim_fixture_report(
		r, "{\"op\":\"fault\",\"id\":\"sub1-01\",\"fault\":\"adb_fail\","
		   "\"seconds\":20}");
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-01", "os_reboot", 0, 2000),
			 BMC_EIO);
	assert_int_equal(fixture_probe(r, "sub1-01", 1000), BMC_EIO);
	fixture_run(r, 21000);
	assert_int_equal(fixture_probe(r, "sub1-01", 1000), BMC_OK);
}

static void a_stuck_pin_leaves_the_board_on(void **state)
{
	struct fixture *r = *state;

	sim_fixture_report(
		r, "{\"op\":\"fault\",\"id\":\"sub1-01\",\"fault\":\"pin_stuck\","
		   "\"seconds\":20}");
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-01", "power", 0, 1000),
			 BMC_OK);
	fixture_run(r, 5000);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->power_pin, 1);
	fixture_run(r, 16000);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->power_pin, 0);
}

static void every_fault_can_be_set_and_ends(void **state)
{
	static const char *const words[] = { "adb_hang",  "adb_wedge", "adb_fail",
					     "pin_stuck", "slow_boot", "no_boot",
					     "usb_flap" };
	struct fixture *r = *state;
	char line[128];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		(void)snprintf(line, sizeof(line),
			       "{\"op\":\"fault\",\"id\":\"bare\",\"fault\":\"%s\","
			       "\"seconds\":1}",
			       words[i]);
		sim_fixture_report(r, line);
	}
	fixture_run(r, 2000);
	assert_int_equal(fixture_probe(r, "bare", 1000), BMC_OK);
}

static void the_trace_holds_pins_and_requests(void **state)
{
	struct fixture *r = *state;
	json_t *reply, *list;

	(void)fixture_verb(r, BMC_BOARD, "sub1-01", "reset", 0, 1000);
	(void)fixture_verb(r, BMC_BOARD, "sub1-02", "os_reboot", 0, 1000);
	reply = sim_fixture_ask(r, "{\"op\":\"trace\",\"since\":0}");
	list = json_object_get(reply, "trace");
	assert_int_equal(json_array_size(list), 3);
	assert_int_equal(json_integer_value(json_object_get(reply, "last")), 3);
	json_t *first = json_array_get(list, 0), *third = json_array_get(list, 2);
	assert_int_equal(json_integer_value(json_object_get(first, "seq")), 1);
	assert_true(json_integer_value(json_object_get(first, "usec")) > 0);
	assert_string_equal(json_string_value(json_object_get(first, "board")),
			    "sub1-01");
	assert_string_equal(json_string_value(json_object_get(first, "line")), "reset");
	assert_int_equal(json_integer_value(json_object_get(first, "level")),
			 0); /* active low */
	assert_string_equal(json_string_value(json_object_get(third, "request")),
			    "reboot");
	json_decref(reply);
	reply = sim_fixture_ask(r, "{\"op\":\"trace\",\"since\":2}");
	assert_int_equal(json_array_size(json_object_get(reply, "trace")), 1);
	json_decref(reply);
}

static void seed_is_taken_while_running(void **state)
{
	sim_fixture_report(*state, "{\"op\":\"seed\",\"value\":42}");
	sim_fixture_refuses(*state, "{\"op\":\"seed\",\"value\":\"x\"}",
			    "whole number");
}

/* ---- bad input ---- */

static void bad_requests_say_what_to_do(void **state)
{
	static const char *const bad[][2] = {
		{ "{\"op\":", "one JSON object" },
		{ "[1,2]", "one JSON object" },
		{ "\"set\"", "one JSON object" },
		{ "{}", "\"op\" is one of" },
		{ "{\"op\":\"explode\"}", "\"op\" is one of" },
		{ "{\"op\":\"set\"}", "\"kind\" is one of" },
		{ "{\"op\":\"set\",\"kind\":\"task\",\"id\":\"1\"}", "the core owns" },
		{ "{\"op\":\"set\",\"kind\":\"board\"}", "\"id\" is missing" },
		{ "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub9-99\"}",
		  "no board" },
		{ "{\"op\":\"set\",\"kind\":\"nic\",\"id\":\"../x\"}", "no nic" },
		{ "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":"
		  "\"nose\",\"value\":1}",
		  "no field \"nose\"" },
		{ "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":"
		  "\"state\",\"value\":\"linux\"}",
		  "derived" },
		{ "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":"
		  "\"os\",\"value\":\"dos\"}",
		  "one of unknown android linux" },
		{ "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":"
		  "\"os\"}",
		  "\"value\" is missing" },
		{ "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":"
		  "\"present\",\"value\":1}",
		  "true or false" },
		{ "{\"op\":\"set\",\"kind\":\"fan\",\"id\":\"fan1\",\"field\":\"rpm\","
		  "\"value\":1.5}",
		  "whole number" },
		{ "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":"
		  "\"soc\",\"value\":\"0123456789abcdef\"}",
		  "text of up to 15" },
		{ "{\"op\":\"fault\",\"id\":\"sub1-01\",\"fault\":\"fire\"}",
		  "\"fault\" is one of" },
		{ "{\"op\":\"fault\",\"id\":\"fan1\",\"fault\":\"no_boot\"}",
		  "no simulated board" },
		{ "{\"op\":\"fault\",\"id\":\"sub1-01\",\"fault\":\"no_boot\","
		  "\"seconds\":-1}",
		  "\"seconds\"" },
		{ "{\"op\":\"fault\",\"id\":\"sub1-01\",\"fault\":\"no_boot\","
		  "\"seconds\":\"x\"}",
		  "\"seconds\"" },
		{ "{\"op\":\"clear\",\"id\":\"nobody\"}", "no simulated row" },
		{ "{\"op\":\"trace\",\"since\":-1}", "\"since\"" },
		{ "{\"op\":\"trace\",\"since\":\"x\"}", "\"since\"" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		sim_fixture_refuses(*state, bad[i][0], bad[i][1]);
}

static void a_line_that_never_ends_is_refused(void **state)
{
	char buf[256], junk[4096];
	int fd = sim_fixture_connect(*state);

	memset(junk, 'x', sizeof(junk));
	for (int i = 0; i < 16; i++)
		assert_int_equal(send(fd, junk, sizeof(junk), MSG_NOSIGNAL),
				 sizeof(junk));
	assert_true(sim_fixture_line(fd, buf, sizeof(buf)) > 0);
	assert_non_null(strstr(buf, "65536"));
	assert_int_equal(sim_fixture_line(fd, buf, sizeof(buf)), 0);
	close(fd);
}

static void many_lines_in_one_packet_are_all_answered(void **state)
{
	static const char two[] = "{\"op\":\"trace\"}\n{\"op\":\"trace\"}\n{\"op\":";
	char buf[4096];
	int fd = sim_fixture_connect(*state);

	assert_int_equal(send(fd, two, sizeof(two) - 1, 0), sizeof(two) - 1);
	assert_true(sim_fixture_line(fd, buf, sizeof(buf)) > 0);
	assert_true(sim_fixture_line(fd, buf, sizeof(buf)) > 0);
	assert_int_equal(send(fd, "\"trace\"}\n", 9, 0), 9);
	assert_true(sim_fixture_line(fd, buf, sizeof(buf)) > 0);
	assert_non_null(strstr(buf, "\"ok\":true"));
	close(fd);
}

static void the_seventeenth_client_is_sent_away(void **state)
{
	int fds[17];
	char buf[128];

	for (int i = 0; i < 16; i++)
		fds[i] = sim_fixture_connect(*state);
	/* All sixteen are in when the last one has been answered. */
	assert_int_equal(send(fds[15], "{\"op\":\"trace\"}\n", 15, 0), 15);
	assert_true(sim_fixture_line(fds[15], buf, sizeof(buf)) > 0);
	fds[16] = sim_fixture_connect(*state);
	assert_true(sim_fixture_line(fds[16], buf, sizeof(buf)) > 0);
	assert_non_null(strstr(buf, "16 clients"));
	for (int i = 0; i < 17; i++)
		close(fds[i]);
}

static void the_socket_is_for_its_owner_only(void **state)
{
	char path[128];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/sim.sock", fixture_dir(*state));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	fixture_restart(*state);
	assert_int_equal(stat(path, &st), 0);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, sim_fixture_setup, sim_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_absent_board_shows_nothing_but_that),
		TEST(an_absent_blade_takes_its_boards_along),
		TEST(a_set_value_stays_until_it_is_cleared),
		TEST(null_makes_a_value_unknown),
		TEST(rows_appear_and_go_with_the_tester),
		TEST(a_supply_without_mains_leaves_its_load_to_the_other),
		TEST(boards_get_hot_when_all_fans_stand),
		TEST(adb_hang_makes_requests_and_probes_wait),
		TEST(adb_fail_refuses_requests),
		TEST(a_stuck_pin_leaves_the_board_on),
		TEST(every_fault_can_be_set_and_ends),
		TEST(the_trace_holds_pins_and_requests),
		TEST(seed_is_taken_while_running),
		TEST(bad_requests_say_what_to_do),
		TEST(a_line_that_never_ends_is_refused),
		TEST(many_lines_in_one_packet_are_all_answered),
		TEST(the_seventeenth_client_is_sent_away),
		TEST(the_socket_is_for_its_owner_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
