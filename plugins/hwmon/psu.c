// SPDX-License-Identifier: Apache-2.0
/* A power supply on PMBus: its channels have labels (vin, vout1, iout1, pin, pout1),
 * see the kernel's Documentation/hwmon/pmbus-core.rst, and alarms. Identity: the
 * power_supply class where the device has one; PMBus itself shows its MFR_ values in
 * debugfs only. */
#include <dirent.h>

#include "hwmon.h"

#define CHANNELS_MAX 16 /* of one class that are looked at */

/* clang-format off */
static const struct {
	const char *label, *field; /* PMBus's; `channels` of the platform file */
	size_t offset;
} fields[] = {
	{ "vin", "input_voltage", offsetof(struct bmc_psu, input_voltage) },
	{ "vout1", "output_voltage", offsetof(struct bmc_psu, output_voltage) },
	{ "iout1", "output_current", offsetof(struct bmc_psu, output_current) },
	{ "pin", "input_power", offsetof(struct bmc_psu, input_power) },
	{ "pout1", "output_power", offsetof(struct bmc_psu, output_power) },
	{ NULL, "temperature", offsetof(struct bmc_psu, temperature) },
	{ NULL, "energy", offsetof(struct bmc_psu, energy) },
};

static const struct {
	const char *file;
	size_t offset;
} texts[] = {
	{ "manufacturer", offsetof(struct bmc_psu, manufacturer) },
	{ "model_name", offsetof(struct bmc_psu, model) },
	{ "serial_number", offsetof(struct bmc_psu, serial) },
};

static const char *const alarms[] = { "alarm", "min_alarm", "lcrit_alarm", "crit_alarm", "fault" };
/* clang-format on */

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))
#define N_TEXTS  (sizeof(texts) / sizeof(texts[0]))
#define N_ALARMS (sizeof(alarms) / sizeof(alarms[0]))

struct found {
	const struct hwmon_row *row;
	const struct hwmon_chip *chip;
	struct hwmon_reading *list;
	size_t n;
};

/* Undervoltage at the input is lost mains; what is wrong behind it is the output's. A
 * supply warns of heat and high load long before its output suffers: no alarms here. */
static void add_alarms(struct found *f, const char *channel, size_t offset)
{
	char name[48], path[HWMON_PATH_MAX];
	int role = HWMON_OUTPUT_ALARM;

	if (offset == offsetof(struct bmc_psu, input_voltage))
		role = HWMON_INPUT_ALARM;
	else if (offset != offsetof(struct bmc_psu, output_voltage))
		return;
	for (size_t i = 0; i < N_ALARMS; i++) {
		(void)snprintf(name, sizeof(name), "%.15s_%s", channel, alarms[i]);
		if (hwmon_chip_attribute(f->chip, name, path))
			hwmon_add_reading(f->list, &f->n, path)->role = role;
	}
}

static bool has(const struct found *f, size_t offset)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->list[i].role == HWMON_VALUE && f->list[i].offset == offset)
			return true;
	}
	return false;
}

static void add_channel(struct found *f, const char *channel, size_t offset)
{
	struct hwmon_reading shape = { .num = 0 }, *r;
	char name[32], path[HWMON_PATH_MAX];
	int64_t type;

	(void)snprintf(name, sizeof(name), "%.15s_input", channel);
	if (has(f, offset) || !hwmon_class(channel, &shape, &type) ||
	    !hwmon_chip_attribute(f->chip, name, path))
		return;
	r = hwmon_add_reading(f->list, &f->n, path);
	r->offset = offset;
	r->multiply = shape.multiply;
	r->divide = shape.divide;
	r->min = shape.min;
	r->max = shape.max;
	add_alarms(f, channel, offset);
}

/* ---- by label ---- */

static void take_labelled(struct found *f, const char *channel)
{
	char name[32], path[HWMON_PATH_MAX], label[64];

	(void)snprintf(name, sizeof(name), "%s_label", channel);
	if (!hwmon_chip_attribute(f->chip, name, path) ||
	    hwmon_slurp(path, label, sizeof(label)) < 0)
		return;
	hwmon_clean(label);
	for (size_t i = 0; i < N_FIELDS; i++) {
		if (fields[i].label && strcmp(label, fields[i].label) == 0)
			add_channel(f, channel, fields[i].offset);
	}
}

static void take_by_labels(struct found *f)
{
	static const char *const prefixes[] = { "in", "curr", "power" };
	char channel[16];

	for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++) {
		for (unsigned i = 1; i <= CHANNELS_MAX; i++) {
			(void)snprintf(channel, sizeof(channel), "%s%u", prefixes[p],
				       i);
			take_labelled(f, channel);
		}
	}
	add_channel(f, "temp1", offsetof(struct bmc_psu, temperature));
	add_channel(f, "energy1", offsetof(struct bmc_psu, energy));
}

/* ---- as the platform file says ---- */

static void take_by_conf(struct found *f)
{
	const struct bmc_conf *map = bmc_conf_find(f->row->conf, "channels");

	for (size_t i = 0; i < N_FIELDS; i++) {
		const char *channel = bmc_conf_text(map, fields[i].field, NULL);

		if (channel)
			add_channel(f, channel, fields[i].offset);
	}
}

/* ---- identity ---- */

static void take_texts(struct found *f)
{
	char folder[HWMON_PATH_MAX], name[320], path[HWMON_PATH_MAX];
	const struct dirent *e;
	DIR *d;

	if (!hwmon_chip_attribute(f->chip, "device/power_supply", folder))
		return;
	d = opendir(folder);
	while (d && (e = readdir(d)) && e->d_name[0] == '.')
		;
	for (size_t i = 0; d && e && i < N_TEXTS; i++) {
		struct hwmon_reading *r;

		(void)snprintf(name, sizeof(name), "device/power_supply/%s/%s",
			       e->d_name, texts[i].file);
		if (!hwmon_chip_attribute(f->chip, name, path))
			continue;
		r = hwmon_add_reading(f->list, &f->n, path);
		r->how = HWMON_TEXT;
		r->offset = texts[i].offset;
	}
	if (d)
		(void)closedir(d);
}

size_t hwmon_psu_readings(const struct hwmon_row *row, const struct hwmon_chip *chip,
			  struct hwmon_reading *ret)
{
	struct found f = { .row = row, .chip = chip, .list = ret };

	take_by_conf(&f);
	take_by_labels(&f);
	if (f.n)
		take_texts(&f);
	return f.n;
}

/* ---- values ---- */

static int64_t number_of(const struct hwmon_reading *r, size_t n, size_t offset)
{
	for (size_t i = 0; i < n; i++) {
		if (r[i].role == HWMON_VALUE && r[i].how == HWMON_NUMBER &&
		    r[i].offset == offset)
			return r[i].num;
	}
	return BMC_UNKNOWN;
}

/* Good: there is a voltage, and no alarm about it. */
static int64_t is_ok(const struct hwmon_reading *r, size_t n, size_t offset, int role)
{
	int64_t voltage = number_of(r, n, offset);

	for (size_t i = 0; i < n; i++) {
		if (r[i].role == role && r[i].num == 1)
			return 0;
	}
	return voltage == BMC_UNKNOWN ? BMC_UNKNOWN : voltage > 0;
}

/* The bus says that nothing answers: the supply was pulled out, its driver stays. */
static int64_t is_present(const struct hwmon_reading *r, size_t n)
{
	size_t silent = 0, read = 0, numbers = 0;

	for (size_t i = 0; i < n; i++) {
		if (r[i].how == HWMON_TEXT)
			continue;
		numbers++;
		silent += r[i].error == ENXIO || r[i].error == EREMOTEIO;
		read += r[i].error == 0 && r[i].num != BMC_UNKNOWN;
	}
	if (read)
		return 1;
	return silent && silent == numbers ? 0 : BMC_UNKNOWN;
}

size_t hwmon_psu_values(const struct hwmon_reading *r, size_t n, struct bmc_value *ret)
{
	size_t n_values = 0;

	for (size_t i = 0; i < N_FIELDS; i++)
		ret[n_values++] =
			(struct bmc_value){ .offset = fields[i].offset,
					    .num = number_of(r, n, fields[i].offset) };
	ret[n_values++] = BMC_NUM(bmc_psu, input_ok,
				  is_ok(r, n, offsetof(struct bmc_psu, input_voltage),
					HWMON_INPUT_ALARM));
	ret[n_values++] = BMC_NUM(bmc_psu, output_ok,
				  is_ok(r, n, offsetof(struct bmc_psu, output_voltage),
					HWMON_OUTPUT_ALARM));
	if (!r)
		return n_values;
	ret[n_values++] = BMC_NUM(bmc_psu, present, is_present(r, n));
	for (size_t i = 0; i < n; i++) {
		if (r[i].how == HWMON_TEXT)
			ret[n_values++] = (struct bmc_value){ .offset = r[i].offset,
							      .text = r[i].text };
	}
	return n_values;
}
