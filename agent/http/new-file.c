// SPDX-License-Identifier: Apache-2.0
// See new-file.h. Called by certificate.c and identity.c.
#include "http/new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/util.h"

#define FILE_MAX 65536

static int failed(struct bmc_error *err, const char *path)
{
	int e = errno ? errno : ENOSPC; /* a short write has none */

	return bmc_fail(err, bmc_from_errno(e), "https: %s: %s", path, strerror(e));
}

int http_new_file_write(struct http_new_file *f, const char *path,
			const gnutls_datum_t *contents, mode_t mode,
			struct bmc_error *err)
{
	f->path = path;
	(void)snprintf(f->temp, sizeof(f->temp), "%s.new", path);
	(void)unlink(f->temp);
	errno = 0;
	auto_fd int fd = open(f->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0 ||
	    write(fd, contents->data, contents->size) != (ssize_t)contents->size ||
	    fsync(fd) != 0)
		return failed(err, f->temp);
	return 0;
}

/* A rename lasts once its folder is synced. */
static int sync_folder(const char *path)
{
	char folder[512];

	(void)bmc_copy(folder, sizeof(folder), path);
	char *slash = strrchr(folder, '/');
	if (slash)
		*slash = 0;
	auto_fd int fd =
		open(folder[0] ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -1 : fsync(fd);
}

int http_new_file_rename(const struct http_new_file *f, struct bmc_error *err)
{
	if (rename(f->temp, f->path) != 0 || sync_folder(f->path) != 0)
		return failed(err, f->path);
	return 0;
}

void http_new_file_drop(const struct http_new_file *f)
{
	if (f->temp[0])
		(void)unlink(f->temp);
}

int http_file_read(const char *path, char **ret, struct bmc_error *err)
{
	/* who can write the folder could put a pipe there, which has no writer */
	auto_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return bmc_fail(err, bmc_from_errno(errno), "https: %s: %s", path,
				strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return bmc_fail(err, BMC_EIO, "https: %s is no regular file", path);
	if (st.st_size <= 0 || st.st_size > FILE_MAX)
		return bmc_fail(err, BMC_EINVAL,
				"https: %s is no PEM file of at most 64 KiB", path);
	*ret = calloc(1, (size_t)st.st_size + 1);
	if (!*ret)
		return BMC_ENOMEM;
	if (read(fd, *ret, (size_t)st.st_size) != st.st_size)
		return bmc_fail(err, BMC_EIO, "https: %s: %s", path, strerror(errno));
	return 0;
}
