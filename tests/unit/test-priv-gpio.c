// SPDX-License-Identifier: Apache-2.0
// The libgpiod driver against an emulated chip: umockdev stands between the real
// libgpiod and the kernel, and this file answers the ioctls of GPIO's first user
// interface. A requested line is a descriptor of its own: the handler opens a node for
// each line, /dev/gpioline0 ...
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/gpio.h>
#include <umockdev.h>

#include "below-umockdev.h"
#include "priv/lines-driver.h"
#include "priv/pwms.h"

#define LINES  6u
#define BUTTON 3u
#define NAMED  4u
#define CHIP   "/dev/gpiochip0"

/* ---- the chip ---- */

/* umockdev's thread drives them, the tests look. */
static struct {
	atomic_bool output, level, foreign; /* foreign: somebody else has it */
	atomic_uint held;                   /* how often it was requested */
	atomic_uint changes;                /* of the level */
} lines[LINES];

struct emulator {
	UMockdevIoctlBase parent;
};
struct emulator_class {
	UMockdevIoctlBaseClass parent;
};
typedef struct emulator Emulator;
typedef struct emulator_class EmulatorClass;
GType emulator_get_type(void);
G_DEFINE_TYPE(Emulator, emulator, UMOCKDEV_TYPE_IOCTL_BASE)

static void drive(unsigned line, bool level)
{
	lines[line].changes += lines[line].level != level;
	lines[line].level = level;
}

static int chip_info(struct gpiochip_info *i)
{
	memset(i, 0, sizeof(*i));
	(void)snprintf(i->name, sizeof(i->name), "gpiochip0");
	(void)snprintf(i->label, sizeof(i->label), "fixture-lines");
	i->lines = LINES;
	return 0;
}

static int line_info(struct gpioline_info *i)
{
	const unsigned n = i->line_offset;

	if (n >= LINES)
		return EINVAL;
	memset(i, 0, sizeof(*i));
	i->line_offset = n;
	(void)snprintf(i->name, sizeof(i->name), "LINE-%u", n);
	i->flags = (lines[n].output ? GPIOLINE_FLAG_IS_OUT : 0) |
		   (lines[n].foreign ? GPIOLINE_FLAG_KERNEL : 0);
	return 0;
}

static int line_handle(struct gpiohandle_request *r)
{
	const unsigned n = r->lineoffsets[0];
	char node[32];

	if (r->lines != 1 || n >= LINES)
		return EINVAL;
	if (lines[n].foreign)
		return EBUSY;
	if (r->flags & GPIOHANDLE_REQUEST_OUTPUT) {
		lines[n].output = true;
		drive(n, r->default_values[0] != 0);
	}
	(void)snprintf(node, sizeof(node), "/dev/gpioline%u", n);
	r->fd = open(node, O_RDWR | O_CLOEXEC);
	lines[n].held += r->fd >= 0;
	return r->fd < 0 ? errno : 0;
}

/* The node of an input is a pipe: what is written into it is what the kernel would
 * report. Its level is asked for by ioctl, as of a handle. */
static int line_event(struct gpioevent_request *r)
{
	char node[32];

	if (r->lineoffset >= LINES || lines[r->lineoffset].foreign)
		return EBUSY;
	if (r->eventflags != GPIOEVENT_REQUEST_BOTH_EDGES)
		return EINVAL;
	(void)snprintf(node, sizeof(node), "/dev/gpioline%u", r->lineoffset);
	r->fd = open(node, O_RDWR | O_CLOEXEC);
	lines[r->lineoffset].held += r->fd >= 0;
	return r->fd < 0 ? errno : 0;
}

static int chip_ioctl(unsigned long request, void *data)
{
	if (request == GPIO_GET_LINEEVENT_IOCTL)
		return line_event(data);
	if (request == GPIO_GET_CHIPINFO_IOCTL)
		return chip_info(data);
	if (request == GPIO_GET_LINEINFO_IOCTL)
		return line_info(data);
	if (request == GPIO_GET_LINEHANDLE_IOCTL)
		return line_handle(data);
	return ENOTTY;
}

static int line_ioctl(unsigned n, unsigned long request, struct gpiohandle_data *d)
{
	if (request == GPIOHANDLE_GET_LINE_VALUES_IOCTL)
		d->values[0] = lines[n].level;
	else if (request == GPIOHANDLE_SET_LINE_VALUES_IOCTL)
		drive(n, d->values[0] != 0);
	else
		return ENOTTY;
	return 0;
}

/* The line of a client, or -1 for the chip itself. */
static int line_of(UMockdevIoctlClient *client)
{
	unsigned n;

	return sscanf(umockdev_ioctl_client_get_devnode(client), "/dev/gpioline%u",
		      &n) == 1 &&
			       n < LINES
		       ? (int)n
		       : -1;
}

static gboolean handle_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client)
{
	unsigned long request = umockdev_ioctl_client_get_request(client);
	UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client); /* not ours */
	UMockdevIoctlData *data =
		umockdev_ioctl_data_resolve(arg, 0, _IOC_SIZE(request), NULL);
	int n = line_of(client);
	int e = n < 0 ? chip_ioctl(request, data->data)
		      : line_ioctl((unsigned)n, request, (void *)data->data);

	(void)base;
	umockdev_ioctl_client_complete(client, e ? -1 : 0, e);
	umockdev_ioctl_data_unref(data);
	return TRUE;
}

static void emulator_class_init(EmulatorClass *class)
{
	class->parent.handle_ioctl = handle_ioctl;
}

static void emulator_init(Emulator *e)
{
	(void)e;
}

static UMockdevTestbed *make_testbed(void)
{
	UMockdevTestbed *bed = umockdev_testbed_new();
	char text[400], node[32];

	assert_true(umockdev_testbed_add_from_string(
		bed,
		"P: /devices/platform/gpiochip0\nN: gpiochip0\nE: SUBSYSTEM=gpio\nE: "
		"DEVNAME=/dev/gpiochip0\n"
		"E: MAJOR=254\nE: MINOR=0\nA: dev=254:0\\n\n",
		NULL));
	assert_true(umockdev_testbed_attach_ioctl(
		bed, CHIP, g_object_new(emulator_get_type(), NULL), NULL));
	for (unsigned i = 0; i < LINES; i++) {
		(void)snprintf(text, sizeof(text),
			       "P: /devices/platform/gpioline%u\nN: gpioline%u\nE: "
			       "SUBSYSTEM=misc\n"
			       "E: DEVNAME=/dev/gpioline%u\nE: MAJOR=254\nE: "
			       "MINOR=%u\nA: dev=254:%u\\n\n",
			       i, i, i, i + 1, i + 1);
		assert_true(umockdev_testbed_add_from_string(bed, text, NULL));
		(void)snprintf(node, sizeof(node), "/dev/gpioline%u", i);
		assert_true(umockdev_testbed_attach_ioctl(
			bed, node, g_object_new(emulator_get_type(), NULL), NULL));
	}
	assert_true(umockdev_testbed_add_from_string(
		bed,
		"P: /devices/platform/pwm-fan\nE: SUBSYSTEM=platform\n\n"
		"P: /devices/platform/pwm-fan/hwmon/hwmon7\nE: SUBSYSTEM=hwmon\n"
		"A: name=pwmfan\\n\nA: pwm1=17\\n\nA: pwm1_enable=2\\n\n\n",
		NULL));
	(void)snprintf(text, sizeof(text), "%s/dev/gpioline%u",
		       g_getenv("UMOCKDEV_DIR"), BUTTON);
	assert_int_equal(unlink(text), 0);
	assert_int_equal(mkfifo(text, 0600), 0);
	return bed;
}

/* ---- the tests ---- */

static struct bmc_chip chip = { .id = "pins", .name = "gpiochip0", .lines = LINES };
static struct bmc_line table[] = {
	{ .id = "b1.power", .line = 0 },
	{ .id = "b1.reset", .line = 2, .active_low = true },
	{ .id = "button", .line = BUTTON, .input = true },
	{ .id = "b2.reset", .line = BMC_LINE_NAMED, .line_name = "LINE-4" },
};
static const struct bmc_platform platform = {
	.chips = &chip, .n_chips = 1, .lines = table, .n_lines = G_N_ELEMENTS(table)
};
static struct priv_chip_conf conf = { .platform = &platform, .chip = 0 };

static int setup(void **state)
{
	memset(lines, 0, sizeof(lines));
	lines[0].level = lines[0].output =
		true;          /* a board that is on, as an earlier helper left it */
	lines[2].level = true; /* an input with a pull-up */
	(void)snprintf(chip.name, sizeof(chip.name), "gpiochip0");
	(void)state;
	return 0;
}

static void *open_chip(void)
{
	void *self = NULL;
	uint32_t offset;

	conf.epoll = epoll_create1(EPOLL_CLOEXEC);
	assert_int_equal(priv_lines_libgpiod.open(&conf, &self, NULL), 0);
	for (size_t i = 0; i < platform.n_lines; i++) {
		const struct bmc_line *l = &platform.lines[i];

		assert_int_equal(priv_lines_libgpiod.take(self, l, &offset, NULL), 0);
		assert_int_equal(offset, l->line_name ? NAMED : l->line);
	}
	return self;
}

static void close_chip(void *self)
{
	priv_lines_libgpiod.close(self);
	(void)close(conf.epoll);
}

static void lines_are_taken_as_they_are(void **state)
{
	void *self = open_chip();

	(void)state;
	assert_true(lines[0].held && lines[0].output && lines[0].level);
	assert_true(lines[2].held && lines[2].output && lines[2].level);
	assert_false(lines[1].held);
	assert_int_equal(lines[0].changes + lines[2].changes, 0);
	close_chip(self);
}

static void a_level_that_is_set_is_on_the_line_and_read_back(void **state)
{
	void *self = open_chip();

	(void)state;
	assert_int_equal(priv_lines_libgpiod.get(self, 2, NULL), 1);
	assert_int_equal(priv_lines_libgpiod.set(self, 2, 0, NULL), 0);
	assert_false(lines[2].level);
	assert_int_equal(priv_lines_libgpiod.get(self, 2, NULL), 0);
	assert_int_equal(priv_lines_libgpiod.set(self, 2, 1, NULL), 0);
	assert_true(lines[2].level);
	assert_int_equal(lines[2].changes, 2);
	close_chip(self);
}

static void closing_leaves_levels_alone(void **state)
{
	void *self = open_chip();

	(void)state;
	assert_int_equal(priv_lines_libgpiod.set(self, 0, 0, NULL), 0);
	close_chip(self);
	self = open_chip();
	assert_int_equal(priv_lines_libgpiod.get(self, 0, NULL), 0);
	assert_int_equal(lines[0].changes, 1);
	close_chip(self);
}

static void a_line_of_somebody_else_is_no_other_lines_concern(void **state)
{
	struct bmc_error err = { 0 };
	uint32_t offset;
	void *self;

	(void)state;
	lines[2].foreign = true;
	conf.epoll = epoll_create1(EPOLL_CLOEXEC);
	assert_int_equal(priv_lines_libgpiod.open(&conf, &self, &err), 0);
	assert_int_equal(priv_lines_libgpiod.take(self, &table[1], &offset, &err),
			 BMC_EBUSY);
	assert_non_null(strstr(err.what, "gpioinfo"));
	assert_int_equal(priv_lines_libgpiod.take(self, &table[0], &offset, NULL), 0);
	assert_int_equal(priv_lines_libgpiod.set(self, offset, 0, NULL), 0);
	assert_false(lines[0].level);
	lines[2].foreign = false; /* it is let go of */
	assert_int_equal(priv_lines_libgpiod.take(self, &table[1], &offset, NULL), 0);
	close_chip(self);
}

static void a_line_that_the_chip_does_not_have_is_an_error(void **state)
{
	static const struct bmc_line wrong[] = {
		{ .id = "w.reset", .line = BMC_LINE_NAMED, .line_name = "LINE-44" },
		{ .id = "w.power", .line = LINES },
	};
	void *self = open_chip();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		struct bmc_error err = { 0 };
		uint32_t offset;

		assert_int_equal(
			priv_lines_libgpiod.take(self, &wrong[i], &offset, &err),
			BMC_ENOTFOUND);
		assert_non_null(strstr(err.what, "gpioinfo"));
	}
	close_chip(self);
}

/* ---- pwm: the files of a hwmon, which umockdev keeps ---- */

#define FAN   "/sys/devices/platform/pwm-fan"
#define HWMON FAN "/hwmon/hwmon7"

static struct bmc_pwm pwms[] = { { .id = "fan", .device = FAN, .channel = 1 },
				 { .id = "none", .device = FAN, .channel = 9 } };
static const struct bmc_platform fans = { .pwms = pwms, .n_pwms = G_N_ELEMENTS(pwms) };

static int number_in(const char *path)
{
	int n = -1;
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &n), 1);
	(void)fclose(f);
	return n;
}

static void put_number(const char *path, int n)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	(void)fprintf(f, "%d\n", n);
	assert_int_equal(fclose(f), 0);
}

static void a_hwmon_gets_its_duty_and_full_speed_at_the_end(void **state)
{
	static const struct {
		int duty, pwm;
	} steps[] = { { 0, 0 },   { 100000, 255 }, { 50000, 128 }, { 196, 0 },
		      { 197, 1 }, { 99803, 254 },  { 99804, 255 } };
	const struct priv_pwms_conf c = { .platform = &fans };
	struct priv_pwms *p;
	struct bmc_error err = { 0 };

	(void)state;
	put_number(HWMON "/pwm1", 17);
	put_number(HWMON "/pwm1_enable", 2); /* the kernel's own control */
	assert_int_equal(priv_pwms_new(&c, &p, &err), 0);
	assert_int_equal(number_in(HWMON "/pwm1"), 255);
	assert_int_equal(number_in(HWMON "/pwm1_enable"), 1);
	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
		const struct priv_pwm w = { .duty = steps[i].duty, .hold_ms = 60000 };
		assert_int_equal(priv_pwms_set(p, &w, &err), 0);
		assert_int_equal(number_in(HWMON "/pwm1"), steps[i].pwm);
	}
	put_number(HWMON "/pwm1", 51);
	assert_int_equal(priv_pwms_read(p, 0, &err), 20000);
	put_number(HWMON "/pwm1", 256);
	assert_int_equal(priv_pwms_read(p, 0, &err), BMC_ECORRUPT);
	assert_int_equal(priv_pwms_read(p, 1, &err), BMC_ENOTFOUND);
	assert_non_null(strstr(err.what, "pwm9 below " FAN));
	assert_int_equal(priv_pwms_free(p) == NULL, 1);
	assert_int_equal(number_in(HWMON "/pwm1"), 255);
}

struct taken {
	unsigned n, line;
	int level;
};

static void on_edge(void *arg, uint32_t line, int level, int64_t at)
{
	struct taken *t = arg;

	t->n++;
	t->line = line;
	t->level = level;
	assert_true(at > 0);
}

/* What the kernel queues for an edge. */
static void make_edge(int pipe, bool rising, unsigned n)
{
	const struct gpioevent_data e = { .timestamp = 1,
					  .id = rising ? GPIOEVENT_EVENT_RISING_EDGE
						       : GPIOEVENT_EVENT_FALLING_EDGE };

	lines[BUTTON].level = rising;
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(write(pipe, &e, sizeof(e)), sizeof(e));
}

static void edges_of_an_input_wake_the_helper_and_are_taken(void **state)
{
	void *self = open_chip();
	int epoll = conf.epoll;
	struct epoll_event ready;
	struct taken t = { 0 };
	int pipe = open("/dev/gpioline3", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_true(pipe >= 0 && lines[BUTTON].held && !lines[BUTTON].output);
	assert_int_equal(epoll_wait(epoll, &ready, 1, 0), 0);
	make_edge(pipe, true, 1);
	assert_int_equal(epoll_wait(epoll, &ready, 1, 60000), 1);
	assert_int_equal(ready.data.u64, conf.chip);
	priv_lines_libgpiod.edges(self, on_edge, &t);
	assert_true(t.n == 1 && t.line == BUTTON && t.level == 1);
	assert_int_equal(priv_lines_libgpiod.get(self, BUTTON, NULL), 1);
	make_edge(pipe, false, 1);
	priv_lines_libgpiod.edges(self, on_edge, &t);
	assert_true(t.n == 2 && t.level == 0);
	assert_int_equal(epoll_wait(epoll, &ready, 1, 0), 0);
	/* one that chatters is left after a bounded number */
	t.n = 0;
	make_edge(pipe, true, 500);
	priv_lines_libgpiod.edges(self, on_edge, &t);
	assert_true(t.n > 0 && t.n <= 64);
	(void)close(pipe);
	close_chip(self);
}

static void an_unknown_chip_is_an_error_that_says_where_to_look(void **state)
{
	struct bmc_error err = { 0 };
	void *self;

	(void)state;
	(void)snprintf(chip.name, sizeof(chip.name), "no-such-chip");
	assert_int_equal(priv_lines_libgpiod.open(&conf, &self, &err), BMC_ENOTFOUND);
	assert_non_null(strstr(err.what, "gpiodetect"));
}

int main(int argc, char **argv)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(lines_are_taken_as_they_are),
		T(a_level_that_is_set_is_on_the_line_and_read_back),
		T(closing_leaves_levels_alone),
		T(a_line_of_somebody_else_is_no_other_lines_concern),
		T(a_line_that_the_chip_does_not_have_is_an_error),
		T(edges_of_an_input_wake_the_helper_and_are_taken),
		T(a_hwmon_gets_its_duty_and_full_speed_at_the_end),
		T(an_unknown_chip_is_an_error_that_says_where_to_look),
	};

	(void)argc;
	if (!below_umockdev(argv, "PRIV_GPIO_WRAPPED", false))
		return 0;
	UMockdevTestbed *bed = make_testbed();
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	g_object_unref(bed);
	return r;
}
