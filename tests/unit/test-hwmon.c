// SPDX-License-Identifier: Apache-2.0
/* The plugin `hwmon` over a sysfs of umockdev: which chip is whose, hot-plug and new
 * numbers, files that lie, hang or vanish, power supplies, 1-wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../plugins/hwmon/hwmon.h"
#include "plugin-fixture.h"
#include "sysfs-fixture.h"

extern const struct bmc_plugin bmc_plugin_hwmon;

#define FANS "platform/fan-module"
#define NTC1 "platform/ntc@1"
#define NTC2 "platform/ntc@2"
#define PSU1 "platform/ff110000.i2c/i2c-1/1-0058"
#define PSU2 "platform/ff120000.i2c/i2c-4/4-0058"
#define W1   "28-0316a2795bff"

static const char platform[] =
	"platform: test\n"
	"chassis: [{id: enclosure}]\n"
	"boards: [{id: main, is_main: true, hwmon: {chip: soc_thermal, channel: "
	"temp1}}]\n"
	"fans:\n"
	"  - {id: fan1, low_rpm: 1500, hwmon: {device: fan-module, channel: fan1, pwm: "
	"1}}\n"
	"  - {id: fan2, hwmon: {device: fan-module, channel: fan2, multiply: 2}}\n"
	"  - {id: other}\n"
	"psus:\n"
	"  - {id: psu1, hwmon: {chip: 'dps*', device: i2c-1/1-0058}}\n"
	"  - {id: psu2, hwmon: {device: i2c-4/4-0058,\n"
	"                       channels: {input_voltage: in7, output_voltage: in8}}}\n"
	"sensors:\n"
	"  - {id: ambient, type: Temperature, hwmon: {w1: '28-*'}}\n"
	"  - {id: ntc1, hwmon: {chip: platform_ntc, device: 'ntc@1', channel: temp1}}\n"
	"  - {id: ntc2, hwmon: {chip: platform_ntc, device: 'ntc@2', channel: temp1,\n"
	"                       multiply: 3, divide: 2, offset: -500}}\n"
	"  - {id: any-ntc, hwmon: {chip: platform_ntc, channel: temp1}}\n"
	"  - {id: v12, hwmon: {chip: ina3221, channel: in1}}\n"
	"  - {id: a12, hwmon: {chip: ina3221, channel: curr1}}\n"
	"  - {id: w12, hwmon: {chip: ina3221, channel: power1}}\n"
	"  - {id: hum, hwmon: {chip: sht3x, channel: humidity1}}\n";

#define FAN(r, id)    ((const struct bmc_fan *)fixture_row((r), BMC_FAN, (id)))
#define PSU(r, id)    ((const struct bmc_psu *)fixture_row((r), BMC_PSU, (id)))
#define SENSOR(r, id) ((const struct bmc_sensor *)fixture_row((r), BMC_SENSOR, (id)))

static const char w1_good[] = "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n"
			      "72 01 4b 46 7f ff 0e 10 57 t=23125\n";

static void machine(void)
{
	sysfs_clear();
	sysfs_hwmon(FANS, 0, "pwmfan\n");
	sysfs_attribute(FANS, 0, "fan1_input", "4200\n");
	sysfs_attribute(FANS, 0, "fan2_input", "2100\n");
	sysfs_attribute(FANS, 0, "pwm1", "51\n");
	sysfs_hwmon(NTC1, 1, "platform_ntc\n");
	sysfs_attribute(NTC1, 1, "temp1_input", "34779\n");
	sysfs_hwmon(NTC2, 2, "platform_ntc\n");
	sysfs_attribute(NTC2, 2, "temp1_input", "20000\n");
	sysfs_hwmon("virtual/thermal/thermal_zone0", 3, "soc_thermal\n");
	sysfs_attribute("virtual/thermal/thermal_zone0", 3, "temp1_input", "51000\n");
	sysfs_hwmon("platform/ina", 4, "ina3221\n");
	sysfs_attribute("platform/ina", 4, "in1_input", "12100\n");
	sysfs_attribute("platform/ina", 4, "curr1_input", "-250\n");
	sysfs_attribute("platform/ina", 4, "power1_input", "30250000\n");
	sysfs_hwmon("platform/sht", 5, "sht3x\n");
	sysfs_attribute("platform/sht", 5, "humidity1_input", "41000\n");
	sysfs_w1(W1, w1_good);
}

static void psu_on(void)
{
	sysfs_hwmon(PSU1, 6, "dps650ab\n");
	sysfs_attribute(PSU1, 6, "in1_label", "vin\n");
	sysfs_attribute(PSU1, 6, "in1_input", "230500\n");
	sysfs_attribute(PSU1, 6, "in1_lcrit_alarm", "0\n");
	sysfs_attribute(PSU1, 6, "in2_label", "vout1\n");
	sysfs_attribute(PSU1, 6, "in2_input", "12050\n");
	sysfs_attribute(PSU1, 6, "in2_crit_alarm", "0\n");
	sysfs_attribute(PSU1, 6, "curr1_label", "iin\n");
	sysfs_attribute(PSU1, 6, "curr1_input", "1500\n");
	sysfs_attribute(PSU1, 6, "curr2_label", "iout1\n");
	sysfs_attribute(PSU1, 6, "curr2_input", "25250\n");
	sysfs_attribute(PSU1, 6, "power1_label", "pin\n");
	sysfs_attribute(PSU1, 6, "power1_input", "345750000\n");
	sysfs_attribute(PSU1, 6, "power2_label", "pout1\n");
	sysfs_attribute(PSU1, 6, "power2_input", "304262500\n");
	sysfs_attribute(PSU1, 6, "temp1_input", "38500\n");
	sysfs_attribute(PSU1, 6, "energy1_input", "7200000000\n");
	sysfs_file("devices/" PSU1 "/power_supply/psu/model_name", "DPS-650AB-29 A\n");
	sysfs_file("devices/" PSU1 "/power_supply/psu/serial_number", "D\x01"
								      "1234\n");
	sysfs_file("devices/" PSU1 "/power_supply/psu/manufacturer", "DELTA\n");
	/* the class's folder has a link `device` to it */
	sysfs_file("devices/" PSU1 "/hwmon/hwmon6/device/power_supply/psu/model_name",
		   "DPS-650AB-29 A\n");
	sysfs_file("devices/" PSU1
		   "/hwmon/hwmon6/device/power_supply/psu/serial_number",
		   "D\x01"
		   "1234\n");
}

static struct fixture *begin(void)
{
	struct fixture *r = fixture_new(
		&(struct fixture_conf){ &bmc_plugin_hwmon, platform, "{late: 1s}" });

	fixture_stop_clock(r); /* what is late is not this machine's load */
	fixture_poll(r);
	return r;
}

/* Polls until that is so: threads end and are waited for when they are ready. */
#define POLL_UNTIL(r, condition)                                  \
	for (int left = 2000; left > 0 && !(condition); left--) { \
		(void)usleep(5000);                               \
		fixture_poll(r);                                  \
	}                                                         \
	assert_true(condition)

/* ---- what is read ---- */

static void readings_come_scaled_into_their_rows(void **state)
{
	struct fixture *r;

	(void)state;
	machine();
	r = begin();
	assert_int_equal(FAN(r, "fan1")->rpm, 4200);
	assert_int_equal(FAN(r, "fan1")->duty, 20000);
	assert_int_equal(FAN(r, "fan1")->present, 1);
	assert_int_equal(FAN(r, "fan2")->rpm, 4200);
	assert_int_equal(FAN(r, "fan2")->duty, BMC_UNKNOWN);
	assert_null(FAN(r, "other"));
	assert_int_equal(SENSOR(r, "ntc1")->value, 34779);
	assert_int_equal(SENSOR(r, "ntc1")->type, BMC_SENSOR_TEMPERATURE);
	assert_int_equal(SENSOR(r, "ntc2")->value, 29500);
	assert_int_equal(SENSOR(r, "ambient")->value, 23125);
	assert_int_equal(SENSOR(r, "v12")->value, 12100);
	assert_int_equal(SENSOR(r, "v12")->type, BMC_SENSOR_VOLTAGE);
	assert_int_equal(SENSOR(r, "a12")->value, -250);
	assert_int_equal(SENSOR(r, "a12")->type, BMC_SENSOR_CURRENT);
	assert_int_equal(SENSOR(r, "w12")->value, 30250);
	assert_int_equal(SENSOR(r, "w12")->type, BMC_SENSOR_POWER);
	assert_int_equal(SENSOR(r, "hum")->value, 41000);
	assert_int_equal(SENSOR(r, "hum")->type, BMC_SENSOR_HUMIDITY);
	assert_int_equal(FIXTURE_BOARD(r, "main")->soc_temperature, 51000);
	fixture_free(r);
}

/* Two chips fit: neither is taken. */
static void an_ambiguous_chip_is_no_reading(void **state)
{
	struct fixture *r;

	(void)state;
	machine();
	r = begin();
	assert_int_equal(SENSOR(r, "any-ntc")->value, BMC_UNKNOWN);
	sysfs_hwmon_gone(NTC2, 2);
	fixture_poll(r);
	assert_int_equal(SENSOR(r, "any-ntc")->value, 34779);
	fixture_free(r);
}

static void a_supply_is_read_by_the_labels_of_pmbus(void **state)
{
	struct fixture *r;

	(void)state;
	machine();
	psu_on();
	r = begin();
	assert_int_equal(PSU(r, "psu1")->present, 1);
	assert_int_equal(PSU(r, "psu1")->input_ok, 1);
	assert_int_equal(PSU(r, "psu1")->output_ok, 1);
	assert_int_equal(PSU(r, "psu1")->input_voltage, 230500);
	assert_int_equal(PSU(r, "psu1")->output_voltage, 12050);
	assert_int_equal(PSU(r, "psu1")->output_current, 25250);
	assert_int_equal(PSU(r, "psu1")->input_power, 345750);
	assert_int_equal(PSU(r, "psu1")->output_power, 304262);
	assert_int_equal(PSU(r, "psu1")->temperature, 38500);
	assert_int_equal(PSU(r, "psu1")->energy, 7200);
	assert_string_equal(PSU(r, "psu1")->model, "DPS-650AB-29 A");
	assert_string_equal(PSU(r, "psu1")->serial, "D?1234");
	assert_int_equal(PSU(r, "psu2")->present, BMC_UNKNOWN);
	sysfs_attribute(PSU1, 6, "in1_lcrit_alarm", "1\n");
	fixture_poll(r);
	assert_int_equal(PSU(r, "psu1")->input_ok, 0);
	assert_int_equal(PSU(r, "psu1")->output_ok, 1);
	sysfs_attribute(PSU1, 6, "in1_lcrit_alarm", "0\n");
	sysfs_attribute(PSU1, 6, "in2_input", "0\n");
	fixture_poll(r);
	assert_int_equal(PSU(r, "psu1")->input_ok, 1);
	assert_int_equal(PSU(r, "psu1")->output_ok, 0);
	sysfs_hwmon_gone(PSU1, 6);
	fixture_poll(r);
	assert_int_equal(PSU(r, "psu1")->present, 0);
	assert_int_equal(PSU(r, "psu1")->input_voltage, BMC_UNKNOWN);
	assert_int_equal(PSU(r, "psu1")->output_ok, BMC_UNKNOWN);
	fixture_free(r);
}

static void a_supply_without_labels_is_read_by_the_platform_file(void **state)
{
	struct fixture *r;

	(void)state;
	machine();
	sysfs_hwmon(PSU2, 7, "whatever\n");
	sysfs_attribute(PSU2, 7, "in7_input", "48000\n");
	sysfs_attribute(PSU2, 7, "in8_input", "11900\n");
	sysfs_attribute(PSU2, 7, "in8_alarm", "1\n");
	r = begin();
	assert_int_equal(PSU(r, "psu2")->input_voltage, 48000);
	assert_int_equal(PSU(r, "psu2")->output_voltage, 11900);
	assert_int_equal(PSU(r, "psu2")->input_ok, 1);
	assert_int_equal(PSU(r, "psu2")->output_ok, 0);
	assert_int_equal(PSU(r, "psu2")->energy, BMC_UNKNOWN);
	fixture_free(r);
}

/* ---- hot-plug ---- */

static void a_chip_with_another_number_is_found_within_a_poll(void **state)
{
	struct fixture *r;

	(void)state;
	machine();
	r = begin();
	/* the two thermometers change places: by number each would be the other */
	sysfs_hwmon_gone(NTC1, 1);
	sysfs_hwmon_gone(NTC2, 2);
	sysfs_hwmon(NTC1, 2, "platform_ntc\n");
	sysfs_attribute(NTC1, 2, "temp1_input", "11000\n");
	sysfs_hwmon(NTC2, 1, "platform_ntc\n");
	sysfs_attribute(NTC2, 1, "temp1_input", "22000\n");
	fixture_poll(r);
	assert_int_equal(SENSOR(r, "ntc1")->value, 11000);
	assert_int_equal(SENSOR(r, "ntc2")->value, 32500);
	fixture_free(r);
}

static void a_fan_that_goes_is_absent_and_comes_back(void **state)
{
	struct fixture *r;

	(void)state;
	machine();
	sysfs_hwmon_gone(FANS, 0);
	r = begin();
	assert_int_equal(FAN(r, "fan1")->present, BMC_UNKNOWN);
	assert_int_equal(FAN(r, "fan1")->rpm, BMC_UNKNOWN);
	sysfs_hwmon(FANS, 9, "pwmfan\n"); /* its files come later */
	fixture_poll(r);
	assert_int_equal(FAN(r, "fan1")->rpm, BMC_UNKNOWN);
	sysfs_attribute(FANS, 9, "fan1_input", "3000\n");
	sysfs_attribute(FANS, 9, "pwm1", "255\n");
	fixture_poll(r);
	fixture_poll(r);
	assert_int_equal(FAN(r, "fan1")->rpm, 3000);
	assert_int_equal(FAN(r, "fan1")->duty, 100000);
	sysfs_hwmon_gone(FANS, 9);
	fixture_poll(r);
	assert_int_equal(FAN(r, "fan1")->present, 0);
	assert_int_equal(FAN(r, "fan1")->rpm, BMC_UNKNOWN);
	assert_int_equal(FAN(r, "fan1")->duty, BMC_UNKNOWN);
	fixture_free(r);
}

/* Each step of a chip's coming and going, with a poll in between. */
static void at_each_moment_of_hot_plug_there_is_the_value_or_none(void **state)
{
	struct fixture *r;

	(void)state;
	machine();
	sysfs_hwmon_gone(NTC1, 1);
	r = begin();
	for (int round = 0; round < 20; round++) {
		unsigned n = 20 + (unsigned)round;

		sysfs_attribute(NTC1, n, "name", "");
		fixture_poll(r);
		assert_int_equal(SENSOR(r, "ntc1")->value, BMC_UNKNOWN);
		sysfs_hwmon(NTC1, n, "");
		fixture_poll(r);
		assert_int_equal(SENSOR(r, "ntc1")->value, BMC_UNKNOWN);
		sysfs_hwmon(NTC1, n, "platform_ntc\n");
		fixture_poll(r);
		sysfs_attribute(NTC1, n, "temp1_input", "45000\n");
		fixture_poll(r);
		fixture_poll(r);
		assert_int_equal(SENSOR(r, "ntc1")->value, 45000);
		sysfs_hwmon_gone(NTC1, n);
		fixture_poll(r);
		assert_int_equal(SENSOR(r, "ntc1")->value, BMC_UNKNOWN);
		assert_int_equal(SENSOR(r, "ntc2")->value, 29500);
	}
	fixture_free(r);
}

/* ---- files that lie, hang, vanish ---- */

static void a_file_that_holds_no_believable_number_is_unknown(void **state)
{
	static const char *const bad[] = { "",
					   "\n",
					   "999999999999999999999\n",
					   "text\n",
					   "12 34\n",
					   "0x10\n",
					   "1e3\n",
					   "-\n",
					   "250001\n",
					   "-100001\n",
					   "9223372036854775807\n",
					   "999999999999999999\n" };
	struct fixture *r;

	(void)state;
	machine();
	r = begin();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		sysfs_attribute(NTC2, 2, "temp1_input", "20000\n");
		fixture_poll(r);
		assert_int_equal(SENSOR(r, "ntc2")->value, 29500);
		sysfs_attribute(NTC2, 2, "temp1_input", bad[i]);
		fixture_poll(r);
		assert_int_equal(SENSOR(r, "ntc2")->value, BMC_UNKNOWN);
	}
	sysfs_attribute(NTC1, 1, "temp1_input", "250000\n");
	fixture_poll(r);
	assert_int_equal(SENSOR(r, "ntc1")->value, 250000);
	sysfs_attribute(FANS, 0, "pwm1", "256\n");
	fixture_poll(r);
	assert_int_equal(FAN(r, "fan1")->duty, BMC_UNKNOWN);
	assert_int_equal(FAN(r, "fan1")->rpm, 4200);
	fixture_free(r);
}

static void a_chip_that_calls_its_channel_faulty_is_believed(void **state)
{
	struct fixture *r;

	(void)state;
	machine();
	sysfs_attribute(FANS, 0, "fan1_fault", "0\n");
	r = begin();
	assert_int_equal(FAN(r, "fan1")->rpm, 4200);
	sysfs_attribute(FANS, 0, "fan1_fault", "1\n");
	fixture_poll(r);
	assert_int_equal(FAN(r, "fan1")->rpm, BMC_UNKNOWN);
	assert_int_equal(FAN(r, "fan1")->duty, 20000);
	fixture_free(r);
}

static bool number(const char *text, int64_t *ret)
{
	return hwmon_parse_number(text, strlen(text), ret);
}

static void a_number_has_up_to_18_digits(void **state)
{
	int64_t n = 0;

	(void)state;
	assert_true(number("999999999999999999", &n));
	assert_int_equal(n, 999999999999999999);
	assert_false(number("1999999999999999999", &n));
	assert_true(number(" -999999999999999999 \n", &n));
	assert_int_equal(n, -999999999999999999);
	assert_false(number("-1999999999999999999", &n));
}

/* Only what is on the same bus waits with it, and no longer than `late`. */
static void a_chip_that_hangs_holds_up_its_own_bus_only(void **state)
{
	static const char file[] = "devices/" PSU1 "/hwmon/hwmon6/in1_input";
	struct fixture *r;

	(void)state;
	machine();
	psu_on();
	r = begin();
	assert_int_equal(PSU(r, "psu1")->input_voltage, 230500);
	sysfs_hang(file);
	sysfs_attribute(FANS, 0, "fan1_input", "1000\n");
	fixture_poll(r);
	assert_int_equal(FAN(r, "fan1")->rpm, 1000);
	assert_int_equal(PSU(r, "psu1")->input_voltage, 230500); /* not late yet */
	fixture_advance(r, 1000);
	fixture_poll(r);
	assert_int_equal(PSU(r, "psu1")->input_voltage, BMC_UNKNOWN);
	assert_int_equal(PSU(r, "psu1")->present, BMC_UNKNOWN);
	assert_int_equal(FAN(r, "fan1")->rpm, 1000);
	sysfs_release(file);
	sysfs_attribute(PSU1, 6, "in1_input", "229000\n");
	POLL_UNTIL(r, PSU(r, "psu1")->input_voltage == 229000);
	fixture_free(r);
}

/* A hung bus neither stops hot-plug elsewhere nor the end of the instance. */
static void a_bus_that_hangs_is_left_behind(void **state)
{
	static const char file[] = "devices/" PSU1 "/hwmon/hwmon6/in1_input";
	struct fixture *r;

	(void)state;
	machine();
	psu_on();
	r = begin();
	sysfs_hang(file);
	fixture_poll(r);
	fixture_advance(r, 1000);
	sysfs_hwmon_gone(NTC1, 1);
	sysfs_hwmon(NTC1, 11, "platform_ntc\n");
	sysfs_attribute(NTC1, 11, "temp1_input", "12000\n");
	fixture_poll(r);
	assert_int_equal(SENSOR(r, "ntc1")->value, 12000);
	assert_int_equal(PSU(r, "psu1")->input_voltage, BMC_UNKNOWN);
	sysfs_release(file); /* a new lane reads it: no longer stuck */
	sysfs_attribute(PSU1, 6, "in1_input", "231000\n");
	POLL_UNTIL(r, PSU(r, "psu1")->input_voltage == 231000);
	sysfs_hang(file);
	fixture_poll(r);
	assert_int_equal(PSU(r, "psu1")->input_voltage, 231000); /* not late yet */
	fixture_free(r);
	sysfs_release(file);
	usleep(100000); /* the threads that were left behind end, for LeakSanitizer */
}

/* Until the other buses are at rest its rows are on none. */
static void a_bus_that_was_left_behind_is_not_asked_again(void **state)
{
	static const char psu[] = "devices/" PSU1 "/hwmon/hwmon6/in1_input";
	static const char ntc[] = "devices/" NTC1 "/hwmon/hwmon1/temp1_input";
	struct fixture *r;

	(void)state;
	machine();
	psu_on();
	r = fixture_new(
		&(struct fixture_conf){ &bmc_plugin_hwmon, platform, "{late: 2s}" });
	fixture_stop_clock(r);
	for (int i = 0; i < 4; i++)
		fixture_poll(r); /* until rows are placed for good */
	sysfs_hang(ntc);
	fixture_poll(r);
	fixture_advance(r, 2000);
	sysfs_hang(psu);
	fixture_poll(r); /* the first is late, the second is under way */
	assert_int_equal(SENSOR(r, "ntc1")->value, BMC_UNKNOWN);
	sysfs_hwmon_gone(NTC2, 2);
	fixture_poll(r);
	assert_int_equal(SENSOR(r, "ntc1")->value, BMC_UNKNOWN);
	sysfs_release(ntc); /* its thread ends */
	sysfs_attribute(NTC1, 1, "temp1_input", "12000\n");
	usleep(100000);
	fixture_poll(r);
	sysfs_release(psu);
	sysfs_attribute(PSU1, 6, "in1_input", "231000\n");
	POLL_UNTIL(r, PSU(r, "psu1")->input_voltage == 231000);
	POLL_UNTIL(r, SENSOR(r, "ntc1")->value == 12000);
	fixture_free(r);
	usleep(100000);
}

/* ---- 1-wire ---- */

static bool w1(const char *text, int64_t before, int64_t *ret)
{
	return hwmon_parse_w1(text, strlen(text), before, ret);
}

static void a_thermometer_is_believed_by_its_checksum(void **state)
{
	int64_t t = 0;

	(void)state;
	assert_true(w1(w1_good, BMC_UNKNOWN, &t));
	assert_int_equal(t, 23125);
	assert_false(w1("72 01 4b 46 7f ff 0e 10 57 : crc=57 NO\n"
			"72 01 4b 46 7f ff 0e 10 57 t=23125\n",
			BMC_UNKNOWN, &t));
	assert_false(w1("00 00 00 00 00 00 00 00 00 : crc=00 YES\n"
			"00 00 00 00 00 00 00 00 00 t=0\n",
			BMC_UNKNOWN, &t));
	assert_true(w1("00 00 4b 46 7f ff 0e 10 57 : crc=57 YES\n"
		       "00 00 4b 46 7f ff 0e 10 57 t=0\n",
		       BMC_UNKNOWN, &t));
	assert_false(w1("ff ff : crc=57 YES\nff t=-127000\n", BMC_UNKNOWN, &t));
	assert_false(w1("ff ff : crc=57 YES\nff t=-55001\n", BMC_UNKNOWN, &t));
	assert_true(w1("ff ff : crc=57 YES\nff t=-55000\n", BMC_UNKNOWN, &t));
	assert_true(w1("ff ff : crc=57 YES\nff t=125000\n", BMC_UNKNOWN, &t));
	assert_false(w1("ff ff : crc=57 YES\nff t=125001\n", BMC_UNKNOWN, &t));
	assert_false(w1("YES\n", BMC_UNKNOWN, &t));
	assert_false(w1("", BMC_UNKNOWN, &t));
	assert_false(w1("ff : crc=57 YES\nff t=\n", BMC_UNKNOWN, &t));
	assert_false(w1("ff : crc=57 YES\nff\n", BMC_UNKNOWN, &t));
	assert_false(w1("ff : crc=57 YES", BMC_UNKNOWN, &t));
}

/* 85 C is what a thermometer has that lost its supply; a hot one gets there by degrees.
 */
static void the_value_after_power_on_is_refused(void **state)
{
	static const char on[] = "50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n"
				 "50 05 4b 46 7f ff 0c 10 1c t=85000\n";
	int64_t t;

	(void)state;
	assert_false(w1(on, BMC_UNKNOWN, &t));
	assert_false(w1(on, 23125, &t));
	assert_false(w1(on, 81999, &t));
	assert_true(w1(on, 82000, &t));
	assert_true(w1(on, 88000, &t));
	assert_false(w1(on, 88001, &t));
}

static void a_thermometer_that_goes_or_lies_is_unknown(void **state)
{
	struct fixture *r;

	(void)state;
	machine();
	r = begin();
	sysfs_w1(W1, "50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n"
		     "50 05 4b 46 7f ff 0c 10 1c t=85000\n");
	fixture_poll(r);
	assert_int_equal(SENSOR(r, "ambient")->value, BMC_UNKNOWN);
	sysfs_w1(W1, w1_good);
	fixture_poll(r);
	assert_int_equal(SENSOR(r, "ambient")->value, 23125);
	sysfs_w1("28-000000000001", w1_good); /* which of the two? */
	fixture_poll(r);
	assert_int_equal(SENSOR(r, "ambient")->value, BMC_UNKNOWN);
	fixture_free(r);
}

/* ---- hostile text ---- */

static void ten_thousand_texts_are_numbers_or_not(void **state)
{
	static const char alphabet[] = "0123456789-- \n\ttYES=:crc.x\0\xff";
	char text[80];
	int64_t n;

	(void)state;
	srandom(9);
	for (int i = 0; i < 10000; i++) {
		size_t len = (size_t)random() % sizeof(text);
		char *exact;

		for (size_t k = 0; k < len; k++)
			text[k] = alphabet[(size_t)random() % (sizeof(alphabet) - 1)];
		exact = malloc(len + 1); /* so that a sanitizer sees the end */
		assert_non_null(exact);
		memcpy(exact, text, len);
		exact[len] = '\0';
		if (hwmon_parse_number(exact, len, &n)) {
			assert_int_equal(strlen(exact), len);
			assert_int_equal(n, strtoll(exact, NULL, 10));
		}
		if (hwmon_parse_w1(exact, len, BMC_UNKNOWN, &n))
			assert_in_range(n + 55000, 0, 180000);
		hwmon_clean(exact);
		for (const char *p = exact; *p; p++)
			assert_true(*p >= ' ' && *p <= '~');
		free(exact);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readings_come_scaled_into_their_rows),
		cmocka_unit_test(an_ambiguous_chip_is_no_reading),
		cmocka_unit_test(a_supply_is_read_by_the_labels_of_pmbus),
		cmocka_unit_test(a_supply_without_labels_is_read_by_the_platform_file),
		cmocka_unit_test(a_chip_with_another_number_is_found_within_a_poll),
		cmocka_unit_test(a_fan_that_goes_is_absent_and_comes_back),
		cmocka_unit_test(at_each_moment_of_hot_plug_there_is_the_value_or_none),
		cmocka_unit_test(a_file_that_holds_no_believable_number_is_unknown),
		cmocka_unit_test(a_chip_that_calls_its_channel_faulty_is_believed),
		cmocka_unit_test(a_number_has_up_to_18_digits),
		cmocka_unit_test(a_chip_that_hangs_holds_up_its_own_bus_only),
		cmocka_unit_test(a_bus_that_hangs_is_left_behind),
		cmocka_unit_test(a_bus_that_was_left_behind_is_not_asked_again),
		cmocka_unit_test(a_thermometer_is_believed_by_its_checksum),
		cmocka_unit_test(the_value_after_power_on_is_refused),
		cmocka_unit_test(a_thermometer_that_goes_or_lies_is_unknown),
		cmocka_unit_test(ten_thousand_texts_are_numbers_or_not),
	};

	(void)argc;
	if (!sysfs_begin(argv))
		return 0;
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	sysfs_end();
	return r;
}
