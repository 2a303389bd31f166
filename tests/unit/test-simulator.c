// SPDX-License-Identifier: Apache-2.0
/* The simulator as the core sees it: what it tells, what verbs do, its control socket.
 */

#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugin-rig.h"

extern const struct bmc_plugin bmc_plugin_simulator;

static const char platform[] =
	"platform: test\n"
	"chips:\n"
	"  - {id: power, driver: simulator, lines: 100}\n"
	"  - {id: reset, driver: simulator, lines: 100}\n"
	"chassis:\n"
	"  - {id: enclosure}\n"
	"blades:\n"
	"  - {range: {b: 1-2}, id: \"blade{b}\", index: \"{b}\"}\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\"}\n"
	"  - range: {b: 1-2, s: 1-2}\n"
	"    id: \"sub{b}-{s:02}\"\n"
	"    index: \"{b}.{s}\"\n"
	"    parent: \"blade{b}\"\n"
	"    soc: RK3399\n"
	"    pins:\n"
	"      - {name: power, chip: power, line: \"{b}{s}\"}\n"
	"      - {name: reset, chip: reset, line: \"{b}{s}\", active: low}\n"
	"  - {id: bare, index: \"3.1\", soc: RK1808, simulator: {os: linux}}\n"
	"fans:\n"
	"  - {range: {n: 1-2}, id: \"fan{n}\"}\n"
	"psus:\n"
	"  - {range: {n: 1-2}, id: \"psu{n}\"}\n"
	"disks:\n"
	"  - {id: disk1, media: HDD}\n"
	"sensors:\n"
	"  - {id: ntc1, parent: sub1-01, type: Temperature}\n"
	"  - {id: rail, type: Voltage}\n"
	"nics:\n"
	"  - {id: net1}\n";

#define BOOTED_MS 9000

static struct rig *new_rig(const char *settings)
{
	return rig_new(&(struct rig_conf){ &bmc_plugin_simulator, platform, settings });
}

static int setup(void **state)
{
	*state = new_rig("{pins: '@/simulator.pins', socket: '@/sim.sock'}");
	rig_run(*state, BOOTED_MS);
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

/* ---- the socket ---------------------------------------------------------------------
 */

static int connect_to(const struct rig *r)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s/sim.sock", rig_dir(r));
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* Reads one line; its length, 0 at the end of the stream. */
static size_t read_line(int fd, char *buf, size_t size)
{
	size_t n = 0;

	while (n < size - 1 && recv(fd, buf + n, 1, 0) == 1) {
		if (buf[n++] == '\n')
			break;
	}
	buf[n] = '\0';
	return n;
}

static json_t *ask(const struct rig *r, const char *line)
{
	static char buf[1 << 20];
	int fd = connect_to(r);
	json_t *reply;

	assert_int_equal(send(fd, line, strlen(line), 0), strlen(line));
	assert_int_equal(send(fd, "\n", 1, 0), 1);
	assert_true(read_line(fd, buf, sizeof(buf)) > 0);
	close(fd);
	reply = json_loads(buf, 0, NULL);
	assert_non_null(reply);
	return reply;
}

static void tell(struct rig *r, const char *line)
{
	json_t *reply = ask(r, line);

	if (!json_is_true(json_object_get(reply, "ok")))
		fail_msg("%s: %s", line,
			 json_string_value(json_object_get(reply, "error")));
	json_decref(reply);
	rig_poll(r);
}

/* The request is refused, with `words` in the reason. */
static void refuses(const struct rig *r, const char *line, const char *words)
{
	json_t *reply = ask(r, line);
	const char *error = json_string_value(json_object_get(reply, "error"));

	assert_true(json_is_false(json_object_get(reply, "ok")));
	if (!error || !strstr(error, words))
		fail_msg("%s: \"%s\" lacks \"%s\"", line, error ? error : "", words);
	json_decref(reply);
}

/* ---- what it tells ------------------------------------------------------------------
 */

static void boards_boot_when_the_chassis_is_switched_on(void **state)
{
	struct rig *r = new_rig("{pins: '@/simulator.pins'}");

	(void)state;
	rig_poll(r);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->present, 1);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->power_pin, 1);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->usb_mode, BMC_USB_NONE);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->soc_temperature, BMC_UNKNOWN);
	rig_run(r, BOOTED_MS);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->usb_mode, BMC_USB_ADB);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->adb_state, BMC_ADB_DEVICE);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->os, BMC_OS_ANDROID);
	assert_int_equal(RIG_BOARD(r, "bare")->os, BMC_OS_LINUX);
	assert_true(RIG_BOARD(r, "sub1-01")->soc_temperature > 20000);
	rig_free(r);
}

static void speed_makes_boots_short(void **state)
{
	struct rig *r = new_rig("{pins: '@/simulator.pins', speed: 20}");

	(void)state;
	rig_run(r, 500);
	assert_int_equal(RIG_BOARD(r, "sub2-02")->os, BMC_OS_ANDROID);
	rig_free(r);
}

static void main_is_left_to_others_unless_asked_for(void **state)
{
	struct rig *r = new_rig("{main: true}");

	rig_run(r, BOOTED_MS);
	assert_null(RIG_BOARD((struct rig *)*state, "main"));
	assert_int_equal(RIG_BOARD(r, "main")->os, BMC_OS_LINUX);
	rig_free(r);
}

static void every_part_has_readings(void **state)
{
	struct rig *r = *state;
	const struct bmc_fan *fan = rig_row(r, BMC_FAN, "fan1");
	const struct bmc_psu *psu = rig_row(r, BMC_PSU, "psu1");
	const struct bmc_disk *disk = rig_row(r, BMC_DISK, "disk1");
	const struct bmc_sensor *ntc = rig_row(r, BMC_SENSOR, "ntc1");
	const struct bmc_sensor *rail = rig_row(r, BMC_SENSOR, "rail");
	const struct bmc_nic *nic = rig_row(r, BMC_NIC, "net1");
	const struct bmc_chassis *chassis = rig_row(r, BMC_CHASSIS, "enclosure");
	const struct bmc_blade *blade = rig_row(r, BMC_BLADE, "blade1");
	const struct bmc_board *board = RIG_BOARD(r, "sub1-01");

	assert_true(fan->rpm > 2000 && fan->duty > 0 && fan->present == 1);
	assert_true(psu->input_ok == 1 && psu->output_power > 0 && psu->energy > 0);
	assert_true(psu->input_voltage > 200000 &&
		    psu->input_power > psu->output_power);
	assert_true(disk->bytes > 0 && disk->temperature > 0 &&
		    disk->failure_predicted == 0);
	assert_true(ntc->value > 20000 && ntc->value < 60000);
	assert_int_equal(rail->value, 12100);
	assert_int_equal(nic->link, BMC_LINK_UP);
	assert_true(chassis->power > blade->power && blade->power > board->power);
	assert_string_equal(board->serial, "B09CCSUB101");
	assert_int_equal(board->cpu_cores, 6);
	assert_string_equal(board->mac, "02:46:46:00:00:01");
}

static void a_board_without_a_thermometer_in_the_file_gets_one(void **state)
{
	struct rig *r = *state;

	assert_non_null(rig_row(r, BMC_SENSOR, "sub1-02-ntc"));
	assert_null(rig_row(r, BMC_SENSOR, "sub1-01-ntc"));
	assert_string_equal(rig_parent(r, BMC_SENSOR, "sub1-02-ntc"), "sub1-02");
	assert_non_null(rig_row(r, BMC_SENSOR, "ambient"));
}

static void only_a_probe_tells_what_the_os_says(void **state)
{
	struct rig *r = *state;

	assert_string_equal(RIG_BOARD(r, "sub1-01")->os_version, "");
	assert_int_equal(RIG_BOARD(r, "sub1-01")->cpu_load, BMC_UNKNOWN);
	assert_int_equal(rig_probe(r, "sub1-01", 1000), BMC_OK);
	assert_string_equal(RIG_BOARD(r, "sub1-01")->os_version, "Android 10");
	assert_true(RIG_BOARD(r, "sub1-01")->memory_used > 0);
	assert_string_equal(
		((const struct bmc_firmware *)rig_row(r, BMC_FIRMWARE, "sub1-01-os"))
			->version,
		"Android 10");
	assert_int_equal(rig_probe(r, "nobody", 1000), BMC_OK);
}

static void what_did_not_change_is_not_told_again_before_refresh(void **state)
{
	struct rig *r = *state;
	size_t puts = rig_puts(r);

	for (int i = 0; i < 100; i++)
		rig_poll(r); /* the clock hardly moves */
	assert_true(rig_puts(r) - puts < 40);
}

static void what_the_core_could_not_take_is_told_again(void **state)
{
	struct rig *r = *state;

	rig_refuse(r, 1);
	assert_int_equal(rig_verb(r, BMC_BOARD, "sub1-01", "power", 0, 1000), BMC_OK);
	rig_run(r, 1100);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->power_pin, 0);
}

static void counters_of_interfaces_grow(void **state)
{
	struct rig *r = *state;
	const struct bmc_nic *nic = rig_row(r, BMC_NIC, "sub1-02-eth0");
	int64_t rx = nic->rx_bytes;

	assert_int_equal(nic->link, BMC_LINK_UP);
	rig_run(r, 5000);
	nic = rig_row(r, BMC_NIC, "sub1-02-eth0");
	assert_true(nic->rx_bytes > rx);
}

/* ---- verbs --------------------------------------------------------------------------
 */

static void power_goes_off_and_on_by_the_pin(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_verb(r, BMC_BOARD, "sub1-02", "power", 0, 1000), BMC_OK);
	assert_int_equal(RIG_BOARD(r, "sub1-02")->power_pin, 0);
	assert_int_equal(RIG_BOARD(r, "sub1-02")->usb_mode, BMC_USB_NONE);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->power_pin, 1);
	assert_int_equal(rig_verb(r, BMC_BOARD, "sub1-02", "power", 1, 1000), BMC_OK);
	rig_run(r, BOOTED_MS);
	assert_int_equal(RIG_BOARD(r, "sub1-02")->os, BMC_OS_ANDROID);
	assert_int_equal(RIG_BOARD(r, "sub1-02")->boot_count, 2);
}

static void a_reset_pulse_between_two_polls_is_seen(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_verb(r, BMC_BOARD, "sub2-01", "reset", 0, 1000), BMC_OK);
	assert_int_equal(RIG_BOARD(r, "sub2-01")->usb_mode, BMC_USB_NONE);
	rig_run(r, BOOTED_MS);
	assert_int_equal(RIG_BOARD(r, "sub2-01")->os, BMC_OS_ANDROID);
}

static void a_reset_without_a_pin_is_an_error(void **state)
{
	assert_int_equal(rig_verb(*state, BMC_BOARD, "bare", "reset", 0, 1000),
			 BMC_ENOTSUP);
}

static void os_reboot_leaves_usb_by_itself(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_verb(r, BMC_BOARD, "bare", "os_reboot", 0, 1000), BMC_OK);
	rig_run(r, 2400);
	assert_int_equal(RIG_BOARD(r, "bare")->usb_mode, BMC_USB_NONE);
	rig_run(r, BOOTED_MS);
	assert_int_equal(RIG_BOARD(r, "bare")->os, BMC_OS_LINUX);
}

static void a_halted_board_refuses_requests(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_verb(r, BMC_BOARD, "sub1-01", "os_shutdown", 0, 1000),
			 BMC_OK);
	rig_run(r, 3000);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->usb_mode, BMC_USB_NONE);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->power_pin, 1);
	assert_int_equal(rig_verb(r, BMC_BOARD, "sub1-01", "os_reboot", 0, 1000),
			 BMC_ESTATE);
	assert_non_null(strstr(rig_error(r), "sub1-01"));
}

static void usb_mode_sends_a_board_to_its_loader(void **state)
{
	struct rig *r = *state;

	assert_int_equal(
		rig_verb(r, BMC_BOARD, "sub1-01", "usb_mode", BMC_USB_LOADER, 1000),
		BMC_OK);
	rig_run(r, BOOTED_MS);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->usb_mode, BMC_USB_LOADER);
	assert_int_equal(
		rig_verb(r, BMC_BOARD, "sub1-02", "usb_mode", BMC_USB_MASKROM, 1000),
		BMC_ENOTSUP);
}

static void fans_follow_their_duty(void **state)
{
	struct rig *r = *state;
	const struct bmc_fan *fan;

	assert_int_equal(rig_verb(r, BMC_FAN, "fan1", "fan_duty", 100000, 1000),
			 BMC_OK);
	rig_run(r, 15000);
	fan = rig_row(r, BMC_FAN, "fan1");
	assert_int_equal(fan->duty, 100000);
	assert_int_equal(fan->mode, BMC_FAN_MANUAL);
	assert_true(fan->rpm > 11000);
	assert_int_equal(rig_verb(r, BMC_FAN, "fan1", "fan_duty", 20000, 1000), BMC_OK);
	rig_run(r, 15000);
	fan = rig_row(r, BMC_FAN, "fan1");
	assert_true(fan->rpm < 3000);
	assert_int_equal(
		rig_verb(r, BMC_FAN, "fan1", "fan_mode", BMC_FAN_AUTOMATIC, 1000),
		BMC_OK);
	rig_run(r, 15000);
	assert_true(((const struct bmc_fan *)rig_row(r, BMC_FAN, "fan1"))->rpm > 3000);
	assert_int_equal(rig_verb(r, BMC_FAN, "fan1", "fan_duty", 100001, 1000),
			 BMC_ERANGE);
	assert_int_equal(rig_verb(r, BMC_FAN, "fan9", "fan_duty", 1, 1000),
			 BMC_ENOTFOUND);
}

static void locators_light_on_boards_blades_and_chassis(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_verb(r, BMC_BOARD, "sub1-01", "locator", 1, 1000), BMC_OK);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->locator, 1);
	assert_int_equal(rig_verb(r, BMC_BLADE, "blade2", "locator", 1, 1000), BMC_OK);
	assert_int_equal(
		((const struct bmc_blade *)rig_row(r, BMC_BLADE, "blade2"))->locator,
		1);
	assert_int_equal(rig_verb(r, BMC_CHASSIS, "enclosure", "locator", 1, 1000),
			 BMC_OK);
	assert_int_equal(rig_verb(r, BMC_FAN, "fan1", "locator", 1, 1000), BMC_ENOTSUP);
}

/* ---- set and clear ------------------------------------------------------------------
 */

static void an_absent_board_shows_nothing_but_that(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_probe(r, "sub1-02", 1000), BMC_OK);
	tell(r, "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-02\",\"field\":"
		"\"present\",\"value\":false}");
	rig_run(r, 2000);
	const struct bmc_board *b = RIG_BOARD(r, "sub1-02");
	assert_int_equal(b->present, 0);
	assert_int_equal(b->power_pin, BMC_UNKNOWN);
	assert_int_equal(b->usb_mode, BMC_USB_UNKNOWN);
	assert_int_equal(b->os, BMC_OS_UNKNOWN);
	assert_int_equal(b->soc_temperature, BMC_UNKNOWN);
	assert_string_equal(b->serial, "");
	assert_string_equal(b->os_version, "");
	assert_null(rig_row(r, BMC_NIC, "sub1-02-eth0"));
	assert_int_equal(rig_verb(r, BMC_BOARD, "sub1-02", "os_reboot", 0, 1000),
			 BMC_ESTATE);
	tell(r, "{\"op\":\"clear\",\"id\":\"sub1-02\"}");
	assert_string_equal(RIG_BOARD(r, "sub1-02")->serial, "B09CCSUB102");
	assert_int_equal(RIG_BOARD(r, "sub1-02")->usb_mode, BMC_USB_NONE);
	rig_run(r, BOOTED_MS);
	assert_int_equal(RIG_BOARD(r, "sub1-02")->os, BMC_OS_ANDROID);
	assert_non_null(rig_row(r, BMC_NIC, "sub1-02-eth0"));
}

static void an_absent_blade_takes_its_boards_along(void **state)
{
	struct rig *r = *state;

	tell(r, "{\"op\":\"set\",\"kind\":\"blade\",\"id\":\"blade2\",\"field\":"
		"\"present\",\"value\":false}");
	assert_int_equal(RIG_BOARD(r, "sub2-01")->present, 0);
	assert_int_equal(RIG_BOARD(r, "sub2-02")->present, 0);
	assert_int_equal(RIG_BOARD(r, "sub1-02")->present, 1);
	tell(r, "{\"op\":\"clear\",\"id\":\"blade2\"}");
	assert_int_equal(RIG_BOARD(r, "sub2-02")->present, 1);
}

static void a_set_value_stays_until_it_is_cleared(void **state)
{
	struct rig *r = *state;

	tell(r, "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":\"adb_"
		"state\",\"value\":\"recovery\"}");
	tell(r, "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":\"soc_"
		"temperature\",\"value\":99000}");
	tell(r, "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":"
		"\"serial\",\"value\":\"X1\"}");
	rig_run(r, 30000);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->adb_state, BMC_ADB_RECOVERY);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->soc_temperature, 99000);
	assert_string_equal(RIG_BOARD(r, "sub1-01")->serial, "X1");
	tell(r, "{\"op\":\"clear\",\"id\":\"sub1-01\"}");
	assert_int_equal(RIG_BOARD(r, "sub1-01")->adb_state, BMC_ADB_DEVICE);
	assert_string_equal(RIG_BOARD(r, "sub1-01")->serial, "B09CCSUB101");
}

static void null_makes_a_value_unknown(void **state)
{
	struct rig *r = *state;

	tell(r, "{\"op\":\"set\",\"kind\":\"fan\",\"id\":\"fan1\",\"field\":\"rpm\","
		"\"value\":null}");
	assert_int_equal(((const struct bmc_fan *)rig_row(r, BMC_FAN, "fan1"))->rpm,
			 BMC_UNKNOWN);
	tell(r, "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\",\"field\":"
		"\"os\",\"value\":null}");
	assert_int_equal(RIG_BOARD(r, "sub1-01")->os, BMC_OS_UNKNOWN);
}

static void rows_appear_and_go_with_the_tester(void **state)
{
	struct rig *r = *state;

	tell(r, "{\"op\":\"set\",\"kind\":\"sensor\",\"id\":\"extra\",\"field\":"
		"\"type\",\"value\":\"Humidity\"}");
	assert_int_equal(
		((const struct bmc_sensor *)rig_row(r, BMC_SENSOR, "extra"))->type,
		BMC_SENSOR_HUMIDITY);
	tell(r, "{\"op\":\"clear\",\"id\":\"extra\"}");
	assert_null(rig_row(r, BMC_SENSOR, "extra"));
	tell(r, "{\"op\":\"set\",\"kind\":\"nic\",\"id\":\"net1\",\"field\":"
		"\"present\",\"value\":false}");
	assert_null(rig_row(r, BMC_NIC, "net1"));
	tell(r, "{\"op\":\"clear\"}");
	rig_run(r, 1000);
	assert_non_null(rig_row(r, BMC_NIC, "net1"));
}

static void a_supply_without_mains_leaves_its_load_to_the_other(void **state)
{
	struct rig *r = *state;
	const struct bmc_psu *other;
	int64_t before =
		((const struct bmc_psu *)rig_row(r, BMC_PSU, "psu2"))->output_power;

	tell(r, "{\"op\":\"set\",\"kind\":\"psu\",\"id\":\"psu1\",\"field\":\"input_"
		"ok\",\"value\":false}");
	rig_run(r, 3000);
	other = rig_row(r, BMC_PSU, "psu2");
	assert_true(other->output_power > before * 3 / 2);
	assert_int_equal(
		((const struct bmc_psu *)rig_row(r, BMC_PSU, "psu1"))->output_power, 0);
}

static void boards_get_hot_when_all_fans_stand(void **state)
{
	struct rig *r = *state;
	int64_t before;

	rig_run(r, 60000);
	before = RIG_BOARD(r, "sub1-01")->soc_temperature;
	tell(r, "{\"op\":\"set\",\"kind\":\"fan\",\"id\":\"fan1\",\"field\":\"rpm\","
		"\"value\":0}");
	tell(r, "{\"op\":\"set\",\"kind\":\"fan\",\"id\":\"fan2\",\"field\":"
		"\"present\",\"value\":false}");
	rig_run(r, 60000);
	assert_true(RIG_BOARD(r, "sub1-01")->soc_temperature > before + 5000);
	assert_int_equal(((const struct bmc_fan *)rig_row(r, BMC_FAN, "fan2"))->rpm,
			 BMC_UNKNOWN);
}

/* ---- faults -------------------------------------------------------------------------
 */

static void adb_hang_makes_requests_and_probes_wait(void **state)
{
	struct rig *r = *state;
	int64_t t;

	tell(r, "{\"op\":\"fault\",\"id\":\"sub1-01\",\"fault\":\"adb_hang\","
		"\"seconds\":3600}");
	t = rig_now(r);
	assert_int_equal(rig_verb(r, BMC_BOARD, "sub1-01", "os_reboot", 0, 2000),
			 BMC_ETIMEDOUT);
	assert_true(rig_now(r) >= t + 2000);
	assert_int_equal(rig_probe(r, "sub1-01", 1000), BMC_ETIMEDOUT);
	assert_int_equal(rig_probe(r, "sub1-02", 1000), BMC_OK);
	rig_run(r, 3000);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->os, BMC_OS_ANDROID);
	tell(r, "{\"op\":\"clear\",\"id\":\"sub1-01\"}");
	assert_int_equal(rig_probe(r, "sub1-01", 1000), BMC_OK);
}

static void adb_fail_refuses_requests(void **state)
{
	struct rig *r = *state;

	tell(r, "{\"op\":\"fault\",\"id\":\"sub1-01\",\"fault\":\"adb_fail\","
		"\"seconds\":20}");
	assert_int_equal(rig_verb(r, BMC_BOARD, "sub1-01", "os_reboot", 0, 2000),
			 BMC_EIO);
	assert_int_equal(rig_probe(r, "sub1-01", 1000), BMC_EIO);
	rig_run(r, 21000);
	assert_int_equal(rig_probe(r, "sub1-01", 1000), BMC_OK);
}

static void a_stuck_pin_leaves_the_board_on(void **state)
{
	struct rig *r = *state;

	tell(r, "{\"op\":\"fault\",\"id\":\"sub1-01\",\"fault\":\"pin_stuck\","
		"\"seconds\":20}");
	assert_int_equal(rig_verb(r, BMC_BOARD, "sub1-01", "power", 0, 1000), BMC_OK);
	rig_run(r, 5000);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->power_pin, 1);
	rig_run(r, 16000);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->power_pin, 0);
}

static void every_fault_can_be_set_and_ends(void **state)
{
	static const char *const words[] = { "adb_hang",  "adb_wedge", "adb_fail",
					     "pin_stuck", "slow_boot", "no_boot",
					     "usb_flap" };
	struct rig *r = *state;
	char line[128];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		(void)snprintf(line, sizeof(line),
			       "{\"op\":\"fault\",\"id\":\"bare\",\"fault\":\"%s\","
			       "\"seconds\":1}",
			       words[i]);
		tell(r, line);
	}
	rig_run(r, 2000);
	assert_int_equal(rig_probe(r, "bare", 1000), BMC_OK);
}

/* ---- trace and restart --------------------------------------------------------------
 */

static void the_trace_holds_pins_and_requests(void **state)
{
	struct rig *r = *state;
	json_t *reply, *list;

	(void)rig_verb(r, BMC_BOARD, "sub1-01", "reset", 0, 1000);
	(void)rig_verb(r, BMC_BOARD, "sub1-02", "os_reboot", 0, 1000);
	reply = ask(r, "{\"op\":\"trace\",\"since\":0}");
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
	reply = ask(r, "{\"op\":\"trace\",\"since\":2}");
	assert_int_equal(json_array_size(json_object_get(reply, "trace")), 1);
	json_decref(reply);
}

static void boards_live_on_while_the_daemon_restarts(void **state)
{
	struct rig *r = *state;

	(void)rig_verb(r, BMC_BOARD, "sub1-01", "power", 0, 1000);
	(void)rig_verb(r, BMC_BOARD, "sub1-02", "os_shutdown", 0, 1000);
	rig_run(r, 5000);
	rig_restart(r);
	rig_poll(r);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->power_pin, 0);
	assert_int_equal(RIG_BOARD(r, "sub1-02")->power_pin, 1);
	assert_int_equal(RIG_BOARD(r, "sub1-02")->usb_mode, BMC_USB_NONE);
	assert_int_equal(RIG_BOARD(r, "sub2-01")->os, BMC_OS_ANDROID);
}

static void pins_changed_while_the_daemon_was_away_count(void **state)
{
	struct rig *r = *state;
	struct bmc_pinbank *bank = rig_bank(r);
	struct bmc_trace_entry e = { .what = BMC_TRACE_PIN,
				     .chip = 0,
				     .line = 11,
				     .level = 0,
				     .board = "sub1-01",
				     .text = "power" };

	atomic_store(&bank->level[0][11], 0);
	(void)bmc_pinbank_trace(bank, &e);
	rig_restart(r);
	rig_poll(r);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->power_pin, 0);
}

static void a_writer_that_died_in_the_ring_is_passed_over(void **state)
{
	struct rig *r = *state;
	struct bmc_pinbank *bank = rig_bank(r);

	atomic_fetch_add(&bank->seq, 1); /* and killed before it wrote the entry */
	atomic_store(&bank->level[0][11], 0);
	rig_run(r, 1500);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->power_pin, 0);
}

static void a_pin_bank_full_of_garbage_does_no_harm(void **state)
{
	struct rig *r = *state;
	struct bmc_pinbank *bank = rig_bank(r);

	memset(bank->ring, 0xff, sizeof(bank->ring));
	for (uint64_t i = 1; i <= 100; i++)
		atomic_store(&bank->ring[i].seq, i);
	atomic_store(&bank->seq, 100);
	rig_restart(r);
	rig_run(r, 2000);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->present, 1);
	atomic_store(&bank->seq, UINT64_MAX / 2);
	rig_run(r, 100);
	assert_int_equal(RIG_BOARD(r, "sub1-01")->present, 1);
}

static void the_same_seed_gives_the_same_run(void **state)
{
	struct rig *a = new_rig("{seed: 7}");
	int64_t power;

	(void)state;
	rig_run(a, 20000);
	power = ((const struct bmc_chassis *)rig_row(a, BMC_CHASSIS, "enclosure"))
			->power;
	rig_free(a);
	a = new_rig("{seed: 7}");
	rig_run(a, 20000);
	/* The rig's clock is real below its steps: near, not equal. */
	assert_true(
		llabs(((const struct bmc_chassis *)rig_row(a, BMC_CHASSIS, "enclosure"))
			      ->power -
		      power) < power / 20);
	rig_free(a);
}

static void seed_is_taken_while_running(void **state)
{
	tell(*state, "{\"op\":\"seed\",\"value\":42}");
	refuses(*state, "{\"op\":\"seed\",\"value\":\"x\"}", "whole number");
}

/* ---- bad input ----------------------------------------------------------------------
 */

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
		refuses(*state, bad[i][0], bad[i][1]);
}

static void a_line_that_never_ends_is_refused(void **state)
{
	char buf[256], junk[4096];
	int fd = connect_to(*state);

	memset(junk, 'x', sizeof(junk));
	for (int i = 0; i < 16; i++)
		assert_int_equal(send(fd, junk, sizeof(junk), MSG_NOSIGNAL),
				 sizeof(junk));
	assert_true(read_line(fd, buf, sizeof(buf)) > 0);
	assert_non_null(strstr(buf, "65536"));
	assert_int_equal(read_line(fd, buf, sizeof(buf)), 0);
	close(fd);
}

static void many_lines_in_one_packet_are_all_answered(void **state)
{
	static const char two[] = "{\"op\":\"trace\"}\n{\"op\":\"trace\"}\n{\"op\":";
	char buf[4096];
	int fd = connect_to(*state);

	assert_int_equal(send(fd, two, sizeof(two) - 1, 0), sizeof(two) - 1);
	assert_true(read_line(fd, buf, sizeof(buf)) > 0);
	assert_true(read_line(fd, buf, sizeof(buf)) > 0);
	assert_int_equal(send(fd, "\"trace\"}\n", 9, 0), 9);
	assert_true(read_line(fd, buf, sizeof(buf)) > 0);
	assert_non_null(strstr(buf, "\"ok\":true"));
	close(fd);
}

static void the_seventeenth_client_is_sent_away(void **state)
{
	int fds[17];
	char buf[128];

	for (int i = 0; i < 16; i++)
		fds[i] = connect_to(*state);
	/* All sixteen are in when the last one has been answered. */
	assert_int_equal(send(fds[15], "{\"op\":\"trace\"}\n", 15, 0), 15);
	assert_true(read_line(fds[15], buf, sizeof(buf)) > 0);
	fds[16] = connect_to(*state);
	assert_true(read_line(fds[16], buf, sizeof(buf)) > 0);
	assert_non_null(strstr(buf, "16 clients"));
	for (int i = 0; i < 17; i++)
		close(fds[i]);
}

static void the_socket_is_for_its_owner_only(void **state)
{
	char path[128];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/sim.sock", rig_dir(*state));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	rig_restart(*state);
	assert_int_equal(stat(path, &st), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boards_boot_when_the_chassis_is_switched_on),
		cmocka_unit_test(speed_makes_boots_short),
		TEST(main_is_left_to_others_unless_asked_for),
		TEST(every_part_has_readings),
		TEST(a_board_without_a_thermometer_in_the_file_gets_one),
		TEST(only_a_probe_tells_what_the_os_says),
		TEST(what_did_not_change_is_not_told_again_before_refresh),
		TEST(what_the_core_could_not_take_is_told_again),
		TEST(counters_of_interfaces_grow),
		TEST(power_goes_off_and_on_by_the_pin),
		TEST(a_reset_pulse_between_two_polls_is_seen),
		TEST(a_reset_without_a_pin_is_an_error),
		TEST(os_reboot_leaves_usb_by_itself),
		TEST(a_halted_board_refuses_requests),
		TEST(usb_mode_sends_a_board_to_its_loader),
		TEST(fans_follow_their_duty),
		TEST(locators_light_on_boards_blades_and_chassis),
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
		TEST(boards_live_on_while_the_daemon_restarts),
		TEST(pins_changed_while_the_daemon_was_away_count),
		TEST(a_writer_that_died_in_the_ring_is_passed_over),
		TEST(a_pin_bank_full_of_garbage_does_no_harm),
		cmocka_unit_test(the_same_seed_gives_the_same_run),
		TEST(seed_is_taken_while_running),
		TEST(bad_requests_say_what_to_do),
		TEST(a_line_that_never_ends_is_refused),
		TEST(many_lines_in_one_packet_are_all_answered),
		TEST(the_seventeenth_client_is_sent_away),
		TEST(the_socket_is_for_its_owner_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
