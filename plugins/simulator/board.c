// SPDX-License-Identifier: Apache-2.0
/* A simulated board as the rows show it: identity, what USB and adb see, readings. The
 * behaviour is board-model.c's, the physics physics.c's; this file joins them. */
#include <ctype.h>
#include <stdio.h>

#include "physics.h"
#include "sim.h"

#define TAU_SOC_MS  20000
#define TAU_NTC_MS  60000
#define BOOT_LOAD   80000
#define OS_LOW_MEM  30 /* percent of the memory in use without load */
#define BYTES_PER_S 2000000

static const struct {
	const char *name, *version, *kernel;
} oses[] = {
	[BMC_OS_UNKNOWN] = { "", "", "" },
	[BMC_OS_ANDROID] = { "Android", "Android 10", "4.19.111" },
	[BMC_OS_LINUX] = { "Linux", "Ubuntu 18.04.4", "4.4.194" },
};

/* What only a probe reads. */
static const size_t slow[] = {
	offsetof(struct bmc_board, os_version),
	offsetof(struct bmc_board, kernel),
	offsetof(struct bmc_board, hostname),
	offsetof(struct bmc_board, ip),
	offsetof(struct bmc_board, cpu_load),
	offsetof(struct bmc_board, memory_used),
	offsetof(struct bmc_board, storage_used),
};

static bool is_up(const struct sim_board *b)
{
	return b->model.phase == SIM_UP;
}

/* "sub1-03" -> "B09CCSUB103", as the makers number them. */
static void make_serial(const char *id, char *ret, size_t size)
{
	size_t n = (size_t)snprintf(ret, size, "B09CC");

	for (; *id && n + 1 < size; id++) {
		if (isalnum((unsigned char)*id))
			ret[n++] = (char)toupper((unsigned char)*id);
	}
	ret[n] = '\0';
}

/* As the platform file has it for plugins `usb` and `adb`, or else a port for each. */
static void make_transport(const struct sim_board *b, unsigned n, char *ret,
			   size_t size)
{
	const char *path = bmc_conf_text(b->row->conf, "usb", "");

	if (*path)
		(void)snprintf(ret, size, "usb:%s", path);
	else if (!b->is_main)
		(void)snprintf(ret, size, "usb:2-1.%u.%u", n / 7 + 1, n % 7 + 1);
}

static void identify_parts(struct sim_board *b)
{
	const struct bmc_board *row = b->row->now;

	if (b->nic) {
		struct bmc_nic *nic = b->nic->now;

		memcpy(nic->mac, row->mac, sizeof(nic->mac));
		nic->enabled = 1;
		(void)snprintf(nic->name, sizeof(nic->name), "eth0 of %s", b->row->id);
	}
	if (b->ntc) {
		struct bmc_sensor *ntc = b->ntc->now;

		(void)snprintf(ntc->name, sizeof(ntc->name), "NTC of %s", b->row->id);
		ntc->type = BMC_SENSOR_TEMPERATURE;
		ntc->high_warning = 65000;
		ntc->high_critical = 80000;
	}
}

void sim_board_identity(struct sim *s, struct sim_board *b, size_t ordinal)
{
	struct bmc_board *row = b->row->now;
	unsigned n = (unsigned)ordinal + 1;

	make_serial(b->row->id, row->serial, sizeof(row->serial));
	make_transport(b, n, row->adb_transport, sizeof(row->adb_transport));
	(void)snprintf(row->mac, sizeof(row->mac), "02:46:46:%02x:%02x:%02x",
		       (n >> 16) & 0xff, (n >> 8) & 0xff, n & 0xff);
	(void)snprintf(row->vendor_serial, sizeof(row->vendor_serial), "%s",
		       row->serial);
	(void)snprintf(row->lan_mac, sizeof(row->lan_mac), "%s", row->mac);
	(void)snprintf(row->model, sizeof(row->model), "Core-%.4s-JD4",
		       b->soc->name + 2);
	(void)snprintf(row->soc, sizeof(row->soc), "%s", b->soc->name);
	(void)snprintf(row->cpu_model, sizeof(row->cpu_model), "%s", b->soc->cpu);
	(void)snprintf(row->hw_version, sizeof(row->hw_version), "v1.0");
	row->cpu_cores = b->soc->cores;
	row->cpu_threads = b->soc->cores; /* none of them has more than one */
	row->cpu_mhz = b->soc->mhz;
	(void)snprintf(row->architecture, sizeof(row->architecture), "%s",
		       b->soc->architecture);
	row->memory_bytes = b->soc->memory;
	row->storage_bytes = b->soc->storage;
	row->locator = 0;
	identify_parts(b);
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++)
		sim_row_slow(b->row, slow[i]);
	b->load = sim_random_in(&s->random, 3000, 40000);
	b->soc_celsius = b->ntc_celsius = s->inlet_celsius;
}

/* ---- what USB and adb show ---- */

bool sim_board_is_in(const struct sim_board *b)
{
	return !sim_row_taken(b->row) && !(b->blade && sim_row_taken(b->blade));
}

/* What only a running OS can say is unknown while none runs. */
static void forget_os(struct sim_board *b)
{
	struct bmc_board *row = b->row->now;

	row->os_version[0] = row->kernel[0] = row->hostname[0] = row->ip[0] = '\0';
	row->cpu_load = row->memory_used = row->storage_used = BMC_UNKNOWN;
	row->soc_temperature = row->gpu_temperature = BMC_UNKNOWN;
	if (b->os)
		((struct bmc_firmware *)b->os->now)->version[0] = '\0';
}

static void show_link(struct sim_board *b)
{
	struct bmc_nic *nic = b->nic ? b->nic->now : NULL;

	if (!nic)
		return;
	nic->link = is_up(b) ? BMC_LINK_UP : BMC_LINK_DOWN;
	nic->speed = is_up(b) ? 1000 : BMC_UNKNOWN;
	nic->full_duplex = is_up(b) ? 1 : BMC_UNKNOWN;
	nic->mtu = 1500;
	if (!is_up(b))
		nic->ipv4[0] = nic->ipv4_netmask[0] = '\0';
}

static void report_parts(struct sim *s, struct sim_board *b)
{
	struct sim_row *parts[] = { b->ntc, b->nic, b->os };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i])
			continue;
		parts[i]->gone = b->row->absent;
		(void)sim_row_report(parts[i], &s->reporter, SIM_REPORT_QUICK);
	}
}

void sim_board_show(struct sim *s, struct sim_board *b, int64_t now)
{
	struct bmc_board *row = b->row->now;

	b->seen = sim_board_seen(&b->model, now);
	b->shown = true;
	b->row->absent = !sim_board_is_in(b);
	row->present = 1;
	row->power_pin = b->has_power ? b->model.power : BMC_UNKNOWN;
	row->usb_mode = b->is_main ? BMC_USB_UNKNOWN : (int64_t)b->seen.usb;
	row->adb_state = b->is_main ? BMC_ADB_UNKNOWN : (int64_t)b->seen.adb;
	row->os = b->seen.os;
	row->boot_time =
		b->model.boots && b->model.power ? b->model.started : BMC_UNKNOWN;
	row->boot_count = b->model.boots;
	if (!is_up(b))
		forget_os(b);
	show_link(b);
	(void)sim_row_report(b->row, &s->reporter, SIM_REPORT_QUICK);
	report_parts(s, b);
}

/* ---- readings ---- */

/* Load wanders: every few seconds another aim, most of them moderate. */
static void wander(struct sim *s, struct sim_board *b, int64_t now, int64_t dt)
{
	if (now >= b->load_until) {
		bool busy = sim_random_in(&s->random, 0, 9) == 0;

		b->load_aim = busy ? sim_random_in(&s->random, 60000, 98000)
				   : sim_random_in(&s->random, 3000, 35000);
		b->load_until = now + sim_random_in(&s->random, 10000, 40000);
	}
	b->load = (int64_t)sim_approach((double)b->load, (double)b->load_aim, dt, 3000);
}

static double watts_of(const struct sim_board *b)
{
	int64_t load = is_up(b) ? b->load : BOOT_LOAD;

	if (!b->model.power || !b->model.present)
		return 0;
	if (b->model.phase == SIM_HALTED || b->model.phase == SIM_OFF)
		return b->soc->idle_watts / 4;
	return b->soc->idle_watts + b->soc->load_watts * (double)load / 100000.0;
}

static void count(struct sim_board *b, int64_t dt)
{
	struct bmc_nic *nic = b->nic ? b->nic->now : NULL;
	int64_t bytes = BYTES_PER_S * dt / 1000 * b->load / 100000;

	if (!nic || !is_up(b))
		return;
	b->rx += bytes;
	b->tx += bytes / 3;
	nic->rx_bytes = b->rx;
	nic->tx_bytes = b->tx;
	nic->rx_packets = b->rx / 900;
	nic->tx_packets = b->tx / 300;
	nic->rx_errors = nic->tx_errors = 0;
}

void sim_board_read(struct sim *s, struct sim_board *b, int64_t now)
{
	struct bmc_board *row = b->row->now;
	int64_t dt = now - b->read_at, fast = dt * s->speed;

	b->read_at = now;
	wander(s, b, now, dt);
	b->watts = watts_of(b);
	b->soc_celsius = sim_approach(
		b->soc_celsius, sim_soc_target(s->inlet_celsius, b->watts, s->flow),
		fast, TAU_SOC_MS);
	b->ntc_celsius = sim_approach(b->ntc_celsius,
				      sim_ntc_target(s->inlet_celsius, b->soc_celsius),
				      fast, TAU_NTC_MS);
	row->power = sim_milli(b->watts, 100);
	if (is_up(b)) {
		row->soc_temperature = sim_milli(b->soc_celsius, 500);
		row->gpu_temperature = sim_milli(b->soc_celsius - 1.2, 500);
	}
	if (b->ntc)
		((struct bmc_sensor *)b->ntc->now)->value =
			sim_milli(b->ntc_celsius, 100);
	count(b, dt);
}

void sim_board_ask(struct sim *s, struct sim_board *b)
{
	struct bmc_board *row = b->row->now;
	unsigned n = (unsigned)(b - s->boards) + 1;

	(void)snprintf(row->os_version, sizeof(row->os_version), "%s",
		       b->flashed.version[0] ? b->flashed.version
					     : oses[b->model.os].version);
	(void)snprintf(row->kernel, sizeof(row->kernel), "%s",
		       oses[b->model.os].kernel);
	(void)snprintf(row->hostname, sizeof(row->hostname), "%s", b->row->id);
	(void)snprintf(row->ip, sizeof(row->ip), "10.46.%u.%u", (n >> 8) & 0xff,
		       n & 0xff);
	row->cpu_load = b->load / 1000 * 1000;
	row->memory_used = row->memory_bytes / 100 * (OS_LOW_MEM + b->load / 2000);
	row->storage_used = row->storage_bytes / 5;
	if (b->nic) {
		struct bmc_nic *nic = b->nic->now;

		memcpy(nic->ipv4, row->ip, sizeof(nic->ipv4));
		(void)snprintf(nic->ipv4_netmask, sizeof(nic->ipv4_netmask),
			       "255.255.0.0");
	}
	if (b->os) {
		struct bmc_firmware *os = b->os->now;

		(void)snprintf(os->name, sizeof(os->name), "%s of %s",
			       oses[b->model.os].name, b->row->id);
		(void)snprintf(os->version, sizeof(os->version), "%s", row->os_version);
	}
	(void)sim_row_report(b->row, &s->reporter, SIM_REPORT_ALL);
	report_parts(s, b);
}
