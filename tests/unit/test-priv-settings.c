// SPDX-License-Identifier: Apache-2.0
// Which files the root helper believes: none that the daemon's user could change or put
// something else in the place of.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "priv/map.h"
#include "priv/settings.h"

#define DAEMON 65534 /* any user that is not root */

static char dir[] = "/tmp/priv-settings.XXXXXX", folder[64], file[64], link_to[64];

static int setup(void **state)
{
	(void)state;
	(void)strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(folder, sizeof(folder), "%s/folder", dir);
	(void)snprintf(file, sizeof(file), "%s/folder/file", dir);
	(void)snprintf(link_to, sizeof(link_to), "%s/link", dir);
	assert_int_equal(mkdir(folder, 0755), 0);
	FILE *f = fopen(file, "we");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(file, 0644), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(link_to);
	(void)unlink(file);
	(void)rmdir(folder);
	return rmdir(dir);
}

static int guarded(const char *path)
{
	static struct priv_settings s;

	s.uid = s.gid = DAEMON;
	return priv_settings_guarded(&s, path, NULL);
}

static void file_and_folders_of_root_are_believed(void **state)
{
	(void)state;
	assert_int_equal(guarded(file), 0);
	assert_int_equal(guarded("/tmp/no-such-file-here"), BMC_ENOTFOUND);
}

static void file_the_daemon_may_write_is_refused(void **state)
{
	(void)state;
	assert_int_equal(chmod(file, 0666), 0);
	assert_int_equal(guarded(file), BMC_EPERM);
	assert_int_equal(chmod(file, 0660), 0);
	assert_int_equal(guarded(file), 0);
	assert_int_equal(chown(file, 0, DAEMON), 0);
	assert_int_equal(guarded(file), BMC_EPERM);
}

static void file_in_a_folder_of_the_daemon_is_refused(void **state)
{
	(void)state;
	assert_int_equal(chown(folder, DAEMON, 0), 0);
	assert_int_equal(guarded(file), BMC_EPERM);
}

static void sticky_folder_shared_with_the_daemon_is_believed(void **state)
{
	(void)state;
	assert_int_equal(chown(folder, 0, DAEMON), 0);
	assert_int_equal(chmod(folder, 0770), 0);
	assert_int_equal(guarded(file), BMC_EPERM);
	assert_int_equal(chmod(folder, 01770), 0);
	assert_int_equal(guarded(file), 0);
}

static void link_in_a_folder_of_the_daemon_is_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink("/etc/passwd", link_to), 0);
	assert_int_equal(guarded(link_to), 0);
	assert_int_equal(chown(dir, DAEMON, 0), 0);
	assert_int_equal(guarded(link_to), BMC_EPERM);
}

static void file_of_the_daemon_in_place_of_the_helpers_is_made_anew(void **state)
{
	bool is_new = false;

	(void)state;
	assert_int_equal(truncate(file, 16), 0);
	assert_int_equal(chown(file, DAEMON, DAEMON), 0);
	auto_fd int theirs = priv_open_fixed(file, 16, DAEMON, &is_new, NULL);
	assert_true(theirs >= 0 && !is_new);
	auto_fd int fd = priv_open_fixed(file, 16, (uid_t)-1, &is_new, NULL);
	assert_true(fd >= 0 && is_new);
}

static void folder_in_place_of_the_helpers_file_is_put_aside(void **state)
{
	char inside[80], path[64], command[160];
	bool is_new = false;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/helper.key", dir);
	(void)snprintf(inside, sizeof(inside), "%s/full", path);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(mkdir(inside, 0755), 0);
	auto_fd int fd = priv_open_fixed(path, 16, (uid_t)-1, &is_new, NULL);
	assert_true(fd >= 0 && is_new);
	(void)snprintf(command, sizeof(command), "ls -d %s.not-ours-*/full >/dev/null",
		       path);
	assert_int_equal(system(command), 0);
	(void)snprintf(command, sizeof(command), "rm -r %s*", path);
	assert_int_equal(system(command), 0);
}

#define S(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		S(file_and_folders_of_root_are_believed),
		S(file_the_daemon_may_write_is_refused),
		S(file_in_a_folder_of_the_daemon_is_refused),
		S(sticky_folder_shared_with_the_daemon_is_believed),
		S(link_in_a_folder_of_the_daemon_is_refused),
		S(file_of_the_daemon_in_place_of_the_helpers_is_made_anew),
		S(folder_in_place_of_the_helpers_file_is_put_aside),
	};

	if (geteuid() != 0) {
		(void)puts("1..0 # SKIP only root has files to guard");
		return 0;
	}
	return cmocka_run_group_tests_name("priv-settings", tests, NULL, NULL);
}
