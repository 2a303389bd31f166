// SPDX-License-Identifier: Apache-2.0
// Decoding of what disks answer, on sectors laid out as ACS-4, SAT-4 and NVMe 1.4 say.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "priv/smart.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
