// SPDX-License-Identifier: Apache-2.0
/* Which samples of node_exporter are which fields of a board. The names are those of
 * node_exporter 1.x: https://github.com/prometheus/node_exporter */
#include "readings.h"

#include <math.h>
#include <string.h>

#define CPUS_MAX      4096
#define BYTES_MAX     1e18
#define SECONDS_MAX   1e12
#define MHZ_MAX       1e6
#define COLD          -60.0
#define HOT           200.0
#define BOOT_SLACK_MS 3000 /* of two clocks that are compared over a network */
#define GPU           100u /* no rank: the other thermometer */

static bool is_sane(double v, double max)
{
	return v >= 0 && v <= max; /* false for NaN */
}

/* As text for users: bytes that are not printable ASCII become '?'. */
static void copy(char *dst, size_t size, const char *text)
{
	size_t i;

	for (i = 0; i + 1 < size && text[i]; i++)
		dst[i] = (char)(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	dst[i] = '\0';
}

/* ---- thermometers ---- */

/* How well the name of a thermal zone or a chip says that it is the system on a chip.
 */
static unsigned rank_of(const char *name)
{
	static const struct {
		const char *part;
		unsigned rank;
	} parts[] = {
		{ "gpu", GPU },    { "soc", 3 },     { "cpu", 2 },
		{ "coretemp", 2 }, { "k10temp", 2 },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcasestr(name, parts[i].part))
			return parts[i].rank;
	}
	return 0;
}

/* Of the best rank the hottest. */
static void take_temperature(struct ne_answer *a, unsigned rank, double celsius)
{
	if (!rank || !(celsius >= COLD && celsius <= HOT))
		return;
	if (rank == GPU) {
		a->gpu = fmax(a->gpu, celsius); /* NaN gives way */
		return;
	}
	if (rank > a->soc_rank)
		a->soc = celsius;
	else if (rank == a->soc_rank)
		a->soc = fmax(a->soc, celsius);
	a->soc_rank = rank > a->soc_rank ? rank : a->soc_rank;
}

static void zone(struct ne_answer *a, const struct expo_sample *s)
{
	take_temperature(a, rank_of(expo_label(s, "type")), s->value);
}

/* Chips come before their readings: the exporter sorts its samples. */
static void chip_name(struct ne_answer *a, const struct expo_sample *s)
{
	unsigned rank = rank_of(expo_label(s, "chip_name"));
	const char *chip = expo_label(s, "chip");

	if (!rank || a->n_chips == NE_CHIPS_MAX ||
	    strlen(chip) >= sizeof(a->chips[0].name))
		return;
	strcpy(a->chips[a->n_chips].name, chip);
	a->chips[a->n_chips++].rank = rank;
}

static void chip_temperature(struct ne_answer *a, const struct expo_sample *s)
{
	const char *chip = expo_label(s, "chip");

	for (size_t i = 0; i < a->n_chips; i++) {
		if (strcmp(a->chips[i].name, chip) == 0)
			take_temperature(a, a->chips[i].rank, s->value);
	}
}

/* ---- the rest ---- */

static void cpu_seconds(struct ne_answer *a, const struct expo_sample *s)
{
	const char *mode = expo_label(s, "mode");
	bool idle = strcmp(mode, "idle") == 0;

	if (!is_sane(s->value, SECONDS_MAX))
		return;
	a->cpus += idle;
	a->total += s->value;
	if (idle || strcmp(mode, "iowait") == 0)
		a->idle += s->value;
}

static void cpu_info(struct ne_answer *a, const struct expo_sample *s)
{
	if (!a->cpu_model[0])
		copy(a->cpu_model, sizeof(a->cpu_model), expo_label(s, "model_name"));
}

static void cpu_hertz(struct ne_answer *a, const struct expo_sample *s)
{
	if (is_sane(s->value, MHZ_MAX * 1e6))
		a->mhz = fmax(a->mhz, s->value / 1e6);
}

/* Which of the file systems on the built-in storage this is, or -1: the root, and on
 * Android, where the root is the system's own and full, the users' data. */
static int mount_of(const struct expo_sample *s)
{
	static const char *const places[NE_MOUNTS_MAX] = { "/", "/data" };
	static const char *const in_memory[] = { "tmpfs", "ramfs", "rootfs",
						 "overlay" };

	for (size_t i = 0; i < sizeof(in_memory) / sizeof(in_memory[0]); i++) {
		if (strcmp(expo_label(s, "fstype"), in_memory[i]) == 0)
			return -1;
	}
	for (int i = 0; i < NE_MOUNTS_MAX; i++) {
		if (strcmp(expo_label(s, "mountpoint"), places[i]) == 0)
			return i;
	}
	return -1;
}

static void fs_size(struct ne_answer *a, const struct expo_sample *s)
{
	int i = mount_of(s);

	if (i >= 0)
		a->fs_size[i] = s->value;
}

static void fs_free(struct ne_answer *a, const struct expo_sample *s)
{
	int i = mount_of(s);

	if (i >= 0)
		a->fs_free[i] = s->value;
}

static void mem_total(struct ne_answer *a, const struct expo_sample *s)
{
	a->mem_total = s->value;
}

static void mem_available(struct ne_answer *a, const struct expo_sample *s)
{
	a->mem_available = s->value;
}

static void boot_seconds(struct ne_answer *a, const struct expo_sample *s)
{
	a->boot = s->value;
}

static void time_seconds(struct ne_answer *a, const struct expo_sample *s)
{
	a->time = s->value;
}

static void uname_info(struct ne_answer *a, const struct expo_sample *s)
{
	copy(a->kernel, sizeof(a->kernel), expo_label(s, "release"));
	copy(a->hostname, sizeof(a->hostname), expo_label(s, "nodename"));
	copy(a->machine, sizeof(a->machine), expo_label(s, "machine"));
}

static void os_info(struct ne_answer *a, const struct expo_sample *s)
{
	copy(a->os, sizeof(a->os), expo_label(s, "pretty_name"));
}

static const struct {
	const char *name;
	void (*take)(struct ne_answer *, const struct expo_sample *);
} metrics[] = {
	{ "node_boot_time_seconds", boot_seconds },
	{ "node_cpu_frequency_max_hertz", cpu_hertz },
	{ "node_cpu_info", cpu_info },
	{ "node_cpu_scaling_frequency_max_hertz", cpu_hertz },
	{ "node_cpu_seconds_total", cpu_seconds },
	{ "node_filesystem_free_bytes", fs_free },
	{ "node_filesystem_size_bytes", fs_size },
	{ "node_hwmon_chip_names", chip_name },
	{ "node_hwmon_temp_celsius", chip_temperature },
	{ "node_memory_MemAvailable_bytes", mem_available },
	{ "node_memory_MemTotal_bytes", mem_total },
	{ "node_os_info", os_info },
	{ "node_thermal_zone_temp", zone },
	{ "node_time_seconds", time_seconds },
	{ "node_uname_info", uname_info },
};

void ne_answer_init(struct ne_answer *a)
{
	memset(a, 0, sizeof(*a));
	a->mem_total = a->mem_available = a->boot = a->time = -1;
	for (size_t i = 0; i < NE_MOUNTS_MAX; i++)
		a->fs_size[i] = a->fs_free[i] = -1;
	a->soc = a->gpu = NAN;
}

void ne_answer_take(void *arg, const struct expo_sample *s)
{
	struct ne_answer *a = arg;

	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		if (strcmp(metrics[i].name, s->name) != 0)
			continue;
		a->samples++;
		metrics[i].take(a, s);
		return;
	}
}

/* ---- the row ---- */

/* Between two scrapes; unknown after the first one, after a restart of the board (its
 * counters begin anew) and when a processor came or went. */
static int64_t load_of(const struct ne_answer *a, struct ne_board *b)
{
	double idle = a->idle - b->idle, total = a->total - b->total;
	bool same = a->cpus > 0 && a->cpus == b->cpus && idle >= 0 && total > 0 &&
		    idle <= total;

	b->idle = a->idle;
	b->total = a->total;
	b->cpus = a->cpus <= CPUS_MAX ? a->cpus : 0;
	return same ? (int64_t)((total - idle) * 100000 / total) : BMC_UNKNOWN;
}

/* The board's clock against its own start, so that a wrong one does no harm; the same
 * value again as long as it is the same start. Sums from before another one are
 * dropped. */
static int64_t boot_time_of(const struct ne_answer *a, struct ne_board *b, int64_t now)
{
	double up = a->time - a->boot;
	int64_t boot, moved;

	if (!is_sane(a->time, SECONDS_MAX) || !is_sane(a->boot, SECONDS_MAX) ||
	    !is_sane(up, SECONDS_MAX))
		return BMC_UNKNOWN;
	boot = now - (int64_t)(up * 1000);
	moved = boot - b->boot_time;
	if (!b->boot_time || moved > BOOT_SLACK_MS || moved < -BOOT_SLACK_MS) {
		b->boot_time = boot;
		b->cpus = 0;
	}
	return b->boot_time;
}

static int64_t whole(double v, double max)
{
	return is_sane(v, max) ? (int64_t)v : BMC_UNKNOWN;
}

/* What is in use of `size`; unknown when the two don't fit together. */
static int64_t used(double size, double left)
{
	if (!is_sane(size, BYTES_MAX) || !is_sane(left, size))
		return BMC_UNKNOWN;
	return (int64_t)(size - left);
}

static int64_t milli(double celsius)
{
	return isnan(celsius) ? BMC_UNKNOWN : (int64_t)lrint(celsius * 1000);
}

size_t ne_values(const struct ne_answer *a, struct ne_board *b, int64_t now,
		 struct bmc_value ret[NE_VALUES_MAX])
{
	size_t m = a->fs_size[1] > a->fs_size[0]; /* the larger file system */
	size_t n = 0;

	ret[n++] = BMC_NUM(bmc_board, boot_time, boot_time_of(a, b, now));
	ret[n++] = BMC_NUM(bmc_board, cpu_load, load_of(a, b));
	ret[n++] = BMC_NUM(bmc_board, cpu_cores,
			   a->cpus && a->cpus <= CPUS_MAX ? a->cpus : BMC_UNKNOWN);
	ret[n++] = BMC_NUM(bmc_board, cpu_mhz,
			   a->mhz >= 1 ? (int64_t)a->mhz : BMC_UNKNOWN);
	ret[n++] = BMC_TXT(bmc_board, cpu_model, a->cpu_model);
	ret[n++] = BMC_NUM(bmc_board, memory_bytes, whole(a->mem_total, BYTES_MAX));
	ret[n++] =
		BMC_NUM(bmc_board, memory_used, used(a->mem_total, a->mem_available));
	ret[n++] = BMC_NUM(bmc_board, storage_bytes, whole(a->fs_size[m], BYTES_MAX));
	ret[n++] = BMC_NUM(bmc_board, storage_used, used(a->fs_size[m], a->fs_free[m]));
	ret[n++] = BMC_NUM(bmc_board, soc_temperature, milli(a->soc));
	ret[n++] = BMC_NUM(bmc_board, gpu_temperature, milli(a->gpu));
	ret[n++] = BMC_TXT(bmc_board, kernel, a->kernel);
	ret[n++] = BMC_TXT(bmc_board, hostname, a->hostname);
	ret[n++] = BMC_TXT(bmc_board, architecture, a->machine);
	ret[n++] = BMC_TXT(bmc_board, os_version, a->os);
	/* only a Linux distribution has an os-release; what else may be Android */
	ret[n++] = BMC_NUM(bmc_board, os, a->os[0] ? BMC_OS_LINUX : BMC_OS_UNKNOWN);
	return n;
}
