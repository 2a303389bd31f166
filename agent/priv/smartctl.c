// SPDX-License-Identifier: Apache-2.0
// What smartctl says of a disk, decoded in the daemon: the helper, which runs it as
// root, only passes its output on.
#include "priv/smartctl.h"

#include <jansson.h>
#include <string.h>

#include "core/base/util.h"
#include "priv/smart.h"

/* Bits of its exit status: below these the disk was read. */
#define NOT_READ 0x03 /* bad arguments, or the device could not be opened */

/* Numbers are read as doubles: a drive's raw counters may pass 64 bits. */
static int64_t number(const json_t *at, double least, double most)
{
	double n = json_is_number(at) ? json_number_value(at) : -1e300;

	return n >= least && n <= most ? (int64_t)n : BMC_UNKNOWN;
}

static const json_t *below(const json_t *at, const char *key)
{
	return json_object_get(at, key); /* NULL of what is no object */
}

/* The first of `keys` that is a text; what is not printable becomes '?'. */
static void text(const json_t *root, const char *const keys[], char *ret, size_t size)
{
	const char *from = NULL;

	for (; *keys && !from; keys++)
		from = json_string_value(below(root, *keys));
	(void)bmc_copy(ret, size, from ? from : "");
	bmc_text_sanitize(ret);
}

static int refused(const json_t *root, struct bmc_error *err)
{
	const json_t *messages = below(below(root, "smartctl"), "messages");
	const char *why =
		json_string_value(below(json_array_get(messages, 0), "string"));
	char said[100];

	(void)bmc_copy(said, sizeof(said), why ? why : "it says not why");
	bmc_text_sanitize(said);
	return bmc_fail(err, BMC_EIO, "smartctl can't read the disk: %s", said);
}

static void take_health(const json_t *root, struct bmc_smart *s)
{
	const json_t *passed = below(below(root, "smart_status"), "passed");
	const char *type = json_string_value(below(below(root, "device"), "type"));
	int64_t celsius =
		number(below(below(root, "temperature"), "current"), -100, 250);

	if (json_is_boolean(passed))
		s->failure_predicted = json_is_false(passed);
	if (celsius != BMC_UNKNOWN)
		s->temperature = celsius * 1000;
	s->hours = number(below(below(root, "power_on_time"), "hours"), 0, INT32_MAX);
	s->rotation_rpm = number(below(root, "rotation_rate"), 0, 100000);
	if (type && strcmp(type, "nvme") == 0)
		s->rotation_rpm = 0;
}

static int take(const json_t *root, struct bmc_smart *ret, struct bmc_error *err)
{
	static const char *const models[] = { "model_name", "scsi_model_name",
					      "scsi_product", "product", NULL };
	static const char *const serials[] = { "serial_number", NULL };
	static const char *const firmwares[] = { "firmware_version", "scsi_revision",
						 "revision", NULL };
	int64_t status = number(below(below(root, "smartctl"), "exit_status"), 0, 255);

	if (status == BMC_UNKNOWN)
		return bmc_fail(err, BMC_ECORRUPT, "smartctl's output is not its JSON");
	if (status & NOT_READ)
		return refused(root, err);
	text(root, models, ret->model, sizeof(ret->model));
	text(root, serials, ret->serial, sizeof(ret->serial));
	text(root, firmwares, ret->firmware, sizeof(ret->firmware));
	take_health(root, ret);
	return 0;
}

int smartctl_decode(const char *json, size_t len, struct bmc_smart *ret,
		    struct bmc_error *err)
{
	json_t *root =
		json_loadb(json, len, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);
	int r;

	smart_init(ret);
	r = take(root, ret, err);
	json_decref(root);
	return r;
}
