// SPDX-License-Identifier: Apache-2.0
// The helper's NTP operation: what is refused, what timesyncd is given, what is undone.
// In a mount namespace with an /etc, a systemctl and a timedatectl of its own.
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "priv-fixture.h"
#include "priv/client.h"
#include "priv/helper.h"

#define FOLDER "/etc/systemd/timesyncd.conf.d"
#define FILE_  FOLDER "/zz-clusterbmc.conf"
#define LOG    "/etc/log"
#define HEAD   "# Written by clusterbmc-priv.\n[Time]\nNTP=\n"
#define AGAIN                               \
	"systemctl reset-failed " UNIT "\n" \
	"systemctl try-restart " UNIT "\n"
#define UNIT "systemd-timesyncd.service"

static char dir[] = "/tmp/priv-ntp.XXXXXX";

static int setup_allowed(void **state, bool allowed)
{
	struct priv_fixture *fixture = calloc(1, sizeof(*fixture));
	struct priv_client_conf conf = { 0 };

	assert_int_equal(system("rm -rf " FOLDER " /etc/log /etc/fail-*"), 0);
	priv_fixture_init(fixture);
	fixture->settings.system_allowed = allowed;
	fixture->confined = true;
	priv_fixture_start(fixture);
	conf.fd = fixture->fd;
	fixture->fd = -1;
	assert_int_equal(priv_client_init(&conf, NULL), 0);
	*state = fixture;
	return 0;
}

static int setup(void **state)
{
	return setup_allowed(state, true);
}

static int setup_denied(void **state)
{
	return setup_allowed(state, false);
}

static int teardown(void **state)
{
	priv_client_done();
	priv_fixture_done(*state);
	free(*state);
	return 0;
}

static int set(const char *servers, int enabled)
{
	return bmc_hardware->ntp_set(servers, enabled, bmc_now() + 60000, NULL);
}

static const char *text_of(const char *path)
{
	static char text[4096];
	FILE *f = fopen(path, "re");

	text[0] = '\0';
	if (f) {
		text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
		(void)fclose(f);
	}
	return text;
}

static void have_fail(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	(void)close(fd);
}

static void nothing_is_done_unless_the_configuration_allows_it(void **state)
{
	(void)state;
	assert_int_equal(set("a.example", 1), BMC_EPERM);
	assert_int_equal(access(FOLDER, F_OK), -1);
	assert_string_equal(text_of(LOG), "");
}

static void timesyncd_is_given_servers_and_switched(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(set("a.example 10.0.0.1", -1), 0);
	assert_string_equal(text_of(FILE_), HEAD "NTP=a.example 10.0.0.1\n");
	assert_string_equal(text_of(LOG), AGAIN);
	/* timesyncd is not root */
	assert_int_equal(stat(FOLDER, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	assert_int_equal(stat(FILE_, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(set(NULL, 0), 0);
	assert_string_equal(text_of(LOG), AGAIN "timedatectl set-ntp false\n");
	assert_string_equal(text_of(FILE_), HEAD "NTP=a.example 10.0.0.1\n");
	assert_int_equal(set("", 1), 0);
	assert_string_equal(text_of(FILE_), HEAD);
	assert_string_equal(text_of(LOG), AGAIN "timedatectl set-ntp false\n" AGAIN
						"timedatectl set-ntp true\n");
	assert_int_equal(access(FILE_ ".old", F_OK), -1);
	assert_int_equal(access(FILE_ ".new", F_OK), -1);
}

static void what_systemd_does_not_take_is_undone(void **state)
{
	static const char *const fails[] = { "/etc/fail-systemctl",
					     "/etc/fail-timedatectl" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fails); i++) {
		(void)unlink(FILE_);
		have_fail(fails[i]);
		assert_int_equal(set("a.example", 1), BMC_EIO);
		assert_int_equal(access(FILE_, F_OK), -1);
		(void)unlink(fails[i]);
		assert_int_equal(set("b.example", -1), 0);
		have_fail(fails[i]);
		assert_int_equal(set("c.example", 0), BMC_EIO);
		assert_string_equal(text_of(FILE_), HEAD "NTP=b.example\n");
		assert_int_equal(access(FILE_ ".old", F_OK), -1);
		(void)unlink(fails[i]);
	}
	assert_null(strstr(text_of(LOG), "set-ntp"));
}

static void lists_that_are_none_are_refused(void **state)
{
	static const char *const lists[] = {
		" ",     "a ",      "a  b", "a\nNTP=b",         "a/b", "-a", "a;b",
		"1.2.3", "$(halt)", "a%b",  "a b c d e f g h i"
	};
	char name[BMC_NTP_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		assert_int_equal(set(lists[i], 1), BMC_EINVAL);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(set(name, -1), BMC_EINVAL);
	assert_int_equal(set("a", 2), BMC_EINVAL);
	assert_int_equal(set("a", -2), BMC_EINVAL);
	assert_int_equal(access(FOLDER, F_OK), -1);
	assert_string_equal(text_of(LOG), "");
}

static void nothing_is_done_without_timesyncd(void **state)
{
	char path[128], away[130];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/usr/lib/systemd/system/" UNIT, dir);
	(void)snprintf(away, sizeof(away), "%s.x", path);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(set("a.example", 1), BMC_ENOTSUP);
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(access(FOLDER, F_OK), -1);
	assert_string_equal(text_of(LOG), "");
}

static const char *own_system(void)
{
	char command[1200];

	if (geteuid() != 0)
		return "not root";
	if (access("/usr/bin/timedatectl", X_OK) < 0)
		return "timedatectl is missing: apt install systemd";
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "no mount namespaces here";
	if (!mkdtemp(dir))
		return "mkdtemp failed";
	(void)snprintf(
		command, sizeof(command),
		"cd %s && mkdir -p etc/systemd run/systemd/system "
		"usr/lib/systemd/system && "
		"touch usr/lib/systemd/system/" UNIT " && "
		"cp /etc/passwd /etc/group etc/ && for i in systemctl timedatectl; do "
		"printf '%%s\\n' '#!/bin/sh' \"test -e /etc/fail-$i && exit 1\" "
		"\"echo $i \\\"\\$*\\\" >> " LOG "\" > $i && chmod 755 $i && "
		"mount --bind $i /usr/bin/$i || exit 1; done && mount --bind etc /etc",
		dir);
	return system(command) == 0 ? NULL : "/etc can't be replaced";
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nothing_is_done_unless_the_configuration_allows_it,
			setup_denied, teardown),
		T(timesyncd_is_given_servers_and_switched),
		T(what_systemd_does_not_take_is_undone),
		T(lists_that_are_none_are_refused),
		T(nothing_is_done_without_timesyncd),
	};
	const char *why = own_system();
	char command[64];
	int r = 0;

	bmc_ntp_below(dir);
	if (why)
		(void)printf("1..0 # SKIP %s\n", why);
	else
		r = cmocka_run_group_tests(tests, NULL, NULL);
	(void)umount2("/etc", MNT_DETACH);
	(void)umount2("/usr/bin/systemctl", MNT_DETACH);
	(void)umount2("/usr/bin/timedatectl", MNT_DETACH);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? r : 1;
}
