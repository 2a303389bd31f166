// SPDX-License-Identifier: Apache-2.0
// The schema of a platform file. What a row may say about its kind comes from the field
// tables: each BMC_STATIC field is a key, so that a new field needs no line here.
#include "config.h"

#include <pthread.h>
#include <string.h>

#include "bmc/pinbank.h"
#include "conf/conf.h"
#include "core/base/util.h"
#include "core/platform/platform.h"

#define MAX_ROW_ITEMS 48
#define MAX_TOP_ITEMS 32
#define MAX_ROWS      4096

/* clang-format off */
static const struct bmc_name drivers[] = { { 0, "simulator" }, { 1, "libgpiod" }, { 0, NULL } };
static const struct bmc_name pwm_drivers[] = { { 0, "simulator" }, { 1, "hwmon" }, { 0, NULL } };
static const struct bmc_name directions[] = { { 0, "input" }, { 1, "output" }, { 0, NULL } };
static const struct bmc_name power_ons[] = { { 0, "none" }, { 1, "all" }, { 0, NULL } };
static const struct bmc_name levels[] = { { 0, "high" }, { 1, "low" }, { 0, NULL } };

static const struct bmc_conf_item chip_items[] = {
	{ .key = "id", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1, .def = "!",
	  .doc = "What `pins` call it." },
	{ .key = "driver", .type = BMC_CONF_ENUM, .def = "!", .names = drivers,
	  .doc = "A real chip by libgpiod, or levels in the simulator's file." },
	{ .key = "name", .type = BMC_CONF_TEXT, .min = 1, .max = 63,
	  .doc = "Name or label of the gpiochip; `gpiodetect` lists them. Not for the simulator." },
	{ .key = "lines", .type = BMC_CONF_INT, .min = 1, .max = BMC_PINBANK_LINES, .def = "!",
	  .doc = "Number of its lines." },
	{ .key = NULL },
};

static const struct bmc_conf_item pin_items[] = {
	{ .key = "name", .type = BMC_CONF_ENUM, .def = "!", .names = bmc_pin_names,
	  .doc = "What the pin does." },
	{ .key = "chip", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1, .def = "!",
	  .doc = "Id of its chip." },
	{ .key = "line", .type = BMC_CONF_INT, .min = 0, .max = BMC_PINBANK_LINES - 1,
	  .doc = "Its line on the chip, as a number; or `line_name`." },
	{ .key = "line_name", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_LINE_NAME_MAX - 1,
	  .doc = "Its line on the chip, by the name that `gpioinfo` shows. Not for the simulator." },
	{ .key = "active", .type = BMC_CONF_ENUM, .def = "high", .names = levels,
	  .doc = "The level that means on (power, locator) or held in reset." },
	{ .key = "pulse", .type = BMC_CONF_INT, .min = 1, .max = 10000, .def = "500ms", .unit = "ms",
	  .doc = "Length of a pulse." },
	{ .key = "min_off", .type = BMC_CONF_INT, .min = 0, .max = 60000, .def = "0", .unit = "ms",
	  .doc = "Of a power pin: the least time between off and on again, whoever asks for it." },
	{ .key = NULL },
};

static const struct bmc_conf_item line_items[] = {
	{ .key = "id", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1, .def = "!",
	  .doc = "Its name: a-z, 0-9 and -; unique among the lines." },
	{ .key = "chip", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1, .def = "!",
	  .doc = "Id of its chip." },
	{ .key = "line", .type = BMC_CONF_INT, .min = 0, .max = BMC_PINBANK_LINES - 1,
	  .doc = "Its line on the chip, as a number; or `line_name`." },
	{ .key = "line_name", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_LINE_NAME_MAX - 1,
	  .doc = "Its line on the chip, by the name that `gpioinfo` shows. Not for the simulator." },
	{ .key = "role", .type = BMC_CONF_ENUM, .def = "none", .names = bmc_line_role_names,
	  .doc = "What the plugin gpio uses it for; see its page." },
	{ .key = "about", .type = BMC_CONF_TEXT, .min = 1, .max = 400,
	  .doc = "Ids of all the rows that it is about, as in \"fan1, fan2\"; without it: `parent` alone." },
	{ .key = "direction", .type = BMC_CONF_ENUM, .def = "!", .names = directions,
	  .doc = "An input reports its edges; an output is set or pulsed." },
	{ .key = "active", .type = BMC_CONF_ENUM, .def = "high", .names = levels,
	  .doc = "The level that means lit, sounding, pressed or present." },
	{ .key = "parent", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1,
	  .doc = "Id of the row that it is about, as a board whose presence it shows. Without it: the first chassis." },
	{ .key = "pulse", .type = BMC_CONF_INT, .min = 1, .max = 10000, .def = "500ms", .unit = "ms",
	  .doc = "Length of an output's pulse." },
	{ .key = "debounce", .type = BMC_CONF_INT, .min = 0, .max = 1000, .def = "0", .unit = "ms",
	  .doc = "An input's new level counts when it has stayed for this long; 0: every edge counts." },
	{ .key = NULL },
};

static const struct bmc_conf_item pwm_items[] = {
	{ .key = "id", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1, .def = "!",
	  .doc = "Its name: a-z, 0-9 and -; unique among the pwms." },
	{ .key = "driver", .type = BMC_CONF_ENUM, .def = "!", .names = pwm_drivers,
	  .doc = "A pwm of the kernel's hwmon, or a number in the simulator's file." },
	{ .key = "device", .type = BMC_CONF_TEXT, .min = 6, .max = 127,
	  .doc = "Folder of the device below /sys, as /sys/devices/platform/pwm-fan: the number of its hwmon may change. Not for the simulator." },
	{ .key = "channel", .type = BMC_CONF_INT, .min = 1, .max = 32, .def = "1",
	  .doc = "N of its file pwmN." },
	{ .key = NULL },
};

static const struct bmc_conf_item storage_items[] = {
	{ .key = "id", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1, .def = "!",
	  .doc = "Its name: a-z, 0-9 and -; unique among the storage." },
	{ .key = "device", .type = BMC_CONF_TEXT, .min = 6, .max = 127, .def = "!",
	  .doc = "The block device below /dev, as /dev/disk/by-partlabel/misc. Under systemd, DeviceAllow of clusterbmc-priv.service has to name it, too." },
	{ .key = "writable", .type = BMC_CONF_BOOL, .def = "false",
	  .doc = "Whether it may be opened for writing; never while it is mounted or otherwise in use." },
	{ .key = NULL },
};

/* Every row of every kind. */
static const struct bmc_conf_item row_items[] = {
	{ .key = "id", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1, .def = "!",
	  .doc = "Its name in every interface: a-z, 0-9 and -; unique in the file." },
	{ .key = "index", .type = BMC_CONF_TEXT, .min = 1, .max = 11,
	  .doc = "Its SNMP index, N or N.M. Without it: a board's blade and place there, else its place in the list." },
	{ .key = "parent", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1,
	  .doc = "Id of what holds it. Without it: the first chassis." },
	{ .key = "verbs", .type = BMC_CONF_MAP, .max = 16,
	  .doc = "As the file's `verbs`, for this row alone; `none`: nobody does it." },
	{ .key = NULL },
};

static const struct bmc_conf_item board_items[] = {
	{ .key = "is_main", .type = BMC_CONF_BOOL, .def = "false",
	  .doc = "The board this agent runs on. It takes no verbs but its own." },
	{ .key = "pins", .type = BMC_CONF_LIST, .max = BMC_N_PINS, .items = pin_items,
	  .doc = "Its pins." },
	{ .key = NULL },
};

static const struct bmc_conf_item recovery_items[] = {
	{ .key = "after", .type = BMC_CONF_INT, .min = 0, .max = 86400000, .def = "0", .unit = "ms",
	  .doc = "A board that has power and whose system does not answer for so long is recovered without being asked for: Recover. 0: never." },
	{ .key = "tries", .type = BMC_CONF_INT, .min = 1, .max = 100, .def = "3",
	  .doc = "So many times, until its system has answered for the time of `after`." },
	{ .key = "pause", .type = BMC_CONF_INT, .min = 1000, .max = 86400000, .def = "10m", .unit = "ms",
	  .doc = "Time after the first try; each next one is twice as long." },
	{ .key = "reinstall", .type = BMC_CONF_TEXT, .min = 0, .max = 127, .def = "",
	  .doc = "Id or file name of a stored image: when Recover has not brought a board back, it is updated with it, where a flasher is bound. All that is on the board is lost. Empty: never." },
	{ .key = NULL },
};

static const struct bmc_conf_item others_item = {
	.key = "*", .type = BMC_CONF_ANY, .doc = "Keys of the plugins at work; see their pages.",
};

static const struct bmc_conf_item top_items[] = {
	{ .key = "platform", .type = BMC_CONF_TEXT, .min = 1, .max = BMC_ID_MAX - 1, .def = "!",
	  .doc = "Name of the platform." },
	{ .key = "inrush", .type = BMC_CONF_INT, .min = 0, .max = 10000, .def = "200ms", .unit = "ms",
	  .doc = "Least time between two boards that are powered up." },
	{ .key = "power_on", .type = BMC_CONF_ENUM, .def = "none", .names = power_ons,
	  .doc = "Which boards are powered on at the start of main, once after each boot: those with a power pin, in the order of this file; a task shows it." },
	{ .key = "power_on_batch", .type = BMC_CONF_INT, .min = 1, .max = 2048, .def = "8",
	  .doc = "So many of them at a time; `inrush` apart in any case." },
	{ .key = "power_on_delay", .type = BMC_CONF_INT, .min = 0, .max = 600000, .def = "1s", .unit = "ms",
	  .doc = "From the last board of a batch that is on to the next batch." },
	{ .key = "boot_time", .type = BMC_CONF_INT, .min = 1000, .max = 3600000, .def = "90s", .unit = "ms",
	  .doc = "A board that is on, but not on USB for longer, has failed to start." },
	{ .key = "settle", .type = BMC_CONF_INT, .min = 0, .max = 60000, .def = "2s", .unit = "ms",
	  .doc = "Time without power in a power cycle." },
	{ .key = "leave", .type = BMC_CONF_INT, .min = 100, .max = 600000, .def = "10s", .unit = "ms",
	  .doc = "A board asked to restart has to leave USB within this; else its RESET pin is pulsed." },
	{ .key = "shutdown", .type = BMC_CONF_INT, .min = 1000, .max = 3600000, .def = "60s", .unit = "ms",
	  .doc = "A board asked to shut down has to be gone within this." },
	/* fields of a board: its row may say otherwise */
	{ .key = "cpu_red", .type = BMC_CONF_INT, .min = 0, .max = 100000, .def = "95%", .unit = "m%",
	  .doc = "Red line of the boards' CPU load; 0: none. A board's own row may give another, also of the next five." },
	{ .key = "memory_red", .type = BMC_CONF_INT, .min = 0, .max = 100000, .def = "95%", .unit = "m%",
	  .doc = "Red line of the boards' memory in use; 0: none." },
	{ .key = "storage_red", .type = BMC_CONF_INT, .min = 0, .max = 100000, .def = "90%", .unit = "m%",
	  .doc = "Red line of the boards' built-in storage in use; 0: none." },
	{ .key = "temperature_red", .type = BMC_CONF_INT, .min = 0, .max = 150000, .def = "90C", .unit = "mC",
	  .doc = "Red line of the temperature of the boards' processors; 0: none." },
	{ .key = "alarm_after", .type = BMC_CONF_INT, .min = 0, .max = 86400000, .def = "60s", .unit = "ms",
	  .doc = "A reading over its red line for this long raises an alarm." },
	{ .key = "alarm_clear_after", .type = BMC_CONF_INT, .min = 0, .max = 86400000, .def = "60s", .unit = "ms",
	  .doc = "A reading 1 % below its red line for this long clears the alarm." },
	{ .key = "recovery", .type = BMC_CONF_SECTION, .def = "{}", .items = recovery_items,
	  .doc = "When a board that does not answer is recovered by itself." },
	{ .key = "chips", .type = BMC_CONF_LIST, .max = 256, .items = chip_items,
	  .doc = "GPIO chips." },
	{ .key = "lines", .type = BMC_CONF_LIST, .max = MAX_ROWS, .items = line_items,
	  .doc = "GPIO lines that are no board's pins: LEDs, buzzer, buttons, presence." },
	{ .key = "pwms", .type = BMC_CONF_LIST, .max = 64, .items = pwm_items,
	  .doc = "Speed outputs of fans. The root helper sets them to full when the daemon is gone." },
	{ .key = "storage", .type = BMC_CONF_LIST, .max = 64, .items = storage_items,
	  .doc = "Block devices that the root helper opens for the daemon." },
	{ .key = "sources", .type = BMC_CONF_MAP, .max = 512,
	  .doc = "Whom to believe: `KIND.FIELD`, `KIND` or `default`: instances, the best first, as in \"adb, node_exporter\"." },
	{ .key = "verbs", .type = BMC_CONF_MAP, .max = 64,
	  .doc = "Who carries out power, reset, os_reboot, os_shutdown, usb_mode, locator, fan_mode, fan_duty, the streams shell, files, and flash: the instance. `flash` may name several, as in \"rockusb, netrecovery\": the first whose flasher takes the image writes it." },
	{ .key = NULL },
};

static const enum bmc_conf_type types[] = {
	[BMC_INT] = BMC_CONF_INT, [BMC_COUNTER] = BMC_CONF_INT, [BMC_BOOL] = BMC_CONF_BOOL,
	[BMC_ENUM] = BMC_CONF_ENUM, [BMC_TIME] = BMC_CONF_INT, [BMC_TEXT] = BMC_CONF_TEXT,
	[BMC_REF] = BMC_CONF_INT,
};

static const char *const units[] = {
	[BMC_UNIT_MILLICELSIUS] = "mC", [BMC_UNIT_MILLIVOLT] = "mV", [BMC_UNIT_MILLIAMPERE] = "mA",
	[BMC_UNIT_MILLIWATT] = "mW", [BMC_UNIT_JOULE] = "J", [BMC_UNIT_MILLIPERCENT] = "m%",
	[BMC_UNIT_RPM] = "rpm", [BMC_UNIT_BYTE] = "bytes", [BMC_UNIT_MEGABIT_PER_SECOND] = "Mbit/s",
	[BMC_UNIT_MEGAHERTZ] = "MHz", [BMC_UNIT_MILLISECOND] = "ms", [BMC_UNIT_SECOND] = "s",
	[BMC_UNIT_HOUR] = "h", [BMC_UNIT_BY_ROW] = "milli-units",
};
/* clang-format on */

static struct bmc_conf_item rows[BMC_N_KINDS][MAX_ROW_ITEMS];
static struct bmc_conf_item top[MAX_TOP_ITEMS];
static char list_docs[BMC_N_KINDS][40];

static size_t append(struct bmc_conf_item *to, size_t n,
		     const struct bmc_conf_item *items)
{
	for (; items->key; items++) {
		to[n] = *items;
		to[n++].reload = BMC_RELOAD_RESTART;
	}
	return n;
}

/* A field's bounds hold for a setting; a number that is none of these is only not
 * negative. */
static struct bmc_conf_item item_of(const struct bmc_field *f)
{
	struct bmc_conf_item item = {
		.key = f->name,
		.type = types[f->type],
		.min = f->min,
		.max = f->max,
		.unit = units[f->unit],
		.reload = BMC_RELOAD_RESTART,
		.names = f->names,
		.doc = f->doc,
	};

	if (f->type == BMC_TEXT)
		item.max = (int64_t)f->size - 1;
	else if (!f->min && !f->max)
		item.max = INT64_MAX;
	return item;
}

static void make_row(enum bmc_kind kind)
{
	const struct bmc_kind_desc *desc = bmc_kind(kind);
	size_t n = append(rows[kind], 0, row_items), i;

	if (kind == BMC_BOARD)
		n = append(rows[kind], n, board_items);
	for (i = 0; i < desc->n_fields && n < MAX_ROW_ITEMS - 2; i++) {
		if (desc->fields[i].flags & BMC_STATIC)
			rows[kind][n++] = item_of(&desc->fields[i]);
	}
	rows[kind][n] = others_item;
	rows[kind][n].reload = BMC_RELOAD_RESTART;
}

static void make_schema(void)
{
	const struct bmc_name *list;
	size_t n = append(top, 0, top_items);

	for (list = bmc_platform_lists; list->word; list++) {
		make_row((enum bmc_kind)list->value);
		(void)snprintf(list_docs[list->value], sizeof(list_docs[0]),
			       "The rows of kind %s.",
			       bmc_kind((enum bmc_kind)list->value)->name);
		top[n++] = (struct bmc_conf_item){
			.key = list->word,
			.type = BMC_CONF_LIST,
			.min = list->value == BMC_CHASSIS,
			.max = MAX_ROWS,
			.def = list->value == BMC_CHASSIS ? "!" : NULL,
			.reload = BMC_RELOAD_RESTART,
			.items = rows[list->value],
			.doc = list_docs[list->value],
		};
	}
}

const struct bmc_conf_item *bmc_platform_schema(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, make_schema);
	return top;
}
