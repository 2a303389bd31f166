// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <errno.h>
#include <stdio.h>

#include "bmc/plugin.h"

/* Sensors of the kernel's hwmon class and 1-wire thermometers. The platform file says
 * of a row which chip it is on (by name and device path) and which channel; chips.c
 * keeps the list of chips that are there, attributes.c reads one file, lanes.c has a
 * thread for each bus, so that a chip that hangs holds up its own bus only, rows.c
 * turns readings into fields, psu.c knows the labels of PMBus. Names and units of the
 * files: the kernel's Documentation/hwmon/sysfs-interface.rst,
 * Documentation/w1/slaves/w1_therm.rst. */

#define HWMON_CHIPS_MAX    512
#define HWMON_READINGS_MAX 48 /* of one row */
#define HWMON_PATH_MAX     256
#define HWMON_TEXT_MAX     512 /* bytes of an attribute that are looked at */

/* ---- attributes.c: hostile text into numbers; any thread ---- */

enum hwmon_how { HWMON_NUMBER, HWMON_W1, HWMON_TEXT };

/** What is read: a file, and what its number means. The result is `num` (BMC_UNKNOWN)
 * or `text`, and `error` (an errno, 0: it was read). */
struct hwmon_reading {
	char path[HWMON_PATH_MAX];
	enum hwmon_how how;
	int role; /* enum hwmon_role */
	size_t offset;
	int64_t multiply, divide, add; /* value = number * multiply / divide + add */
	int64_t min, max; /* of the value: what is beyond is not believed */
	int64_t num;
	char text[BMC_NAME_MAX];
	int error;
};

/** A whole number with blanks around it and nothing else, of up to 18 digits. */
bool hwmon_parse_number(const char *text, size_t len, int64_t *ret);
/** The w1_slave of a DS18B20: its millidegrees. False: the checksum is wrong, the line
 * is shorted, the range is left, or it is the value after power-on, 85 C, where
 * `before` (BMC_UNKNOWN: none) was not near it. */
bool hwmon_parse_w1(const char *text, size_t len, int64_t before, int64_t *ret);
/** Up to size - 1 bytes and a NUL; their number, or a negative errno. May wait as long
 * as the kernel does. */
ssize_t hwmon_slurp(const char *path, char *buf, size_t size);
/** A text for the log and the model: one line, printable, no blanks at its ends. */
void hwmon_clean(char *text);
void hwmon_read(struct hwmon_reading *r);

/* ---- chips.c: what is there; poll's thread ---- */

struct hwmon_chip {
	bool w1;
	char entry[32];   /* "hwmon3", or the id of a 1-wire device */
	char device[192]; /* path below /sys/devices, without the hwmon's own folder */
	char name[32];    /* "" on 1-wire */
};

struct hwmon_chips {
	size_t n;
	struct hwmon_chip list[HWMON_CHIPS_MAX];
};

/** Looks at what is there: links only, unless one is new. True: something came, went or
 *  has another number. */
bool hwmon_chips_scan(struct hwmon_chips *chips);
/** Where the attribute is: in the hwmon's folder or (older drivers) its device's.
 * False: nowhere. */
bool hwmon_chip_attribute(const struct hwmon_chip *c, const char *attribute,
			  char ret[HWMON_PATH_MAX]);
/** Whether `glob` (of fnmatch(3)) is the path, or its end from a slash on. */
bool hwmon_path_is(const char *path, const char *glob);

/* ---- lanes.c: a thread for each bus ---- */

struct hwmon_lane;

/** `name` is the bus. NULL: no memory, no thread. */
struct hwmon_lane *hwmon_lane_new(const char *name);
/** Ends it. A thread that hangs in the kernel is left behind; it frees what it has when
 *  it comes back. Accepts and returns NULL. */
struct hwmon_lane *hwmon_lane_free(struct hwmon_lane *l);
const char *hwmon_lane_name(const struct hwmon_lane *l);
/** What to read from now on: `n` readings, stolen. Only while it is not busy. */
void hwmon_lane_assign(struct hwmon_lane *l, struct hwmon_reading *readings, size_t n);
/** Begins a round, unless one is under way. */
void hwmon_lane_begin(struct hwmon_lane *l, int64_t now);
/** Waits up to `ms` for the round to end. True: it has. */
bool hwmon_lane_wait(struct hwmon_lane *l, int64_t ms);
/** Of a lane that is not busy; borrowed until the next round. */
const struct hwmon_reading *hwmon_lane_readings(const struct hwmon_lane *l);
/** When the round that is under way began. */
int64_t hwmon_lane_since(const struct hwmon_lane *l);

/* ---- rows.c: what the platform file says ---- */

enum hwmon_role {
	HWMON_VALUE,
	HWMON_FAULT,       /* 1: the value of the row is not to be believed  */
	HWMON_INPUT_ALARM, /* 1: the mains of a power supply are not as they should be
			    */
	HWMON_OUTPUT_ALARM,
};

struct hwmon_row {
	enum bmc_kind kind;
	char id[BMC_ID_MAX];
	const struct bmc_conf *conf; /* its `hwmon`, borrowed */
	bool typed;                  /* the platform file gives a sensor's type */
	/* what it is on now */
	bool seen, here; /* its chip was there once, is there */
	bool stuck;      /* its lane was left behind, and no other one has read it */
	bool told;       /* it is logged why it can't be read */
	struct hwmon_lane *lane; /* NULL: there is nothing to read */
	size_t first, n;         /* its readings in the lane */
};

extern const struct bmc_conf_item hwmon_row_conf[];

/** The chip of a row, or NULL with the reason in `why`. */
const struct hwmon_chip *hwmon_row_chip(const struct hwmon_row *row,
					const struct hwmon_chips *chips, char why[100]);
/** What is to be read of a chip for a row: fills up to HWMON_READINGS_MAX. 0: nothing
 *  that was asked for is there. */
size_t hwmon_row_readings(const struct hwmon_row *row, const struct hwmon_chip *chip,
			  struct hwmon_reading *ret);
/** As values for the core; `r` NULL: nothing is known. Returns their number. */
size_t hwmon_row_values(const struct hwmon_row *row, const struct hwmon_reading *r,
			size_t n, struct bmc_value *ret);
/** Adds one to `list`, which has room for HWMON_READINGS_MAX. */
struct hwmon_reading *hwmon_add_reading(struct hwmon_reading *list, size_t *n,
					const char *path);
/** An attribute's class by its name ("temp1_input" ...): fills scale and bounds. False:
 * it is none we know. `type` is enum bmc_sensor_type. */
bool hwmon_class(const char *channel, struct hwmon_reading *r, int64_t *ret_type);

/* ---- psu.c ---- */

size_t hwmon_psu_readings(const struct hwmon_row *row, const struct hwmon_chip *chip,
			  struct hwmon_reading *ret);
size_t hwmon_psu_values(const struct hwmon_reading *r, size_t n, struct bmc_value *ret);
