// SPDX-License-Identifier: Apache-2.0
// Decoding of what disks answer, on sectors laid out as ACS-4, SAT-4 and NVMe 1.4 say.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "priv/smart.h"
#include "priv/smartctl.h"

static void put_word(uint8_t *data, size_t word, unsigned value)
{
	data[2 * word] = (uint8_t)value;
	data[2 * word + 1] = (uint8_t)(value >> 8);
}

/* ATA texts: two characters a word, the first in the upper byte. */
static void put_text(uint8_t *data, size_t word, size_t words, const char *text)
{
	for (size_t i = 0; i < words * 2; i++)
		data[(2 * word + i) ^ 1] = i < strlen(text) ? (uint8_t)text[i] : ' ';
}

static void put_checksum(uint8_t *data)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < SMART_SECTOR - 1; i++)
		sum = (uint8_t)(sum + data[i]);
	data[SMART_SECTOR - 1] = (uint8_t)-sum;
}

static void identity(uint8_t data[SMART_SECTOR], unsigned rate, unsigned smart)
{
	memset(data, 0, SMART_SECTOR);
	put_text(data, 10, 10, "   S3Z2NB0K12345");
	put_text(data, 23, 4, "RVT02B6Q");
	put_text(data, 27, 20, "Samsung SSD 860 EVO 500GB");
	put_word(data, 82, smart);
	put_word(data, 83, 0x4000);
	put_word(data, 85, smart);
	put_word(data, 217, rate);
	put_word(data, 255, 0xa5);
	put_checksum(data);
}

static void an_identity_gives_names_and_rotation(void **state)
{
	uint8_t data[SMART_SECTOR];
	struct bmc_smart s;

	(void)state;
	smart_init(&s);
	identity(data, 7200, 1);
	assert_int_equal(smart_identify(data, &s, NULL), 0);
	assert_string_equal(s.model, "Samsung SSD 860 EVO 500GB");
	assert_string_equal(s.serial, "S3Z2NB0K12345");
	assert_string_equal(s.firmware, "RVT02B6Q");
	assert_int_equal(s.rotation_rpm, 7200);
	identity(data, 1, 1);
	assert_int_equal(smart_identify(data, &s, NULL), 0);
	assert_int_equal(s.rotation_rpm, 0);
}

static void an_unreported_rotation_stays_unknown(void **state)
{
	uint8_t data[SMART_SECTOR];
	struct bmc_smart s;

	(void)state;
	smart_init(&s);
	identity(data, 0, 1);
	assert_int_equal(smart_identify(data, &s, NULL), 0);
	assert_true(s.rotation_rpm == BMC_UNKNOWN);
}

static void a_disk_without_smart_says_so(void **state)
{
	uint8_t data[SMART_SECTOR];
	struct bmc_smart s;

	(void)state;
	smart_init(&s);
	identity(data, 1, 0);
	assert_int_equal(smart_identify(data, &s, NULL), BMC_ENOTSUP);
	assert_string_equal(s.serial, "S3Z2NB0K12345");
}

static void a_wrong_checksum_is_corrupt(void **state)
{
	uint8_t data[SMART_SECTOR];
	struct bmc_smart s;

	(void)state;
	smart_init(&s);
	identity(data, 1, 1);
	data[60] ^= 4;
	assert_int_equal(smart_identify(data, &s, NULL), BMC_ECORRUPT);
}

static void put_attribute(uint8_t *data, size_t at, uint8_t id, uint64_t raw)
{
	uint8_t *a = data + 2 + 12 * at;

	a[0] = id;
	for (size_t i = 0; i < 6; i++)
		a[5 + i] = (uint8_t)(raw >> (8 * i));
}

static void attributes_give_temperature_and_hours(void **state)
{
	uint8_t data[SMART_SECTOR] = { 16 };
	struct bmc_smart s;

	(void)state;
	smart_init(&s);
	put_attribute(data, 0, 9, 12345);
	put_attribute(data, 1, 190, 31);
	put_attribute(data, 29, 194, 36 | INT64_C(21) << 16 | INT64_C(45) << 32);
	put_checksum(data);
	assert_int_equal(smart_attributes(data, &s, NULL), 0);
	assert_int_equal(s.hours, 12345);
	assert_int_equal(s.temperature, 36000);
	data[100]++;
	assert_int_equal(smart_attributes(data, &s, NULL), BMC_ECORRUPT);
}

static void a_cold_disk_has_a_negative_temperature(void **state)
{
	uint8_t data[SMART_SECTOR] = { 16 };
	struct bmc_smart s;

	(void)state;
	smart_init(&s);
	put_attribute(data, 3, 194, 0xfb);
	put_checksum(data);
	assert_int_equal(smart_attributes(data, &s, NULL), 0);
	assert_int_equal(s.temperature, -5000);
	assert_true(s.hours == BMC_UNKNOWN);
}

static void a_status_tells_health_by_its_signature(void **state)
{
	uint8_t sense[22] = { 0x72, 1, 0, 0x1d, 0, 0, 0, 14, 0x09, 12 };
	struct bmc_smart s;

	(void)state;
	smart_init(&s);
	sense[17] = 0x4f;
	sense[19] = 0xc2;
	assert_int_equal(smart_status(sense, sizeof(sense), &s, NULL), 0);
	assert_int_equal(s.failure_predicted, 0);
	sense[17] = 0xf4;
	sense[19] = 0x2c;
	assert_int_equal(smart_status(sense, sizeof(sense), &s, NULL), 0);
	assert_int_equal(s.failure_predicted, 1);
}

static void sense_data_without_registers_is_no_health(void **state)
{
	uint8_t sense[32] = { 0 };
	struct bmc_smart s;

	(void)state;
	smart_init(&s);
	for (unsigned seed = 0; seed < 20000; seed++) {
		for (size_t i = 0; i < sizeof(sense); i++)
			sense[i] = (uint8_t)rand();
		sense[0] = 0x72;
		(void)smart_status(sense, seed % (sizeof(sense) + 1), &s, NULL);
	}
	memset(sense, 0, sizeof(sense));
	smart_init(&s);
	assert_int_equal(smart_status(sense, sizeof(sense), &s, NULL), BMC_ENOTSUP);
	assert_true(s.failure_predicted == BMC_UNKNOWN);
}

static void a_health_log_of_nvme_is_decoded(void **state)
{
	uint8_t id[SMART_NVME_IDENTIFY] = { 0 }, log[SMART_SECTOR] = { 0 };
	struct bmc_smart s;

	(void)state;
	smart_init(&s);
	memset(id + 4, ' ', 68);
	memcpy(id + 4, "S4EWNX0M", 8);
	memcpy(id + 24, "Samsung SSD 970 EVO Plus 1TB", 28);
	memcpy(id + 64, "2B2QEXM7", 8);
	smart_nvme_identify(id, &s);
	assert_string_equal(s.model, "Samsung SSD 970 EVO Plus 1TB");
	assert_string_equal(s.serial, "S4EWNX0M");
	assert_string_equal(s.firmware, "2B2QEXM7");
	assert_int_equal(s.rotation_rpm, 0);
	log[1] = 0x38; /* 312 K */
	log[2] = 0x01;
	log[128] = 0x10;
	log[129] = 0x27;
	smart_nvme_health(log, &s);
	assert_int_equal(s.temperature, 39000);
	assert_int_equal(s.hours, 10000);
	assert_int_equal(s.failure_predicted, 0);
	log[0] = 0x02; /* too hot is no failing disk */
	smart_nvme_health(log, &s);
	assert_int_equal(s.failure_predicted, 0);
	log[0] = 0x04;
	smart_nvme_health(log, &s);
	assert_int_equal(s.failure_predicted, 1);
}

/* ---- smartctl's JSON, written as versions 7.0 to 7.4 write it ---- */

struct said {
	const char *json;
	int64_t failure, temperature, hours, rotation;
	const char *model, *serial, *firmware;
};

#define U            BMC_UNKNOWN
#define READ(status) "\"smartctl\":{\"version\":[7,3],\"exit_status\":" status "}"

static const struct said disks[] = {
	/* a disk behind a USB bridge; bit 6 of the status: old errors in its log */
	{ "{" READ("64") ",\"device\":{\"name\":\"/dev/sda\",\"type\":\"sat\"},"
			 "\"model_name\":\"WDC "
			 "WD10SPZX-00Z10T0\",\"serial_number\":\"WD-WXC1E98K2\","
			 "\"firmware_version\":\"01.01A01\",\"rotation_rate\":5400,"
			 "\"smart_status\":{\"passed\":true},\"power_on_time\":{"
			 "\"hours\":8123,"
			 "\"minutes\":4},\"temperature\":{\"current\":34}}",
	  0, 34000, 8123, 5400, "WDC WD10SPZX-00Z10T0", "WD-WXC1E98K2", "01.01A01" },
	/* bit 3: it is failing */
	{ "{" READ("8") ",\"device\":{\"type\":\"ata\"},\"model_name\":\"ST1000LM035\","
			"\"rotation_rate\":0,\"smart_status\":{\"passed\":false},"
			"\"temperature\":{\"current\":-3}}",
	  1, -3000, U, 0, "ST1000LM035", "", "" },
	/* a raw counter of 128 bits; no rotation rate */
	{ "{" READ("0") ",\"device\":{\"type\":\"nvme\"},\"model_name\":\"X\","
			"\"nvme_smart_health_information_log\":{\"data_units_read\":"
			"340282366920938463463374607431768211455},"
			"\"smart_status\":{\"passed\":true,\"nvme\":{\"value\":0}},"
			"\"temperature\":{\"current\":41},\"power_on_time\":{\"hours\":"
			"1}}",
	  0, 41000, 1, 0, "X", "", "" },
	/* a SCSI disk, named in other keys */
	{ "{" READ("4") ",\"device\":{\"type\":\"scsi\"},\"scsi_vendor\":\"QEMU\","
			"\"scsi_product\":\"HARDDISK\",\"scsi_revision\":\"2.5+\"}",
	  U, U, U, U, "HARDDISK", "", "2.5+" },
	/* an SD card reader: nothing but its name */
	{ "{" READ("4") ",\"model_name\":\"Reader\",\"smart_support\":"
			"{\"available\":false}}",
	  U, U, U, U, "Reader", "", "" },
	/* nonsense of a hostile drive, and texts that are too long or not printable */
	{ "{" READ("0") ",\"model_name\":\"a\\u0007b\\u001b[31m" /* 48 bytes of room */
			"0123456789012345678901234567890123456789012345678\","
			"\"serial_number\":7,\"firmware_version\":\"v\\u0000x\","
			"\"temperature\":{\"current\":251},\"power_on_time\":{"
			"\"hours\":-1},"
			"\"rotation_rate\":1e300,\"smart_status\":{\"passed\":1}}",
	  U, U, U, U, NULL, "", NULL },
	{ "{" READ("0") ",\"temperature\":[1],\"power_on_time\":\"x\","
			"\"smart_status\":null,\"device\":[],\"model_name\":{}}",
	  U, U, U, U, "", "", "" },
};

static void smartctls_json_gives_what_it_knows(void **state)
{
	struct bmc_smart s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(disks); i++) {
		const struct said *d = &disks[i];
		print_message("# %zu\n", i);
		assert_int_equal(smartctl_decode(d->json, strlen(d->json), &s, NULL),
				 0);
		assert_int_equal(s.failure_predicted, d->failure);
		assert_int_equal(s.temperature, d->temperature);
		assert_int_equal(s.hours, d->hours);
		assert_int_equal(s.rotation_rpm, d->rotation);
		assert_string_equal(s.serial, d->serial);
		if (d->model)
			assert_string_equal(s.model, d->model);
		if (d->firmware)
			assert_string_equal(s.firmware, d->firmware);
		for (const char *p = s.model; *p; p++)
			assert_true(*p >= ' ');
		assert_true(strlen(s.model) < sizeof(s.model));
	}
}

static void a_refusal_of_smartctl_is_an_error_in_its_words(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"null",
		"{}",
		"smartctl 7.3",
		"{\"smartctl\":{}}",
		"{\"smartctl\":{\"exit_status\":\"0\"}}",
		"{\"smartctl\":{\"exit_status\":256}}",
	};
	static const char why[] =
		"{\"smartctl\":{\"messages\":[{\"string\":\"/dev/sda: Unknown USB "
		"bridge [0x1f75:0x0611]\\n\",\"severity\":\"error\"}],"
		"\"exit_status\":1}}";
	struct bmc_error err;
	struct bmc_smart s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(smartctl_decode(bad[i], strlen(bad[i]), &s, &err),
				 BMC_ECORRUPT);
	assert_int_equal(smartctl_decode(why, strlen(why), &s, &err), BMC_EIO);
	assert_non_null(strstr(err.what, "Unknown USB bridge [0x1f75:0x0611]"));
	assert_null(strchr(err.what, '\n'));
	assert_int_equal(s.failure_predicted, BMC_UNKNOWN);
	static const char opened[] = "{\"smartctl\":{\"exit_status\":2}}";
	assert_int_equal(smartctl_decode(opened, strlen(opened), &s, &err), BMC_EIO);
}

/* Each prefix of a good answer, and one deeper than any parser's stack. */
static void cut_and_nested_output_does_no_harm(void **state)
{
	const char *json = disks[0].json;
	static char deep[200000];
	struct bmc_smart s;

	(void)state;
	for (size_t n = 0; n < strlen(json); n++)
		assert_int_equal(smartctl_decode(json, n, &s, NULL), BMC_ECORRUPT);
	memset(deep, '[', sizeof(deep));
	assert_int_equal(smartctl_decode(deep, sizeof(deep), &s, NULL), BMC_ECORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_identity_gives_names_and_rotation),
		cmocka_unit_test(an_unreported_rotation_stays_unknown),
		cmocka_unit_test(a_disk_without_smart_says_so),
		cmocka_unit_test(a_wrong_checksum_is_corrupt),
		cmocka_unit_test(attributes_give_temperature_and_hours),
		cmocka_unit_test(a_cold_disk_has_a_negative_temperature),
		cmocka_unit_test(a_status_tells_health_by_its_signature),
		cmocka_unit_test(sense_data_without_registers_is_no_health),
		cmocka_unit_test(a_health_log_of_nvme_is_decoded),
		cmocka_unit_test(smartctls_json_gives_what_it_knows),
		cmocka_unit_test(a_refusal_of_smartctl_is_an_error_in_its_words),
		cmocka_unit_test(cut_and_nested_output_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
