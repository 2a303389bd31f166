// SPDX-License-Identifier: Apache-2.0
// Decoding of SMART answers, see smart.h. asroot-disk.c gets them from the disks.
#include "priv/smart.h"

#include <string.h>

#include "core/base/util.h"

#define KELVIN 273 /* NVMe counts whole kelvins */

enum { ATTRIBUTES = 30, ATTRIBUTE_SIZE = 12, ATTRIBUTE_FIRST = 2, ATTRIBUTE_RAW = 5 };
enum { ID_HOURS = 9, ID_AIRFLOW = 190, ID_TEMPERATURE = 194 };

static uint64_t little(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = n; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

/* Texts are padded with blanks; what is no printable ASCII becomes '?'. */
static void take_text(char *dst, size_t size, const uint8_t *src, size_t len,
		      size_t swap)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < size; i++) {
		uint8_t c = src[i ^ swap];
		if (c == 0)
			break;
		if (c != ' ' || n > 0)
			dst[n++] = c >= ' ' && c < 0x7f ? (char)c : '?';
	}
	while (n > 0 && dst[n - 1] == ' ')
		n--;
	dst[n] = '\0';
}

void smart_init(struct bmc_smart *s)
{
	memset(s, 0, sizeof(*s));
	s->failure_predicted = s->temperature = s->hours = s->rotation_rpm =
		BMC_UNKNOWN;
}

static uint16_t word(const uint8_t *data, size_t n)
{
	return (uint16_t)little(data + 2 * n, 2);
}

static uint8_t sum(const uint8_t *data)
{
	uint8_t total = 0;

	for (size_t i = 0; i < SMART_SECTOR; i++)
		total = (uint8_t)(total + data[i]);
	return total;
}

int smart_identify(const uint8_t data[SMART_SECTOR], struct bmc_smart *s,
		   struct bmc_error *err)
{
	uint16_t rate = word(data, 217);

	if ((word(data, 255) & 0xff) == 0xa5 && sum(data) != 0)
		return bmc_fail(err, BMC_ECORRUPT,
				"the disk's identity has a wrong checksum");
	take_text(s->serial, sizeof(s->serial), data + 20, 20, 1);
	take_text(s->firmware, sizeof(s->firmware), data + 46, 8, 1);
	take_text(s->model, sizeof(s->model), data + 54, 40, 1);
	if (rate == 1)
		s->rotation_rpm = 0;
	else if (rate >= 0x401 && rate <= 0xfffe)
		s->rotation_rpm = rate;
	/* word 82 bit 0 supported, word 85 bit 0 enabled; both words are valid when
	 * bits 15:14 of 83 are 01 */
	if ((word(data, 83) & 0xc000) == 0x4000 &&
	    !(word(data, 82) & word(data, 85) & 1))
		return bmc_fail(err, BMC_ENOTSUP,
				"the disk has no SMART, or it is switched off");
	return 0;
}

static void take_attribute(const uint8_t *a, struct bmc_smart *s)
{
	const uint8_t *raw = a + ATTRIBUTE_RAW;
	int8_t celsius = (int8_t)raw[0];

	if (a[0] == ID_HOURS)
		s->hours = (int64_t)little(raw, 4) &
			   0xffffff; /* some count minutes above */
	else if (a[0] == ID_TEMPERATURE ||
		 (a[0] == ID_AIRFLOW && s->temperature == BMC_UNKNOWN))
		s->temperature = (int64_t)celsius * 1000;
}

int smart_attributes(const uint8_t data[SMART_SECTOR], struct bmc_smart *s,
		     struct bmc_error *err)
{
	if (sum(data) != 0)
		return bmc_fail(err, BMC_ECORRUPT,
				"the disk's SMART data have a wrong checksum");
	for (size_t i = 0; i < ATTRIBUTES; i++)
		take_attribute(data + ATTRIBUTE_FIRST + i * ATTRIBUTE_SIZE, s);
	return 0;
}

/* SAT: descriptor 09h of length 12 in descriptor-format sense; LBA mid 4Fh, high C2h:
 * healthy; F4h, 2Ch: a threshold was exceeded. */
int smart_status(const uint8_t *sense, size_t len, struct bmc_smart *s,
		 struct bmc_error *err)
{
	size_t at = 8;

	if (len < at || (sense[0] & 0x7f) != 0x72)
		return bmc_fail(err, BMC_ENOTSUP,
				"the disk's controller does not pass SMART status on");
	while (at + 14 <= len && sense[at] != 0x09)
		at += 2u + sense[at + 1];
	if (at + 14 > len || sense[at + 1] != 12)
		return bmc_fail(err, BMC_ENOTSUP,
				"the disk's controller does not pass SMART status on");
	uint8_t mid = sense[at + 9], high = sense[at + 11];
	if (mid == 0x4f && high == 0xc2)
		s->failure_predicted = 0;
	else if (mid == 0xf4 && high == 0x2c)
		s->failure_predicted = 1;
	return 0;
}

void smart_nvme_identify(const uint8_t data[SMART_NVME_IDENTIFY], struct bmc_smart *s)
{
	take_text(s->serial, sizeof(s->serial), data + 4, 20, 0);
	take_text(s->model, sizeof(s->model), data + 24, 40, 0);
	take_text(s->firmware, sizeof(s->firmware), data + 64, 8, 0);
	s->rotation_rpm = 0;
}

void smart_nvme_health(const uint8_t data[SMART_SECTOR], struct bmc_smart *s)
{
	uint64_t kelvin = little(data + 1, 2), hours = little(data + 128, 8);

	/* spare space is low, the media is worn or read only, or the volatile backup
	 * failed */
	s->failure_predicted = (data[0] & 0x1d) != 0;
	if (kelvin > 0)
		s->temperature = ((int64_t)kelvin - KELVIN) * 1000;
	if (hours <= INT32_MAX)
		s->hours = (int64_t)hours;
}
