// SPDX-License-Identifier: Apache-2.0
/* The plugin `host` over recorded trees: an ARM board, an x86 server, a hostile one,
 * and this machine. */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../plugins/host/host.h"
#include "plugin-fixture.h"

extern const struct bmc_plugin bmc_plugin_host;

static const char platform[] = "platform: test\n"
			       "chassis:\n"
			       "  - {id: enclosure}\n"
			       "boards:\n"
			       "  - {id: main, is_main: true, soc: RK3399}\n";

struct file {
	const char *path, *text; /* text NULL: a folder */
};

/* A motherboard of an R2, shortened. */
static const struct file arm[] = {
	{ "proc/cpuinfo",
	  "processor\t: 0\nBogoMIPS\t: 48.00\n\nHardware\t: Rockchip RK3399\n" },
	{ "proc/device-tree/model", "Firefly R2 mainboard" },
	{ "proc/device-tree/serial-number", "B09CCMAIN" },
	{ "proc/stat", "cpu  1000 0 1000 8000 0 0 0 0 0 0\ncpu0 1 1 1 1\n" },
	{ "proc/meminfo", "MemTotal:        4000000 kB\nMemFree: 5 kB\n"
			  "MemAvailable:    3000000 kB\n" },
	{ "proc/sys/kernel/osrelease", "4.4.194\n" },
	{ "proc/sys/kernel/hostname", "firefly\n" },
	{ "proc/self/mountinfo",
	  "21 1 179:6 / / rw,relatime shared:1 - ext4 /dev/root rw\n" },
	{ "etc/os-release", "NAME=\"Ubuntu\"\nVERSION_ID=\"18.04\"\n"
			    "PRETTY_NAME=\"Ubuntu 18.04.4 LTS\"\n" },
	{ "sys/devices/system/cpu/online", "0-5\n" },
	{ "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "1416000\n" },
	{ "sys/block/mmcblk1/size", "61071360\n" },
	{ "sys/block/mmcblk1/dev", "179:0\n" },
	{ "sys/block/mmcblk1/device/type", "MMC\n" },
	{ "sys/block/mmcblk1/device/name", "AJTD4R\n" },
	{ "sys/block/mmcblk1/device/serial", "0x12345678\n" },
	{ "sys/block/mmcblk1/device/fwrev", "0x1\n" },
	{ "sys/block/mmcblk1/mmcblk1p6/dev", "179:6\n" },
	{ "sys/block/mmcblk1boot0/size", "8192\n" },
	{ "sys/block/mmcblk1boot0/device/type", "MMC\n" },
	{ "sys/block/loop0/size", "8192\n" },
	{ "sys/block/ram0/device", NULL },
	{ "sys/block/ram0/size", "8192\n" },
	{ "sys/class/net/lo/type", "772\n" },
	{ "sys/class/net/eth0/type", "1\n" },
	{ "sys/class/net/eth0/device", NULL },
	{ "sys/class/net/eth0/address", "02:01:02:03:04:05\n" },
	{ "sys/class/net/eth0/operstate", "up\n" },
	{ "sys/class/net/eth0/flags", "0x1003\n" },
	{ "sys/class/net/eth0/speed", "1000\n" },
	{ "sys/class/net/eth0/duplex", "full\n" },
	{ "sys/class/net/eth0/mtu", "1500\n" },
	{ "sys/class/net/eth0/statistics/rx_bytes", "18446744073\n" },
	{ "sys/class/net/eth1/type", "1\n" },
	{ "sys/class/net/eth1/operstate", "unknown\n" },
	{ "sys/class/net/eth1/carrier", "0\n" },
	{ "sys/class/net/eth1/flags", "0x1002\n" },
	{ "proc/net/route",
	  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"
	  "eth1\t00000000\t0201A8C0\t0003\t0\t0\t0\t00000000\n"
	  "eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n"
	  "eth0\t0000000A\t0900A8C0\t0003\t0\t0\t0\t000000FF\n"
	  "eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\n" },
	{ "proc/net/ipv6_route",
	  "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
	  "00000000000000000000000000000000 ffffffff 1 0 00200200       lo\n"
	  "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
	  "00000000000000000000000000000000 00000100 1 0 00000001     eth0\n"
	  "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
	  "fe800000000000000000000000000001 00000400 1 0 00450003     eth0\n" },
	{ "proc/net/if_inet6",
	  "fe800000000000000000000000000005 02 40 20 80     eth0\n"
	  "20010db8000000000000000000000005 02 40 00 20     eth0\n"
	  "20010db8000000000000000000000006 02 38 00 40     eth0\n"
	  "20010db8000000000000000000000007 02 30 00 00     eth0\n"
	  "20010db8000000000000000000000008 02 30 00 08     eth0\n" },
	{ "sys/class/net/eth1/speed", "-1\n" },
	{ "sys/class/net/veth12/type", "1\n" },
	{ "sys/class/net/docker0/type", "1\n" },
	{ "sys/class/thermal/thermal_zone0/type", "soc-thermal\n" },
	{ "sys/class/thermal/thermal_zone0/temp", "48333\n" },
	{ "sys/class/thermal/thermal_zone1/type", "gpu-thermal\n" },
	{ "sys/class/thermal/thermal_zone1/temp", "46111\n" },
	{ "sys/class/thermal/cooling_device0/type", "Processor\n" },
	{ NULL, NULL },
};

static const struct file x86[] = {
	{ "proc/cpuinfo",
	  "processor\t: 0\nmodel name\t: AMD EPYC 7232P 8-Core Processor\n"
	  "cpu MHz\t\t: 3093.512\n\nprocessor\t: 1\n" },
	{ "sys/devices/system/cpu/online", "0-7,9,11-15\n" },
	{ "sys/class/dmi/id/product_name", "ProLiant MicroServer\n" },
	{ "sys/class/dmi/id/bios_version", "1.40\n" },
	{ "usr/lib/os-release", "PRETTY_NAME=Debian\n" },
	{ "sys/block/sda/size", "3907029168\n" },
	{ "sys/block/sda/dev", "8:0\n" },
	{ "sys/block/sda/device/model", "ST2000VN004-2E41\n" },
	{ "sys/block/sda/device/rev", "SC60\n" },
	{ "sys/block/sda/queue/rotational", "1\n" },
	{ "sys/block/nvme0n1/size", "1000215216\n" },
	{ "sys/block/nvme0n1/dev", "259:0\n" },
	{ "sys/block/nvme0n1/device/model", "Samsung SSD 970\n" },
	{ "sys/block/nvme0n1/device/serial", "S466NX0K\n" },
	{ "sys/block/nvme0n1/device/firmware_rev", "2B2QEXE7\n" },
	{ "sys/block/nvme0n1/queue/rotational", "0\n" },
	{ "sys/class/hwmon/hwmon0/name", "acpitz\n" },
	{ "sys/class/hwmon/hwmon0/temp1_input", "8300\n" },
	{ "sys/class/hwmon/hwmon1/name", "nvme\n" },
	{ "sys/class/hwmon/hwmon1/temp1_input", "38850\n" },
	{ "sys/class/hwmon/hwmon1/temp1_label", "Composite\n" },
	{ "sys/class/hwmon/hwmon1/temp1_max", "81850\n" },
	{ "sys/class/hwmon/hwmon1/temp1_crit", "84850\n" },
	{ "sys/class/hwmon/hwmon1/temp2_input", "300000\n" },
	{ "sys/class/hwmon/hwmon2/name", "nvme\n" },
	{ "sys/class/hwmon/hwmon2/temp1_input", "40850\n" },
	{ "sys/class/hwmon/hwmon3/name", "k10temp\n" },
	{ "sys/class/hwmon/hwmon3/temp1_input", "55250\n" },
	{ "sys/class/hwmon/hwmon3/temp1_max", "0\n" },
	{ "sys/class/thermal/thermal_zone0/type", "acpitz\n" },
	{ "sys/class/thermal/thermal_zone0/temp", "8300\n" },
	{ NULL, NULL },
};

static const struct file hostile[] = {
	{ "proc/cpuinfo", "model name : \x1b[31mred\xff\n" },
	{ "proc/stat", "cpu -1 18446744073709551615 x y z\n" },
	{ "proc/meminfo", "MemTotal: 99999999999999999999 kB\nMemAvailable:\n" },
	{ "proc/self/mountinfo", "1 1 8:0 / \n8 8 8:0\n\n\n" },
	{ "etc/os-release", "PRETTY_NAME=\"never closed\nNAME\n=\n" },
	{ "sys/devices/system/cpu/online", "5-1,99999999\n" },
	{ "sys/block/sda/size", "junk\n" },
	{ "sys/block/sda/device", NULL },
	{ "sys/block/sd!b/size", "16\n" },
	{ "sys/block/sd!b/dev", "8\n" },
	{ "sys/block/sd!b/device", NULL },
	{ "sys/class/net/Eth 0/type", "1\n" },
	{ "sys/class/net/Eth 0/address",
	  "not a MAC address at all, and much too long\n" },
	{ "sys/class/net/Eth 0/mtu", "1500x\n" },
	{ "sys/class/hwmon/hwmon0/temp1_input", NULL }, /* a folder */
	{ "sys/class/hwmon/hwmon0/temp99999_input", "1\n" },
	{ "sys/class/thermal/thermal_zone0/type", "soc\n" },
	{ "sys/class/thermal/thermal_zone0/temp", "99999999999999999999999\n" },
	{ NULL, NULL },
};

/* ---- trees ---- */

static char root[64];

static void make_parents(char *path)
{
	for (char *p = path + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		(void)mkdir(path, 0700);
	}
}

static void write_file(const char *path, const char *text)
{
	char full[256];
	int fd;

	(void)snprintf(full, sizeof(full), "%s/%s", root, path);
	make_parents(full);
	if (!text) {
		(void)mkdir(full, 0700);
		return;
	}
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static struct fixture *fixture_with(const struct file *files, const char *more)
{
	char settings[128];

	(void)snprintf(root, sizeof(root), "/tmp/host-tree.XXXXXX");
	assert_non_null(mkdtemp(root));
	for (; files->path; files++)
		write_file(files->path, files->text);
	(void)snprintf(settings, sizeof(settings), "{root: '%s'%s}", root, more);
	return fixture_new(
		&(struct fixture_conf){ &bmc_plugin_host, platform, settings });
}

static struct fixture *fixture_on(const struct file *files)
{
	return fixture_with(files, "");
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void end(struct fixture *r)
{
	fixture_free(r);
	(void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#define ROW(r, type, kind, id) ((const struct type *)fixture_row((r), (kind), (id)))

/* ---- tests ---- */

static void main_is_there_and_runs_linux(void **state)
{
	struct fixture *r = fixture_on(arm);
	const struct bmc_board *b;

	(void)state;
	fixture_poll(r);
	b = FIXTURE_BOARD(r, "main");
	assert_int_equal(b->present, 1);
	assert_int_equal(b->power_pin, 1);
	assert_int_equal(b->os, BMC_OS_LINUX);
	assert_string_equal(b->os_version, "Ubuntu 18.04.4 LTS");
	assert_string_equal(b->kernel, "4.4.194");
	assert_string_equal(b->hostname, "firefly");
	assert_string_equal(b->cpu_model, "Rockchip RK3399");
	assert_int_equal(b->cpu_cores, 6);
	assert_int_equal(b->cpu_mhz, 1416);
	assert_int_equal(b->memory_bytes, 4000000LL * 1024);
	assert_int_equal(b->memory_used, 1000000LL * 1024);
	assert_true(b->storage_bytes > b->storage_used);
	assert_string_equal(b->model, "Firefly R2 mainboard");
	assert_string_equal(b->serial, "B09CCMAIN");
	assert_string_equal(b->mac, "02:01:02:03:04:05");
	assert_int_equal(b->soc_temperature, 48333);
	assert_int_equal(b->gpu_temperature, 46111);
	end(r);
}

static void load_is_unknown_until_there_are_two_readings(void **state)
{
	struct fixture *r = fixture_on(arm);

	(void)state;
	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "main")->cpu_load, BMC_UNKNOWN);
	write_file("proc/stat", "cpu  1200 0 1050 8750 0 0 0 0 0 0\n");
	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "main")->cpu_load, 25000);
	fixture_poll(r); /* no time has passed */
	assert_int_equal(FIXTURE_BOARD(r, "main")->cpu_load, BMC_UNKNOWN);
	end(r);
}

static void only_real_disks_are_shown(void **state)
{
	struct fixture *r = fixture_on(arm);
	const struct bmc_disk *d;

	(void)state;
	fixture_poll(r);
	assert_int_equal(fixture_rows(r, BMC_DISK), 1);
	d = ROW(r, bmc_disk, BMC_DISK, "main-mmcblk1");
	assert_int_equal(d->media, BMC_MEDIA_EMMC);
	assert_int_equal(d->bytes, 61071360LL * 512);
	assert_string_equal(d->model, "AJTD4R");
	assert_string_equal(d->serial, "0x12345678");
	assert_true(d->used_bytes > 0);
	assert_int_equal(d->temperature, BMC_UNKNOWN);
	assert_string_equal(fixture_parent(r, BMC_DISK, "main-mmcblk1"), "main");
	end(r);
}

static void interfaces_have_link_speed_and_counters(void **state)
{
	struct fixture *r = fixture_on(arm);
	const struct bmc_nic *n;

	(void)state;
	fixture_poll(r);
	assert_int_equal(fixture_rows(r, BMC_NIC), 2);
	n = ROW(r, bmc_nic, BMC_NIC, "main-eth0");
	assert_int_equal(n->link, BMC_LINK_UP);
	assert_int_equal(n->speed, 1000);
	assert_int_equal(n->full_duplex, 1);
	assert_int_equal(n->enabled, 1);
	assert_string_equal(n->ipv4_gateway, ""); /* it has no address */
	assert_int_equal(n->ipv6_prefix, BMC_UNKNOWN);
	assert_int_equal(n->mtu, 1500);
	assert_int_equal(n->rx_bytes, 18446744073);
	assert_int_equal(n->tx_bytes, BMC_UNKNOWN);
	n = ROW(r, bmc_nic, BMC_NIC, "main-eth1");
	assert_int_equal(n->link, BMC_LINK_DOWN);
	assert_int_equal(n->enabled, 0);
	assert_int_equal(n->speed, BMC_UNKNOWN);
	end(r);
}

/* The kernel's tables, as a daemon would find them. */
static void ways_out_and_states_of_addresses_are_read(void **state)
{
	static const struct {
		const char *address;
		int64_t prefix;
		enum bmc_address_state is;
	} all[] = {
		{ "2001:db8::5", 64, BMC_ADDRESS_DEPRECATED },
		{ "2001:db8::6", 56, BMC_ADDRESS_TENTATIVE },
		{ "2001:db8::7", 48, BMC_ADDRESS_PREFERRED },
		{ "2001:db8::8", 48, BMC_ADDRESS_FAILED },
		{ "2001:db8::9", BMC_UNKNOWN, BMC_ADDRESS_UNKNOWN },
		{ "", BMC_UNKNOWN, BMC_ADDRESS_UNKNOWN },
	};
	struct fixture *r = fixture_on(arm);
	struct host h = { .root = root };
	struct host_gateways via;
	struct host_ipv6 is;

	(void)state;
	host_find_gateways(&h, "eth0", &via);
	assert_string_equal(via.ipv4, "192.168.0.1");
	assert_string_equal(via.ipv6, "fe80::1");
	host_find_gateways(&h, "eth1", &via);
	assert_string_equal(via.ipv4, "192.168.1.2");
	assert_string_equal(via.ipv6, "");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		host_find_ipv6(&h, "eth0", all[i].address, &is);
		assert_int_equal(is.prefix, all[i].prefix);
		assert_int_equal(is.state, all[i].is);
	}
	end(r);
}

static void software_is_firmware(void **state)
{
	struct fixture *r = fixture_on(x86);

	(void)state;
	fixture_poll(r);
	assert_string_equal(ROW(r, bmc_firmware, BMC_FIRMWARE, "main-os")->version,
			    "Debian");
	assert_string_equal(ROW(r, bmc_firmware, BMC_FIRMWARE, "main-bios")->version,
			    "1.40");
	end(r);
}

static void a_server_shows_its_processor_and_disks(void **state)
{
	struct fixture *r = fixture_on(x86);
	const struct bmc_board *b;

	(void)state;
	fixture_poll(r);
	b = FIXTURE_BOARD(r, "main");
	assert_string_equal(b->cpu_model, "AMD EPYC 7232P 8-Core Processor");
	assert_int_equal(b->cpu_cores, 14);
	assert_int_equal(b->cpu_mhz, 3093);
	assert_string_equal(b->model, "ProLiant MicroServer");
	assert_int_equal(ROW(r, bmc_disk, BMC_DISK, "main-sda")->media, BMC_MEDIA_HDD);
	assert_int_equal(ROW(r, bmc_disk, BMC_DISK, "main-sda")->used_bytes,
			 BMC_UNKNOWN);
	assert_int_equal(ROW(r, bmc_disk, BMC_DISK, "main-nvme0n1")->media,
			 BMC_MEDIA_SSD);
	assert_string_equal(ROW(r, bmc_disk, BMC_DISK, "main-nvme0n1")->firmware,
			    "2B2QEXE7");
	end(r);
}

static void thermometers_have_limits_and_names(void **state)
{
	struct fixture *r = fixture_on(x86);
	const struct bmc_sensor *s;

	(void)state;
	fixture_poll(r);
	s = ROW(r, bmc_sensor, BMC_SENSOR, "main-nvme-t1");
	assert_int_equal(s->value, 38850);
	assert_int_equal(s->high_warning, 81850);
	assert_int_equal(s->high_critical, 84850);
	assert_string_equal(s->name, "nvme Composite");
	s = ROW(r, bmc_sensor, BMC_SENSOR, "main-nvme-t1-2");
	assert_int_equal(s->value, 40850);
	s = ROW(r, bmc_sensor, BMC_SENSOR,
		"main-nvme-t2"); /* 300 degrees: not believed */
	assert_int_equal(s->value, BMC_UNKNOWN);
	assert_int_equal(
		ROW(r, bmc_sensor, BMC_SENSOR, "main-k10temp-t1")->high_warning,
		BMC_UNKNOWN);
	assert_int_equal(FIXTURE_BOARD(r, "main")->soc_temperature, 55250);
	assert_int_equal(fixture_rows(r, BMC_SENSOR), 5); /* acpitz once */
	end(r);
}

static void thermometers_need_not_be_rows(void **state)
{
	struct fixture *r = fixture_with(x86, ", sensors: false");

	(void)state;
	fixture_poll(r);
	assert_int_equal(fixture_rows(r, BMC_SENSOR), 0);
	assert_int_equal(FIXTURE_BOARD(r, "main")->soc_temperature, 55250);
	end(r);
}

static void smart_is_read_rarely_and_reported_with_each_probe(void **state)
{
	static const struct bmc_smart hot = {
		1, 61000, 43000, 5900, "ST2000VN004-2E4164", "Z52S0001", "SC60"
	};
	static const struct bmc_smart cold = { 0, 20000, 43000, 5900, "", "", "" };
	struct fixture *r = fixture_on(x86);
	const struct bmc_disk *d;

	(void)state;
	fixture_smart(r, &hot);
	fixture_poll(r);
	assert_int_equal(fixture_probe(r, "main", 1000), BMC_OK);
	d = ROW(r, bmc_disk, BMC_DISK, "main-sda");
	assert_int_equal(d->failure_predicted, 1);
	assert_int_equal(d->temperature, 61000);
	assert_int_equal(d->hours, 43000);
	assert_string_equal(d->serial, "Z52S0001");
	fixture_smart(r, &cold);
	fixture_poll(r);
	size_t puts = fixture_puts(r);
	assert_int_equal(fixture_probe(r, "main", 1000), BMC_OK);
	assert_true(fixture_puts(r) > puts);
	assert_int_equal(ROW(r, bmc_disk, BMC_DISK, "main-sda")->temperature, 61000);
	assert_string_equal(ROW(r, bmc_disk, BMC_DISK, "main-sda")->serial, "Z52S0001");
	assert_int_equal(fixture_probe(r, "sub01", 1000), BMC_ENOTSUP);
	end(r);
}

static void a_disk_without_smart_is_shown_without(void **state)
{
	struct fixture *r = fixture_on(x86);

	(void)state;
	fixture_poll(r);
	assert_int_equal(fixture_probe(r, "main", 1000), BMC_OK);
	assert_int_equal(ROW(r, bmc_disk, BMC_DISK, "main-sda")->failure_predicted,
			 BMC_UNKNOWN);
	end(r);
}

static void nonsense_in_files_is_unknown(void **state)
{
	struct fixture *r = fixture_on(hostile);
	const struct bmc_board *b;

	(void)state;
	fixture_poll(r);
	fixture_poll(r);
	b = FIXTURE_BOARD(r, "main");
	assert_string_equal(b->cpu_model, "?[31mred?");
	assert_int_equal(b->cpu_cores, BMC_UNKNOWN);
	assert_int_equal(b->memory_bytes, BMC_UNKNOWN);
	assert_int_equal(b->soc_temperature, BMC_UNKNOWN);
	assert_int_equal(b->cpu_load, BMC_UNKNOWN);
	assert_int_equal(fixture_rows(r, BMC_SENSOR), 0);
	assert_null(fixture_row(r, BMC_DISK, "main-sda"));
	assert_int_equal(ROW(r, bmc_disk, BMC_DISK, "main-sd-b")->bytes, 16 * 512);
	assert_int_equal(ROW(r, bmc_nic, BMC_NIC, "main-eth-0")->mtu, BMC_UNKNOWN);
	end(r);
}

static void a_pipe_in_the_tree_does_not_block(void **state)
{
	struct fixture *r = fixture_on(x86);
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/proc/meminfo", root);
	assert_int_equal(mkfifo(path, 0600), 0);
	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "main")->memory_bytes, BMC_UNKNOWN);
	end(r);
}

static void an_endless_file_is_read_up_to_a_bound(void **state)
{
	struct fixture *r = fixture_on(x86);
	char path[128];

	(void)state;
	write_file("proc/meminfo", "");
	(void)snprintf(path, sizeof(path), "%s/proc/meminfo", root);
	assert_int_equal(truncate(path, 1LL << 40), 0);
	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "main")->memory_bytes, BMC_UNKNOWN);
	end(r);
}

static void an_empty_tree_leaves_main_present(void **state)
{
	static const struct file none[] = { { NULL, NULL } };
	struct fixture *r = fixture_on(none);

	(void)state;
	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "main")->present, 1);
	assert_string_equal(FIXTURE_BOARD(r, "main")->os_version, "");
	end(r);
}

static void without_main_its_parts_are_shown_alone(void **state)
{
	struct fixture *r = fixture_new(&(struct fixture_conf){
		&bmc_plugin_host, "platform: test\nchassis:\n  - {id: enclosure}\n",
		NULL });

	(void)state;
	fixture_poll(r);
	assert_int_equal(fixture_rows(r, BMC_BOARD), 0);
	fixture_free(r);
}

static void this_machine_has_memory_cores_and_a_kernel(void **state)
{
	struct fixture *r =
		fixture_new(&(struct fixture_conf){ &bmc_plugin_host, platform, NULL });
	const struct bmc_board *b;

	(void)state;
	fixture_poll(r);
	assert_int_equal(fixture_probe(r, "main", 1000), BMC_OK);
	b = FIXTURE_BOARD(r, "main");
	assert_true(b->memory_bytes > 0 && b->memory_used > 0);
	assert_true(b->cpu_cores > 0);
	assert_true(b->kernel[0] != '\0');
	fixture_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(main_is_there_and_runs_linux),
		cmocka_unit_test(load_is_unknown_until_there_are_two_readings),
		cmocka_unit_test(only_real_disks_are_shown),
		cmocka_unit_test(interfaces_have_link_speed_and_counters),
		cmocka_unit_test(ways_out_and_states_of_addresses_are_read),
		cmocka_unit_test(software_is_firmware),
		cmocka_unit_test(a_server_shows_its_processor_and_disks),
		cmocka_unit_test(thermometers_have_limits_and_names),
		cmocka_unit_test(thermometers_need_not_be_rows),
		cmocka_unit_test(smart_is_read_rarely_and_reported_with_each_probe),
		cmocka_unit_test(a_disk_without_smart_is_shown_without),
		cmocka_unit_test(nonsense_in_files_is_unknown),
		cmocka_unit_test(a_pipe_in_the_tree_does_not_block),
		cmocka_unit_test(an_endless_file_is_read_up_to_a_bound),
		cmocka_unit_test(an_empty_tree_leaves_main_present),
		cmocka_unit_test(without_main_its_parts_are_shown_alone),
		cmocka_unit_test(this_machine_has_memory_cores_and_a_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
