// SPDX-License-Identifier: Apache-2.0
// smartctl, run by the helper for the daemon: the real one on a loop device, and others
// in its place, which are odd, endless or hang.
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "core/ports/hardware.h"
#include "priv-fixture.h"
#include "priv/client.h"
#include "priv/smartctl.h"

static struct priv_fixture fixture;
static unsigned disk_major, disk_minor;
static char dir[] = "/tmp/clusterbmc-smartctl-XXXXXX";

static void start(int64_t deadline_ms)
{
	struct priv_client_conf conf;

	memset(&fixture, 0, sizeof(fixture));
	priv_fixture_init(&fixture);
	fixture.settings.deadline_ms = deadline_ms;
	fixture.confined = true;
	priv_fixture_start(&fixture);
	conf = (struct priv_client_conf){ .digest = fixture.settings.platform->digest,
					  .fd = fixture.fd };
	fixture.fd = -1;
	assert_int_equal(priv_client_init(&conf, NULL), 0);
}

static int setup(void **state)
{
	(void)state;
	start(60000);
	return 0;
}

static int setup_hasty(void **state)
{
	(void)state;
	start(300);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (umount2(PRIV_SMARTCTL, MNT_DETACH) == 0)
		;
	priv_client_done();
	priv_fixture_stop(&fixture);
	priv_fixture_done(&fixture);
	return 0;
}

/* The script takes smartctl's place, in this mount namespace. */
static void replace(const char *script)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/fake", dir);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fprintf(f, "#!/bin/sh\n%s\n", script) > 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(mount(path, PRIV_SMARTCTL, NULL, MS_BIND, NULL), 0);
}

static int smart(struct bmc_smart *ret, struct bmc_error *err)
{
	return bmc_hardware->smart(disk_major, disk_minor, ret, bmc_now() + 60000, err);
}

static void the_real_one_says_why_a_loop_device_has_none(void **state)
{
	struct bmc_error err;
	struct bmc_smart s;

	(void)state;
	assert_int_equal(smart(&s, &err), BMC_EIO);
	assert_non_null(strstr(err.what, "Unable to detect device type"));
}

static void its_words_reach_the_daemon_and_its_arguments_are_fixed(void **state)
{
	struct bmc_smart s;

	(void)state;
	replace("echo \"{\\\"smartctl\\\":{\\\"exit_status\\\":0},"
		"\\\"model_name\\\":\\\"$*\\\",\\\"temperature\\\":"
		"{\\\"current\\\":31}}\"; exit 64");
	assert_int_equal(smart(&s, NULL), 0);
	assert_string_equal(s.model, "--json=c --info --health --attributes /dev/loop");
	assert_int_equal(s.temperature, 31000);
	assert_int_equal(s.hours, BMC_UNKNOWN);
}

static void endless_output_is_cut_and_its_writer_ended(void **state)
{
	struct bmc_error err;
	struct bmc_smart s;

	(void)state;
	replace("exec yes '{'");
	assert_int_equal(smart(&s, &err), BMC_ERANGE);
	replace("head -c 262143 /dev/zero");
	assert_int_equal(smart(&s, &err), BMC_ECORRUPT);
	replace("head -c 262144 /dev/zero");
	assert_int_equal(smart(&s, &err), BMC_ERANGE);
	replace("exit 0");
	assert_int_equal(smart(&s, &err), BMC_ECORRUPT);
}

/* Whether the process whose number the script left is there. */
static bool lives(void)
{
	char path[64];
	int pid = 0;

	(void)snprintf(path, sizeof(path), "%s/pid", dir);
	FILE *f = fopen(path, "re");
	bool ok = f && fscanf(f, "%d", &pid) == 1;
	if (f)
		(void)fclose(f);
	assert_true(ok);
	return kill(pid, 0) == 0;
}

static void one_that_hangs_is_killed_at_the_deadline(void **state)
{
	char script[128];
	struct bmc_error err;
	struct bmc_smart s;
	int64_t until = bmc_now() + 30000;

	(void)state;
	(void)snprintf(script, sizeof(script), "echo $$ > %s/pid; exec sleep 600", dir);
	replace(script);
	assert_int_equal(smart(&s, &err), BMC_ETIMEDOUT);
	while (lives() && bmc_now() < until)
		(void)usleep(10000);
	assert_false(lives());
}

static void a_disk_that_is_none_is_refused(void **state)
{
	struct bmc_smart s;

	(void)state;
	assert_int_equal(
		bmc_hardware->smart(4095, 1048575, &s, bmc_now() + 60000, NULL),
		BMC_ENOTFOUND);
}

/* A loop device, which nothing is on. */
static bool find_loop(void)
{
	struct stat st;

	if (stat("/dev/loop0", &st) < 0 || !S_ISBLK(st.st_mode) ||
	    access("/sys/block/loop0", F_OK) < 0)
		return false;
	disk_major = major(st.st_rdev);
	disk_minor = minor(st.st_rdev);
	return true;
}

static const char *own_system(void)
{
	if (geteuid() != 0)
		return "not root";
	if (access(PRIV_SMARTCTL, X_OK) < 0)
		return "smartctl is missing: apt install smartmontools";
	if (!find_loop())
		return "no loop device here";
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "no mount namespaces here";
	return mkdtemp(dir) ? NULL : "mkdtemp failed";
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_real_one_says_why_a_loop_device_has_none),
		T(its_words_reach_the_daemon_and_its_arguments_are_fixed),
		T(endless_output_is_cut_and_its_writer_ended),
		cmocka_unit_test_setup_teardown(
			one_that_hangs_is_killed_at_the_deadline, setup_hasty,
			teardown),
		T(a_disk_that_is_none_is_refused),
	};
	const char *why = own_system();
	char command[64];
	int r = 0;

	if (why)
		(void)printf("1..0 # SKIP %s\n", why);
	else
		r = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (!why && system(command) != 0)
		r = 1;
	return r;
}
