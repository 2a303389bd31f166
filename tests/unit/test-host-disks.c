// SPDX-License-Identifier: Apache-2.0
/* Disks that come and go: bays of the platform file by their place, and SMART that is
 * the present disk's. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugin-fixture.h"

extern const struct bmc_plugin bmc_plugin_host;

static const char platform[] = "platform: test\n"
			       "chassis:\n"
			       "  - {id: enclosure}\n"
			       "blades:\n"
			       "  - {id: blade9}\n"
			       "boards:\n"
			       "  - {id: main, is_main: true}\n"
			       "disks:\n"
			       "  - {id: bay1, parent: blade9, port: ata1}\n"
			       "  - {id: bay2, parent: blade9, port: 1-1.2}\n"
			       "  - {id: other}\n";

#define ATA1  "pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0"
#define ATA12 "pci0000:00/0000:00:1f.2/ata12/host11/target11:0:0/11:0:0:0"
#define USB   "platform/fe380000.usb/usb1/1-1/1-1.2/1-1.2:1.0/host2/2:0:0:0"

static char root[64];
static struct fixture *r;

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void run(const char *format, ...)
{
	char command[1000];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

/* Plugs a disk in at a place, as the kernel shows it. */
static void plug(const char *name, const char *at, const char *serial, int sequence)
{
	run("cd %s/sys && mkdir -p block devices/%s/block/%s devices/%s/bus && "
	    "cd devices/%s/block/%s && echo 2048 > size && echo 8:0 > dev && "
	    "echo %d > diskseq && ln -sfn ../.. device && echo %s > ../../serial && "
	    "ln -sfn ../devices/%s/block/%s %s/sys/block/%s",
	    root, at, name, at, at, name, sequence, serial, at, name, root, name);
}

static void unplug(const char *name)
{
	run("rm %s/sys/block/%s", root, name);
}

static int set_up(void **state)
{
	char settings[128];

	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/host-disks.XXXXXX");
	assert_non_null(mkdtemp(root));
	run("mkdir -p %s/sys/block %s/proc", root, root);
	(void)snprintf(settings, sizeof(settings), "{root: '%s'}", root);
	r = fixture_new(&(struct fixture_conf){ &bmc_plugin_host, platform, settings });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_free(r);
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const struct bmc_disk *disk(const char *id)
{
	return (const struct bmc_disk *)fixture_row(r, BMC_DISK, id);
}

static int64_t present(const char *id)
{
	const struct bmc_disk *d = disk(id);

	return d ? d->present : BMC_UNKNOWN;
}

static void a_disk_is_in_the_bay_at_its_place(void **state)
{
	(void)state;
	plug("sdx", ATA1, "ONE", 1);
	plug("sda", USB, "TWO", 2);
	plug("sdc", ATA12, "THREE", 3); /* not ata1 */
	fixture_poll(r);
	assert_string_equal(disk("bay1")->serial, "ONE");
	assert_string_equal(disk("bay1")->device, "sdx");
	assert_string_equal(disk("bay1")->name, "");
	assert_string_equal(disk("main-sdc")->name, "sdc");
	assert_string_equal(disk("bay2")->serial, "TWO");
	assert_int_equal(disk("bay2")->protocol, BMC_PROTOCOL_USB);
	assert_string_equal(disk("main-sdc")->serial, "THREE");
	assert_null(disk("main-sda"));
	assert_null(disk("main-sdx"));
	assert_int_equal(present("other"), BMC_UNKNOWN); /* it has no place */
}

static void a_disk_that_is_pulled_leaves_an_empty_bay(void **state)
{
	(void)state;
	plug("sda", ATA1, "ONE", 1);
	plug("sdb", ATA12, "TWO", 2);
	fixture_poll(r);
	assert_int_equal(present("bay1"), 1);
	assert_int_equal(present("bay2"), 0); /* empty from the start */
	unplug("sda");
	unplug("sdb");
	fixture_poll(r);
	assert_int_equal(present("bay1"), 0);
	assert_int_equal(present("main-sdb"), 0);
	/* under another name: still the bay */
	plug("sdz", ATA1, "ONE", 3);
	fixture_poll(r);
	assert_int_equal(present("bay1"), 1);
	assert_string_equal(disk("bay1")->device, "sdz");
	assert_null(disk("main-sdz"));
}

static void smart_is_the_present_disks(void **state)
{
	static const struct bmc_smart old = { 1, 61000, 43000, 5900, "", "", "" };
	static const struct bmc_smart new = { 0, 20000, 10, 0, "", "", "" };

	(void)state;
	plug("sda", ATA1, "ONE", 1);
	fixture_poll(r);
	fixture_smart(r, &old);
	assert_int_equal(fixture_probe(r, "main", 1000), BMC_OK);
	assert_int_equal(disk("bay1")->hours, 43000);
	/* another one between two polls, which the kernel gave the same name */
	plug("sda", ATA1, "TWO", 2);
	fixture_smart(r, &new);
	fixture_poll(r);
	assert_string_equal(disk("bay1")->serial, "TWO");
	assert_int_equal(fixture_probe(r, "main", 1000), BMC_OK);
	assert_int_equal(disk("bay1")->hours, 10);
	assert_int_equal(disk("bay1")->failure_predicted, 0);
	/* and without any, nothing is said of the one that is gone */
	unplug("sda");
	fixture_poll(r);
	size_t puts = fixture_puts(r);
	assert_int_equal(fixture_probe(r, "main", 1000), BMC_OK);
	assert_int_equal(fixture_puts(r), puts);
}

static void two_disks_at_one_place_are_two_rows(void **state)
{
	(void)state;
	plug("sda", USB, "ONE", 1);
	plug("sdb", USB, "ONE", 2);
	fixture_poll(r);
	assert_string_equal(disk("bay2")->device, "sda");
	assert_string_equal(disk("main-sdb")->device, "sdb");
}

/* More than are followed: those that were there first stay. */
static void a_flood_of_disks_is_bounded(void **state)
{
	char name[16];

	(void)state;
	plug("sda", ATA1, "ONE", 1);
	for (int i = 0; i < 70; i++) {
		(void)snprintf(name, sizeof(name), "vd%d", i);
		plug(name, ATA12, "X", i);
	}
	fixture_poll(r);
	assert_int_equal(present("bay1"), 1);
	assert_true(fixture_rows(r, BMC_DISK) <= 64);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_disk_is_in_the_bay_at_its_place),
		T(a_disk_that_is_pulled_leaves_an_empty_bay),
		T(smart_is_the_present_disks),
		T(two_disks_at_one_place_are_two_rows),
		T(a_flood_of_disks_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
