// SPDX-License-Identifier: Apache-2.0
// Emulated GPIO chips for a program that uses libgpiod 1: preloaded after umockdev's
// library, as the handler of an ioctl that answers with a descriptor has to be in the
// program's own process. GPIO_RIG names a file with one line for each emulated line:
//
//   CHIP OFFSET LEVEL KIND NAME BOARD PIN
//
// LEVEL at first, KIND `line`, `stuck` (takes levels and does not change) or `held`
// (somebody else has it). GPIO_RIG_BANK is the simulator's pin bank (bmc/pinbank.h),
// where levels live: so they outlast this process as a real chip's do, simulated
// boards are wired to them, and a test drives inputs.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/gpio.h>
#include <umockdev.h>

#include "bmc/pinbank.h"

#define CHIPS     4u
#define MAX_LINES 64u
#define LOOK_US   1000

static struct rig_line {
	unsigned chip, offset, level;
	char kind[8], name[32], board[32], pin[16];
	int pipe; /* of an input whose edges are asked for: what is written is an edge
		   */
	unsigned seen;
} lines[MAX_LINES];
static unsigned n_lines;
static struct bmc_pinbank *bank;

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

static __attribute__((noreturn)) void die(const char *what)
{
	(void)fprintf(stderr, "gpio-rig: %s: %s\n", what, strerror(errno));
	_exit(97);
}

static struct rig_line *find(unsigned chip, unsigned offset)
{
	for (unsigned i = 0; i < n_lines; i++) {
		if (lines[i].chip == chip && lines[i].offset == offset)
			return &lines[i];
	}
	return NULL;
}

static unsigned level_of(const struct rig_line *l)
{
	return atomic_load(&bank->level[l->chip][l->offset]);
}

/* The wire between the chip and the board. */
static void drive(const struct rig_line *l, unsigned level)
{
	struct bmc_trace_entry e = { .what = BMC_TRACE_PIN,
				     .chip = (uint16_t)l->chip,
				     .line = (uint16_t)l->offset,
				     .level = (uint16_t)level };

	if (strcmp(l->kind, "stuck") == 0 ||
	    atomic_exchange(&bank->level[l->chip][l->offset], (uint8_t)level) == level)
		return;
	(void)snprintf(e.board, sizeof(e.board), "%s", l->board);
	(void)snprintf(e.text, sizeof(e.text), "%s", l->pin);
	(void)bmc_pinbank_trace(bank, &e);
}

/* ---- ioctls ---- */

static int chip_info(unsigned chip, struct gpiochip_info *i)
{
	memset(i, 0, sizeof(*i));
	(void)snprintf(i->name, sizeof(i->name), "gpiochip%u", chip);
	(void)snprintf(i->label, sizeof(i->label), "rig-%u", chip);
	i->lines = MAX_LINES;
	return 0;
}

static int line_info(unsigned chip, struct gpioline_info *i)
{
	const struct rig_line *l = find(chip, i->line_offset);
	unsigned offset = i->line_offset;

	if (offset >= MAX_LINES)
		return EINVAL;
	memset(i, 0, sizeof(*i));
	i->line_offset = offset;
	if (!l)
		return 0;
	(void)snprintf(i->name, sizeof(i->name), "%s", l->name);
	if (strcmp(l->kind, "held") == 0)
		i->flags = GPIOLINE_FLAG_KERNEL;
	return 0;
}

static int open_line(const struct rig_line *l)
{
	char node[64];

	(void)snprintf(node, sizeof(node), "/dev/gpioline%u_%u", l->chip, l->offset);
	return open(node, O_RDWR | O_CLOEXEC);
}

static int line_handle(unsigned chip, struct gpiohandle_request *r)
{
	const struct rig_line *l = find(chip, r->lineoffsets[0]);

	if (!l || r->lines != 1)
		return EINVAL;
	if (strcmp(l->kind, "held") == 0)
		return EBUSY;
	if (r->flags & GPIOHANDLE_REQUEST_OUTPUT)
		drive(l, r->default_values[0] != 0);
	r->fd = open_line(l);
	return r->fd < 0 ? errno : 0;
}

static int line_event(unsigned chip, struct gpioevent_request *r)
{
	struct rig_line *l = find(chip, r->lineoffset);

	if (!l || strcmp(l->kind, "held") == 0)
		return l ? EBUSY : EINVAL;
	r->fd = open_line(l);
	l->seen = level_of(l);
	l->pipe = open_line(l);
	return r->fd < 0 || l->pipe < 0 ? errno : 0;
}

static int chip_ioctl(unsigned chip, unsigned long request, void *data)
{
	if (request == GPIO_GET_CHIPINFO_IOCTL)
		return chip_info(chip, data);
	if (request == GPIO_GET_LINEINFO_IOCTL)
		return line_info(chip, data);
	if (request == GPIO_GET_LINEHANDLE_IOCTL)
		return line_handle(chip, data);
	if (request == GPIO_GET_LINEEVENT_IOCTL)
		return line_event(chip, data);
	return ENOTTY;
}

static int line_ioctl(const struct rig_line *l, unsigned long request,
		      struct gpiohandle_data *d)
{
	if (request == GPIOHANDLE_GET_LINE_VALUES_IOCTL)
		d->values[0] = (uint8_t)level_of(l);
	else if (request == GPIOHANDLE_SET_LINE_VALUES_IOCTL)
		drive(l, d->values[0] != 0);
	else
		return ENOTTY;
	return 0;
}

static gboolean handle_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client)
{
	unsigned long request = umockdev_ioctl_client_get_request(client);
	UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client); /* not ours */
	UMockdevIoctlData *data =
		umockdev_ioctl_data_resolve(arg, 0, _IOC_SIZE(request), NULL);
	const char *node = umockdev_ioctl_client_get_devnode(client);
	unsigned chip, offset;
	int e = ENOTTY;

	(void)base;
	if (sscanf(node, "/dev/gpioline%u_%u", &chip, &offset) == 2)
		e = line_ioctl(find(chip, offset), request, (void *)data->data);
	else if (sscanf(node, "/dev/gpiochip%u", &chip) == 1)
		e = chip_ioctl(chip, request, data->data);
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

/* ---- inputs ---- */

static void look(struct rig_line *l)
{
	struct gpioevent_data e = { .timestamp = 1 };
	unsigned level = level_of(l);

	if (!l->pipe || level == l->seen)
		return;
	l->seen = level;
	e.id = level ? GPIOEVENT_EVENT_RISING_EDGE : GPIOEVENT_EVENT_FALLING_EDGE;
	if (write(l->pipe, &e, sizeof(e)) != (ssize_t)sizeof(e))
		die("edge");
}

static void *watch(void *arg)
{
	for (;;) {
		for (unsigned i = 0; i < n_lines; i++)
			look(&lines[i]);
		(void)usleep(LOOK_US);
	}
	return arg;
}

/* ---- start ---- */

static void read_lines(const char *path)
{
	FILE *f = fopen(path, "re");

	if (!f)
		die(path);
	while (n_lines < MAX_LINES) {
		struct rig_line *l = &lines[n_lines];

		if (fscanf(f, "%u %u %u %7s %31s %31s %15s", &l->chip, &l->offset,
			   &l->level, l->kind, l->name, l->board, l->pin) != 7)
			break;
		if (l->chip < CHIPS && l->offset < MAX_LINES)
			n_lines++;
	}
	(void)fclose(f);
}

/* Levels are set once, as by the power-up of the chip. */
static void open_bank(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0 || fchmod(fd, 0666) < 0 || ftruncate(fd, sizeof(*bank)) < 0)
		die(path);
	bank = mmap(NULL, sizeof(*bank), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (bank == MAP_FAILED)
		die(path);
	if (bank->magic == BMC_PINBANK_MAGIC)
		return;
	bank->version = BMC_PINBANK_VERSION;
	for (unsigned i = 0; i < n_lines; i++)
		atomic_store(&bank->level[lines[i].chip][lines[i].offset],
			     (uint8_t)lines[i].level);
	/* the ring is not empty: levels are as they are, not to be preset */
	(void)bmc_pinbank_trace(bank,
				&(struct bmc_trace_entry){ .what = BMC_TRACE_NONE });
	bank->magic = BMC_PINBANK_MAGIC;
}

static void add_node(UMockdevTestbed *bed, const char *name, unsigned minor_number,
		     const char *subsystem)
{
	char text[300], node[64];

	(void)snprintf(
		text, sizeof(text),
		"P: /devices/platform/%s\nN: %s\nE: SUBSYSTEM=%s\n"
		"E: DEVNAME=/dev/%s\nE: MAJOR=254\nE: MINOR=%u\nA: dev=254:%u\\n\n",
		name, name, subsystem, name, minor_number, minor_number);
	(void)snprintf(node, sizeof(node), "/dev/%s", name);
	if (!umockdev_testbed_add_from_string(bed, text, NULL) ||
	    !umockdev_testbed_attach_ioctl(
		    bed, node, g_object_new(emulator_get_type(), NULL), NULL))
		die(name);
}

/* An input's node is a pipe; whether a line is one is the requester's to say, so all
 * that are named `input` are. */
static void make_pipe(const char *name)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/dev/%s", g_getenv("UMOCKDEV_DIR"), name);
	(void)unlink(path);
	if (mkfifo(path, 0600) < 0)
		die(path);
}

/* Instead of libc's: umockdev's library looks for its folder each time. */
__attribute__((visibility("default"))) int clearenv(void)
{
	static char folder[300];
	const char *dir = getenv("UMOCKDEV_DIR");

	environ = NULL;
	if (!dir)
		return 0;
	(void)snprintf(folder, sizeof(folder), "UMOCKDEV_DIR=%s", dir);
	return putenv(folder);
}

static __attribute__((constructor)) void start(void)
{
	const char *table = getenv("GPIO_RIG"), *file = getenv("GPIO_RIG_BANK");
	UMockdevTestbed *bed;
	pthread_t thread;
	char name[64];

	if (!table || !file)
		return;
	(void)unsetenv("GPIO_RIG"); /* what this program starts has no chips */
	read_lines(table);
	open_bank(file);
	bed = umockdev_testbed_new();
	for (unsigned i = 0; i < CHIPS; i++) {
		(void)snprintf(name, sizeof(name), "gpiochip%u", i);
		add_node(bed, name, i, "gpio");
	}
	for (unsigned i = 0; i < n_lines; i++) {
		(void)snprintf(name, sizeof(name), "gpioline%u_%u", lines[i].chip,
			       lines[i].offset);
		add_node(bed, name, 16 + i, "misc");
		if (strcmp(lines[i].pin, "input") == 0)
			make_pipe(name);
	}
	if (pthread_create(&thread, NULL, watch, NULL) != 0)
		die("thread");
}
