// SPDX-License-Identifier: Apache-2.0
/* A row of the platform file: which chip it is on, which of the chip's files are read
 * for it, and what becomes of the readings. Called by poll. */
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>

#include "hwmon.h"

#define PWM_FULL 255

/* clang-format off */
static const struct bmc_conf_item items[] = {
	{ .key = "chip", .type = BMC_CONF_TEXT, .min = 1, .max = 31,
	  .doc = "Name of the chip, as in its file `name`; may be a pattern, as in `ads*`." },
	{ .key = "device", .type = BMC_CONF_TEXT, .min = 1, .max = 191,
	  .doc = "Its device: a path below /sys/devices, or the end of one, as in i2c-4/4-0058; may be a pattern." },
	{ .key = "w1", .type = BMC_CONF_TEXT, .min = 1, .max = 31,
	  .doc = "Instead: a 1-wire thermometer by its id; `28-*` where there is only one." },
	{ .key = "channel", .type = BMC_CONF_TEXT, .min = 1, .max = 15,
	  .doc = "Which of the chip's channels: fan1, temp2, in0, curr1, power1, humidity1." },
	{ .key = "pwm", .type = BMC_CONF_INT, .min = 1, .max = 99,
	  .doc = "Of a fan: the channel N of pwmN, from which its duty is read back." },
	{ .key = "channels", .type = BMC_CONF_MAP, .max = 8,
	  .doc = "Of a power supply whose channels have no PMBus labels: FIELD: CHANNEL, as in input_voltage: in1." },
	{ .key = "multiply", .type = BMC_CONF_INT, .min = -1000000, .max = 1000000, .def = "1",
	  .doc = "The reading times `multiply` by `divide` plus `offset` is the value." },
	{ .key = "divide", .type = BMC_CONF_INT, .min = 1, .max = 1000000, .def = "1",
	  .doc = "See `multiply`." },
	{ .key = "offset", .type = BMC_CONF_INT, .min = -1000000000, .max = 1000000000, .def = "0",
	  .doc = "See `multiply`; in thousandths of the sensor's unit." },
	{ .key = NULL },
};

const struct bmc_conf_item hwmon_row_conf[] = {
	{ .key = "hwmon", .type = BMC_CONF_SECTION, .items = items,
	  .doc = "Where the row is read: a chip by `chip`, `device` or both, or `w1`; and its channel." },
	{ .key = NULL },
};

/* What sysfs gives, see sysfs-interface.rst; bounds are those of belief. */
static const struct {
	const char *prefix;
	int64_t multiply, divide, min, max;
	enum bmc_sensor_type type;
} classes[] = {
	{ "temp", 1, 1, -100000, 250000, BMC_SENSOR_TEMPERATURE },
	{ "in", 1, 1, -1000000000, 1000000000, BMC_SENSOR_VOLTAGE },
	{ "curr", 1, 1, -1000000000, 1000000000, BMC_SENSOR_CURRENT },
	{ "power", 1, 1000, -1000000000, 1000000000, BMC_SENSOR_POWER },
	{ "fan", 1000, 1, 0, 1000000000, BMC_SENSOR_FAN_SPEED },
	{ "humidity", 1, 1, 0, 100000, BMC_SENSOR_HUMIDITY },
	{ "energy", 1, 1000000, 0, INT64_MAX, BMC_SENSOR_UNKNOWN },
};
/* clang-format on */

#define N_CLASSES (sizeof(classes) / sizeof(classes[0]))

/* ---- its chip ---- */

static bool chip_fits(const struct hwmon_row *row, const struct hwmon_chip *c)
{
	const char *name = bmc_conf_text(row->conf, "chip", NULL);
	const char *device = bmc_conf_text(row->conf, "device", NULL);
	const char *w1 = bmc_conf_text(row->conf, "w1", NULL);

	if (w1 || c->w1)
		return w1 && c->w1 && fnmatch(w1, c->entry, 0) == 0;
	return (name || device) && (!name || fnmatch(name, c->name, 0) == 0) &&
	       (!device || hwmon_path_is(c->device, device));
}

const struct hwmon_chip *hwmon_row_chip(const struct hwmon_row *row,
					const struct hwmon_chips *chips, char why[100])
{
	const struct hwmon_chip *found = NULL;

	for (size_t i = 0; i < chips->n; i++) {
		if (!chip_fits(row, &chips->list[i]))
			continue;
		if (found) {
			(void)snprintf(why, 100,
				       "%s and %s both fit: say more of the "
				       "chip's device",
				       found->entry, chips->list[i].entry);
			return NULL;
		}
		found = &chips->list[i];
	}
	if (!found)
		(void)snprintf(why, 100, "its chip is not there");
	return found;
}

/* ---- its files ---- */

struct hwmon_reading *hwmon_add_reading(struct hwmon_reading *list, size_t *n,
					const char *path)
{
	struct hwmon_reading *r = &list[*n < HWMON_READINGS_MAX - 1 ? (*n)++ : *n];

	*r = (struct hwmon_reading){ .multiply = 1,
				     .divide = 1,
				     .min = INT64_MIN + 1,
				     .max = INT64_MAX,
				     .num = BMC_UNKNOWN };
	(void)snprintf(r->path, sizeof(r->path), "%s", path);
	return r;
}

bool hwmon_class(const char *channel, struct hwmon_reading *r, int64_t *ret_type)
{
	for (size_t i = 0; i < N_CLASSES; i++) {
		size_t len = strlen(classes[i].prefix);

		if (strncmp(channel, classes[i].prefix, len) != 0 ||
		    !isdigit((unsigned char)channel[len]))
			continue;
		r->multiply = classes[i].multiply;
		r->divide = classes[i].divide;
		r->min = classes[i].min;
		r->max = classes[i].max;
		*ret_type = classes[i].type;
		return true;
	}
	return false;
}

static void scale_by_conf(const struct hwmon_row *row, struct hwmon_reading *r)
{
	int64_t divide = bmc_conf_num(row->conf, "divide", 0);

	r->multiply *= bmc_conf_num(row->conf, "multiply", 0);
	r->divide *= divide ? divide : 1;
	r->add = bmc_conf_num(row->conf, "offset", 0);
}

/* Where the kind keeps its reading. */
static size_t value_offset(enum bmc_kind kind)
{
	if (kind == BMC_FAN)
		return offsetof(struct bmc_fan, rpm);
	return kind == BMC_BOARD ? offsetof(struct bmc_board, soc_temperature)
				 : offsetof(struct bmc_sensor, value);
}

static void add_fault(const struct hwmon_row *row, const struct hwmon_chip *chip,
		      struct hwmon_reading *list, size_t *n)
{
	char name[32], path[HWMON_PATH_MAX];

	(void)snprintf(name, sizeof(name), "%.15s_fault",
		       bmc_conf_text(row->conf, "channel", ""));
	if (hwmon_chip_attribute(chip, name, path))
		hwmon_add_reading(list, n, path)->role = HWMON_FAULT;
}

static void add_channel(const struct hwmon_row *row, const struct hwmon_chip *chip,
			struct hwmon_reading *list, size_t *n)
{
	const char *channel = bmc_conf_text(row->conf, "channel", "");
	char name[32], path[HWMON_PATH_MAX];
	struct hwmon_reading *r, shape;
	int64_t type;

	(void)snprintf(name, sizeof(name), "%.15s_input", channel);
	if (!hwmon_class(channel, &shape, &type) ||
	    !hwmon_chip_attribute(chip, name, path))
		return;
	r = hwmon_add_reading(list, n, path);
	r->offset = value_offset(row->kind);
	r->multiply = shape.multiply;
	r->divide = shape.divide;
	r->min = shape.min;
	r->max = shape.max;
	if (row->kind == BMC_FAN) { /* its rpm are whole ones */
		r->multiply = 1;
		r->max /= 1000;
	}
	scale_by_conf(row, r);
	add_fault(row, chip, list, n);
}

static void add_w1(const struct hwmon_row *row, const struct hwmon_chip *chip,
		   struct hwmon_reading *list, size_t *n)
{
	char path[HWMON_PATH_MAX];
	struct hwmon_reading *r;

	if (!hwmon_chip_attribute(chip, "w1_slave", path))
		return;
	r = hwmon_add_reading(list, n, path);
	r->how = HWMON_W1;
	r->offset = value_offset(row->kind);
	scale_by_conf(row, r);
}

static void add_pwm(const struct hwmon_row *row, const struct hwmon_chip *chip,
		    struct hwmon_reading *list, size_t *n)
{
	int64_t pwm = bmc_conf_num(row->conf, "pwm", 0);
	char name[32], path[HWMON_PATH_MAX];
	struct hwmon_reading *r;

	(void)snprintf(name, sizeof(name), "pwm%d", (int)pwm);
	if (row->kind != BMC_FAN || !pwm || !hwmon_chip_attribute(chip, name, path))
		return;
	r = hwmon_add_reading(list, n, path);
	r->offset = offsetof(struct bmc_fan, duty);
	r->multiply = 100000;
	r->divide = PWM_FULL;
	r->min = 0;
	r->max = 100000;
}

size_t hwmon_row_readings(const struct hwmon_row *row, const struct hwmon_chip *chip,
			  struct hwmon_reading *ret)
{
	size_t n = 0;

	if (row->kind == BMC_PSU)
		return hwmon_psu_readings(row, chip, ret);
	if (chip->w1)
		add_w1(row, chip, ret, &n);
	else
		add_channel(row, chip, ret, &n);
	add_pwm(row, chip, ret, &n);
	return n;
}

/* ---- its fields ---- */

static int64_t sensor_type(const struct hwmon_row *row)
{
	struct hwmon_reading shape;
	int64_t type = BMC_SENSOR_TEMPERATURE; /* w1 */

	if (!bmc_conf_text(row->conf, "w1", NULL))
		(void)hwmon_class(bmc_conf_text(row->conf, "channel", ""), &shape,
				  &type);
	return type;
}

/* A row that can't be read is as unknown as what its chip calls a fault. */
static bool faulty(const struct hwmon_reading *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (r[i].role == HWMON_FAULT && r[i].num == 1)
			return true;
	}
	return false;
}

/* What the row has whether it was read or not: unknown, or absent where a chip that was
 * there has gone. */
static size_t put_nothing(const struct hwmon_row *row, struct bmc_value *v)
{
	const int64_t present = row->seen && !row->here ? 0 : BMC_UNKNOWN;

	switch (row->kind) {
	case BMC_FAN:
		v[0] = BMC_NUM(bmc_fan, present, present);
		v[1] = BMC_NUM(bmc_fan, rpm, BMC_UNKNOWN);
		v[2] = BMC_NUM(bmc_fan, duty, BMC_UNKNOWN);
		return 3;
	case BMC_PSU:
		v[0] = BMC_NUM(bmc_psu, present, present);
		return 1 + hwmon_psu_values(NULL, 0, v + 1);
	case BMC_BOARD:
		v[0] = BMC_NUM(bmc_board, soc_temperature, BMC_UNKNOWN);
		return 1;
	default:
		v[0] = BMC_NUM(bmc_sensor, value, BMC_UNKNOWN);
		return 1;
	}
}

size_t hwmon_row_values(const struct hwmon_row *row, const struct hwmon_reading *r,
			size_t n, struct bmc_value *ret)
{
	size_t n_values = 0;
	bool bad = faulty(r, n);

	if (row->kind == BMC_SENSOR && !row->typed)
		ret[n_values++] = BMC_NUM(bmc_sensor, type, sensor_type(row));
	if (!r || !n)
		return n_values + put_nothing(row, ret + n_values);
	if (row->kind == BMC_PSU)
		return n_values + hwmon_psu_values(r, n, ret + n_values);
	if (row->kind == BMC_FAN)
		ret[n_values++] = BMC_NUM(bmc_fan, present, 1);
	for (size_t i = 0; i < n; i++) {
		if (r[i].role == HWMON_VALUE)
			ret[n_values++] = (struct bmc_value){
				.offset = r[i].offset,
				.num = bad && r[i].offset == value_offset(row->kind)
					       ? BMC_UNKNOWN
					       : r[i].num,
			};
	}
	return n_values;
}
