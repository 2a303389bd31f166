// SPDX-License-Identifier: Apache-2.0
/* See sysfs-fixture.h. */
#include "sysfs-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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

#include "below-umockdev.h"

#define PATH_BYTES 512

static char top[64];
static struct {
	char name[PATH_BYTES];
	int fd;
} hanging[2];

/* umockdev's own variable: set before its library is loaded. */
bool sysfs_begin(char **argv)
{
	char folder[] = "/tmp/sysfs-fixture.XXXXXX";

	if (!getenv("SYSFS_FIXTURE")) {
		if (!mkdtemp(folder))
			abort();
		(void)setenv("SYSFS_FOLDER", folder, 1);
		(void)setenv("UMOCKDEV_DIR", folder, 1);
	}
	if (!below_umockdev(argv, "SYSFS_FIXTURE", true)) {
		(void)rmdir(folder);
		return false;
	}
	(void)snprintf(top, sizeof(top), "%s", getenv("SYSFS_FOLDER"));
	sysfs_clear();
	return true;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void full(char ret[PATH_BYTES], const char *path)
{
	assert_true(snprintf(ret, PATH_BYTES, "%s/sys/%s", top, path) < PATH_BYTES);
}

static void make_folders(char *path)
{
	for (char *p = path + strlen(top) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
}

static void remove_tree(const char *path)
{
	char name[PATH_BYTES];

	full(name, path);
	(void)nftw(name, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void sysfs_clear(void)
{
	char path[PATH_BYTES];

	remove_tree("");
	full(path, "class/hwmon/");
	make_folders(path);
	full(path, "bus/w1/devices/");
	make_folders(path);
}

void sysfs_end(void)
{
	remove_tree("");
	(void)rmdir(top);
}

void sysfs_file(const char *path, const char *text)
{
	char name[PATH_BYTES];
	FILE *f;

	full(name, path);
	make_folders(name);
	f = fopen(name, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* The end for writing is ours: opening to read succeeds (umockdev has a lock around
 * it), reading waits. */
void sysfs_hang(const char *path)
{
	char name[PATH_BYTES];

	full(name, path);
	make_folders(name);
	(void)unlink(name);
	assert_int_equal(mkfifo(name, 0644), 0);
	size_t i = hanging[0].name[0] != '\0';
	assert_true(hanging[i].name[0] == '\0');
	hanging[i].fd = open(name, O_RDWR | O_CLOEXEC);
	assert_true(hanging[i].fd >= 0);
	memcpy(hanging[i].name, name, sizeof(name));
}

void sysfs_release(const char *path)
{
	char name[PATH_BYTES];

	full(name, path);
	(void)unlink(name);
	size_t i = strcmp(hanging[0].name, name) != 0;
	assert_string_equal(hanging[i].name, name);
	hanging[i].name[0] = '\0';
	(void)close(hanging[i].fd);
}

void sysfs_hwmon(const char *device, unsigned number, const char *name)
{
	char path[PATH_BYTES], to[PATH_BYTES];

	sysfs_attribute(device, number, "name", name);
	(void)snprintf(path, sizeof(path), "%s/sys/class/hwmon/hwmon%u", top, number);
	(void)snprintf(to, sizeof(to), "../../devices/%s/hwmon/hwmon%u", device,
		       number);
	(void)unlink(path);
	assert_int_equal(symlink(to, path), 0);
}

void sysfs_attribute(const char *device, unsigned number, const char *attribute,
		     const char *text)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "devices/%s/hwmon/hwmon%u/%s", device,
		       number, attribute);
	sysfs_file(path, text);
}

void sysfs_hwmon_gone(const char *device, unsigned number)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/sys/class/hwmon/hwmon%u", top, number);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "devices/%s/hwmon/hwmon%u", device, number);
	remove_tree(path);
}

void sysfs_w1(const char *id, const char *text)
{
	char path[PATH_BYTES], to[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "devices/w1_bus_master1/%s/w1_slave", id);
	sysfs_file(path, text);
	(void)snprintf(path, sizeof(path), "%s/sys/bus/w1/devices/%s", top, id);
	(void)snprintf(to, sizeof(to), "../../../devices/w1_bus_master1/%s", id);
	(void)unlink(path);
	assert_int_equal(symlink(to, path), 0);
}
