// SPDX-License-Identifier: Apache-2.0
/* The row of `main`: processor, memory, root file system, operating system. */
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include "host.h"

#define BIG_FILE 16384
#define KIB      1024

/* The first of `keys` that stands in the file. */
static void first_value(const char *lines, const char *const keys[], char *ret,
			size_t size)
{
	for (; *keys && !host_value(lines, *keys, ret, size); keys++)
		;
}

/* Counts "0-3,8" as 5; BMC_UNKNOWN for anything else. */
static int64_t count_cpus(const char *list)
{
	int64_t n = 0;

	while (*list) {
		char *end;
		unsigned long a = strtoul(list, &end, 10), b = a;

		if (end == list)
			return BMC_UNKNOWN;
		if (*end == '-')
			b = strtoul(end + 1, &end, 10);
		if (b < a || b > 65535 || (*end && *end != ','))
			return BMC_UNKNOWN;
		n += (int64_t)(b - a) + 1;
		list = *end ? end + 1 : end;
	}
	return n ? n : BMC_UNKNOWN;
}

static int64_t read_mhz(const struct host *h, const char *cpuinfo)
{
	int64_t khz =
		host_number(h, "/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq");
	char text[32];

	if (khz > 0)
		return khz / 1000;
	if (!host_value(cpuinfo, "cpu MHz", text, sizeof(text)))
		return BMC_UNKNOWN;
	return atoll(text) > 0 ? atoll(text) : BMC_UNKNOWN;
}

/* A file since Linux 6.1; this machine's own uname() is no recorded tree's. */
static void read_architecture(const struct host *h, char *ret, size_t size)
{
	struct utsname name;

	if (host_text(h, ret, size, "/proc/sys/kernel/arch") || h->root[0] ||
	    uname(&name) < 0)
		return;
	(void)snprintf(ret, size, "%.15s", name.machine);
}

static void put_processor(struct host *h)
{
	static const char *const keys[] = { "model name", "Model", "Hardware",
					    "cpu model", NULL };
	char cpuinfo[BIG_FILE], model[48], online[64], architecture[16];
	struct bmc_value v[5];
	int64_t online_cpus;

	(void)host_lines(h, cpuinfo, sizeof(cpuinfo), "/proc/cpuinfo");
	first_value(cpuinfo, keys, model, sizeof(model));
	if (!model[0])
		(void)host_text(h, model, sizeof(model), "/proc/device-tree/model");
	(void)host_text(h, online, sizeof(online), "/sys/devices/system/cpu/online");
	v[0] = BMC_TXT(bmc_board, cpu_model, model);
	online_cpus = count_cpus(online);
	read_architecture(h, architecture, sizeof(architecture));
	v[1] = BMC_NUM(bmc_board, cpu_cores, online_cpus);
	v[2] = BMC_NUM(bmc_board, cpu_mhz, read_mhz(h, cpuinfo));
	v[3] = BMC_NUM(bmc_board, cpu_threads, online_cpus);
	v[4] = BMC_TXT(bmc_board, architecture, architecture);
	(void)h->ops->put(h->host, BMC_BOARD, h->board, v, 5);
}

/* `updateable`: 0, or BMC_UNKNOWN for what a flasher of the board would replace. */
static void put_firmware(struct host *h, const char *what, const char *name,
			 const char *version, int64_t updateable)
{
	char id[BMC_ID_MAX];

	if (!version[0])
		return;
	host_id(h, id, what);
	(void)host_put(
		h, BMC_FIRMWARE, id,
		(struct bmc_value[]){ BMC_TXT(bmc_firmware, name, name),
				      BMC_TXT(bmc_firmware, version, version),
				      BMC_NUM(bmc_firmware, updateable, updateable) },
		3);
}

static void put_software(struct host *h)
{
	char lines[BIG_FILE], name[48], version[48], kernel[48], bios[48];

	if (!host_lines(h, lines, sizeof(lines), "/etc/os-release"))
		(void)host_lines(h, lines, sizeof(lines), "/usr/lib/os-release");
	(void)host_value(lines, "PRETTY_NAME", version, sizeof(version));
	(void)host_value(lines, "NAME", name, sizeof(name));
	(void)host_text(h, kernel, sizeof(kernel), "/proc/sys/kernel/osrelease");
	(void)host_text(h, bios, sizeof(bios), "/sys/class/dmi/id/bios_version");
	put_firmware(h, "os", name[0] ? name : "Linux", version, BMC_UNKNOWN);
	put_firmware(h, "kernel", "Linux kernel", kernel, BMC_UNKNOWN);
	put_firmware(h, "bios", "BIOS", bios, 0);
	if (!h->board[0])
		return;
	(void)h->ops->put(h->host, BMC_BOARD, h->board,
			  (struct bmc_value[]){ BMC_TXT(bmc_board, os_version, version),
						BMC_TXT(bmc_board, kernel, kernel) },
			  2);
}

/* What the platform file gives it knows better. */
static void put_maker(struct host *h)
{
	static const char *const files[][2] = {
		{ "/proc/device-tree/model", "/sys/class/dmi/id/product_name" },
		{ "/proc/device-tree/serial-number",
		  "/sys/class/dmi/id/product_serial" },
	};
	char model[32], serial[32], maker[32];

	if (!host_text(h, model, sizeof(model), "%s", files[0][0]))
		(void)host_text(h, model, sizeof(model), "%s", files[0][1]);
	if (!host_text(h, serial, sizeof(serial), "%s", files[1][0]))
		(void)host_text(h, serial, sizeof(serial), "%s", files[1][1]);
	(void)host_text(h, maker, sizeof(maker), "/sys/class/dmi/id/sys_vendor");
	if (maker[0] && !bmc_conf_text(h->board_conf, "manufacturer", NULL))
		(void)h->ops->put(h->host, BMC_BOARD, h->board,
				  &BMC_TXT(bmc_board, manufacturer, maker), 1);
	if (model[0] && !bmc_conf_text(h->board_conf, "model", NULL))
		(void)h->ops->put(h->host, BMC_BOARD, h->board,
				  &BMC_TXT(bmc_board, model, model), 1);
	if (serial[0] && !bmc_conf_text(h->board_conf, "serial", NULL))
		(void)h->ops->put(h->host, BMC_BOARD, h->board,
				  &BMC_TXT(bmc_board, serial, serial), 1);
}

void host_read_identity(struct host *h)
{
	put_software(h);
	if (!h->board[0])
		return;
	put_processor(h);
	put_maker(h);
}

/* ---- what changes ---- */

/* Share of the time since the last reading that was not idle, in 1/1000 percent. */
static int64_t read_load(struct host *h)
{
	unsigned long long t[8] = { 0 };
	uint64_t total = 0, busy, d_total, d_busy;
	char line[256];

	/* user nice system idle iowait irq softirq steal (proc(5)) */
	if (!host_text(h, line, sizeof(line), "/proc/stat") ||
	    sscanf(line, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1],
		   &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) < 4)
		return BMC_UNKNOWN;
	for (size_t i = 0; i < 8; i++)
		total += t[i];
	busy = total - t[3] - t[4];
	d_total = total - h->total;
	d_busy = busy - h->busy;
	bool first = h->total == 0;
	h->total = total;
	h->busy = busy;
	if (first || d_total == 0 || d_busy > d_total || d_total > INT64_MAX / 100000)
		return BMC_UNKNOWN;
	return (int64_t)(d_busy * 100000 / d_total);
}

static int64_t read_kib(const char *lines, const char *key)
{
	char text[32];

	if (!host_value(lines, key, text, sizeof(text)))
		return BMC_UNKNOWN;
	long long n = atoll(text);
	return n > 0 && n < INT64_MAX / KIB ? n * KIB : BMC_UNKNOWN;
}

static void read_root(const struct host *h, int64_t *ret_bytes, int64_t *ret_used)
{
	struct statvfs st;

	*ret_bytes = *ret_used = BMC_UNKNOWN;
	if (statvfs(h->root[0] ? h->root : "/", &st) < 0)
		return;
	*ret_bytes = (int64_t)(st.f_blocks * st.f_frsize);
	*ret_used = (int64_t)((st.f_blocks - st.f_bfree) * st.f_frsize);
}

void host_read_board(struct host *h)
{
	char lines[4096], hostname[BMC_NAME_MAX];
	int64_t total, free_bytes, bytes, used;

	if (!h->board[0])
		return;
	(void)host_lines(h, lines, sizeof(lines), "/proc/meminfo");
	total = read_kib(lines, "MemTotal");
	free_bytes = read_kib(lines, "MemAvailable");
	read_root(h, &bytes, &used);
	(void)host_text(h, hostname, sizeof(hostname), "/proc/sys/kernel/hostname");

	bool known = total != BMC_UNKNOWN && free_bytes != BMC_UNKNOWN;
	const struct bmc_value v[] = {
		BMC_NUM(bmc_board, present, 1),
		BMC_NUM(bmc_board, power_pin, 1), /* it runs this line */
		BMC_NUM(bmc_board, os, BMC_OS_LINUX),
		BMC_NUM(bmc_board, boot_time, 0), /* CLOCK_BOOTTIME began then */
		BMC_NUM(bmc_board, cpu_load, read_load(h)),
		BMC_NUM(bmc_board, memory_bytes, total),
		BMC_NUM(bmc_board, memory_used,
			known ? total - free_bytes : BMC_UNKNOWN),
		BMC_NUM(bmc_board, storage_bytes, bytes),
		BMC_NUM(bmc_board, storage_used, used),
		BMC_NUM(bmc_board, soc_temperature, h->soc),
		BMC_NUM(bmc_board, gpu_temperature, h->gpu),
		BMC_TXT(bmc_board, hostname, hostname),
		BMC_TXT(bmc_board, mac, h->mac),
		BMC_TXT(bmc_board, ip, h->ip),
	};
	(void)h->ops->put(h->host, BMC_BOARD, h->board, v, sizeof(v) / sizeof(v[0]));
}
