// SPDX-License-Identifier: Apache-2.0
/* The storage of main, the machine that the agent runs on: block devices that the root
 * helper opens. A partition "boot_b" is the entry "boot-b" of the platform file's
 * `storage`. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "absystem.h"

/* Ids of the platform file are lower-case letters, digits and "-". */
static void storage_id(const char *name, char ret[AB_NAME_MAX + 1])
{
	size_t i = 0;

	for (; name[i] && i < AB_NAME_MAX; i++) {
		char c = name[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		ret[i] = c == '_' || c == '.' ? '-' : c;
	}
	ret[i] = '\0';
}

static int open_it(struct ab_work *w, const char *name, bool write)
{
	char id[AB_NAME_MAX + 1];

	storage_id(name, id);
	w->ab->ops->heartbeat(w->call);
	return w->ab->ops->storage_open(w->ab->host, id, write, w->err);
}

static int failed(struct ab_work *w, const char *name, const char *what)
{
	return bmc_fail(w->err, bmc_from_errno(errno), "%s: %s: %s: %s", w->board->id,
			name, what, strerror(errno));
}

static bool read_all(int fd, uint64_t at, void *buf, size_t len)
{
	unsigned char *to = buf;

	while (len) {
		ssize_t n = pread(fd, to, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return false;
		to += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

static bool write_all(int fd, uint64_t at, const void *buf, size_t len)
{
	const unsigned char *from = buf;

	while (len) {
		ssize_t n = pwrite(fd, from, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		from += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

/* So that a read comes from the storage. */
static void drop(int fd)
{
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* ---- metadata ---- */

/* Bytes read; 0: there are none. */
static size_t read_file(const char *path, void *ret, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, ret, size);
	(void)close(fd);
	return n < 0 ? 0 : (size_t)n;
}

static size_t add_file(const char *path, char *ret, size_t used)
{
	size_t n = read_file(path, ret + used, AB_CMDLINE - 2 - used);

	if (n == 0)
		return used;
	used += n;
	ret[used++] = '\n';
	return used;
}

static int sector_read(struct ab_work *w, unsigned char ret[AB_SECTOR])
{
	int fd = open_it(w, "misc", false), code = BMC_OK;

	if (fd < 0)
		return fd;
	drop(fd);
	if (!read_all(fd, AB_DATA_AT, ret, AB_SECTOR))
		code = failed(w, "misc", "reading");
	(void)close(fd);
	return code;
}

static int main_look(struct ab_work *w, char ret_cmdline[AB_CMDLINE],
		     unsigned char ret_sector[AB_SECTOR])
{
	size_t used = add_file(w->ab->cmdline, ret_cmdline, 0);
	unsigned char bytes[AB_COMPATIBLE];

	ret_cmdline[add_file("/proc/bootconfig", ret_cmdline, used)] = '\0';
	ab_compatible(w, bytes, read_file(w->ab->compatible, bytes, sizeof(bytes)));
	return sector_read(w, ret_sector);
}

static int main_store(struct ab_work *w, const unsigned char sector[AB_SECTOR],
		      unsigned char ret_there[AB_SECTOR])
{
	int fd = open_it(w, "misc", true), code = BMC_OK;

	if (fd < 0)
		return fd;
	if (!write_all(fd, AB_DATA_AT, sector, AB_SECTOR) || fsync(fd) < 0)
		code = failed(w, "misc", "writing");
	(void)close(fd);
	return code < 0 ? code : sector_read(w, ret_there);
}

/* ---- partitions ---- */

static int main_room(struct ab_work *w, const char *name, uint64_t *ret)
{
	int fd = open_it(w, name, true), code = BMC_OK;
	off_t end;

	if (fd < 0)
		return fd;
	end = lseek(fd, 0, SEEK_END);
	if (end < 0)
		code = failed(w, name, "its size");
	else
		*ret = (uint64_t)end;
	(void)close(fd);
	return code;
}

/* Copies to, or compares with, what is on the storage. */
static int each_buffer(struct ab_work *w, const struct ab_range *r, int fd, bool write)
{
	unsigned char *image = malloc(2 * AB_BUF), *there;
	const char *name = r->part->name;
	uint64_t done = 0;
	int code = BMC_OK;

	if (!image)
		return bmc_fail(w->err, BMC_ENOMEM, "no memory for reads");
	there = image + AB_BUF;

	while (code == BMC_OK && done < r->len) {
		ssize_t n = ab_read(w, r, done, image, AB_BUF);

		if (n < 0)
			code = bmc_fail(w->err, (int)n, "%s: the image can't be read",
					w->board->id);
		else if (write && !write_all(fd, r->at + done, image, (size_t)n))
			code = failed(w, name, "writing");
		else if (!write && !read_all(fd, r->at + done, there, (size_t)n))
			code = failed(w, name, "reading back");
		else if (!write && memcmp(image, there, (size_t)n) != 0)
			code = bmc_fail(w->err, BMC_ECORRUPT,
					"%s: %s has other bytes than were written, "
					"from %llu on",
					w->board->id, name,
					(unsigned long long)(r->at + done));
		else
			done += (uint64_t)n;
	}
	free(image);
	return code;
}

static int main_write(struct ab_work *w, const struct ab_range *r)
{
	int fd = open_it(w, r->part->name, true), code;

	if (fd < 0)
		return fd;
	code = each_buffer(w, r, fd, true);
	if (code == BMC_OK && fsync(fd) < 0)
		code = failed(w, r->part->name, "writing");
	(void)close(fd);
	return code;
}

static int main_compare(struct ab_work *w, const struct ab_range *r)
{
	int fd = open_it(w, r->part->name, false), code;

	if (fd < 0)
		return fd;
	drop(fd);
	code = each_buffer(w, r, fd, false);
	(void)close(fd);
	return code;
}

const struct ab_medium ab_medium_main = {
	.look = main_look,
	.store = main_store,
	.room = main_room,
	.write = main_write,
	.compare = main_compare,
};
