// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <dirent.h>
#include <fcntl.h>
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

#include "core/base/log.h"
#include "core/base/util.h"
#include "update/store.h"

/* A store of images in a folder of its own, and a firmware folder beside it. */

static char update_top[64], update_dir[80], update_folder[80];

static inline int update_make_dirs(void **state)
{
	(void)state;
	bmc_log_init(LOG_EMERG);
	(void)bmc_copy(update_top, sizeof(update_top), "/tmp/test-update.XXXXXX");
	if (!mkdtemp(update_top))
		return -1;
	(void)snprintf(update_dir, sizeof(update_dir), "%s/images", update_top);
	(void)snprintf(update_folder, sizeof(update_folder), "%s/firmware", update_top);
	return mkdir(update_folder, 0700);
}

static inline int update_remove_dirs(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", update_top);
	return system(command);
}

static inline void update_open(uint64_t bytes, unsigned images)
{
	const struct upd_store_conf conf = {
		.dir = update_dir,
		.folder = update_folder,
		.bytes = bytes,
		.images = images,
	};
	struct bmc_error err = { 0 };

	if (upd_store_init(&conf, &err) < 0)
		fail_msg("%s", err.what);
}

static inline void update_write(const char *dir, const char *name, const void *data,
				size_t len)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	assert_int_equal(close(fd), 0);
}

/* Entries of a folder whose names begin with this. */
static inline unsigned update_files(const char *dir, const char *prefix)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	unsigned n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		n += *e->d_name != '.' &&
		     strncmp(e->d_name, prefix, strlen(prefix)) == 0;
	(void)closedir(d);
	return n;
}

/* Stores `len` bytes of this value; its id, or the error. */
static inline int update_store(const char *name, int value, size_t len, char *ret_id)
{
	struct upd_incoming *in = NULL;
	struct upd_stored *s = NULL;
	struct bmc_stored_image row;
	char *data = malloc(len);
	int r = upd_incoming_new(name, len, &in, NULL);

	assert_non_null(data);
	memset(data, value, len);
	if (r == BMC_OK && (r = upd_incoming_append(in, data, len, NULL)) != BMC_OK)
		in = upd_incoming_abort(in);
	free(data);
	if (r == BMC_OK)
		r = upd_incoming_commit(in, &s, NULL);
	if (r != BMC_OK)
		return r;
	upd_stored_row(s, &row);
	if (ret_id)
		memcpy(ret_id, row.row.id, sizeof(row.row.id));
	(void)upd_stored_unref(s);
	return BMC_OK;
}
