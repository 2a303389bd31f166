// SPDX-License-Identifier: Apache-2.0
/* What is written to the board for its auxiliary system: a file, and the bootloader
 * message. As images they go to whatever writes the board's partitions. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netrecovery.h"

struct source {
	struct bmc_image image;
	_Atomic unsigned refs;
	int fd; /* -1: the bytes */
	unsigned char bytes[];
};

static struct source *source_of(const struct bmc_image *i)
{
	return (struct source *)(uintptr_t)i; /* its first member */
}

static ssize_t source_read(const struct bmc_image *i, uint64_t offset, void *buf,
			   size_t len)
{
	const struct source *s = source_of(i);
	size_t left = offset < i->size ? (size_t)(i->size - offset) : 0;
	ssize_t n;

	if (s->fd < 0) {
		len = len < left ? len : left;
		memcpy(buf, s->bytes + (left ? offset : 0), len);
		return (ssize_t)len;
	}
	n = pread(s->fd, buf, len < left ? len : left, (off_t)offset);
	return n < 0 ? bmc_from_errno(errno) : n;
}

static void source_ref(const struct bmc_image *i)
{
	(void)atomic_fetch_add(&source_of(i)->refs, 1);
}

static void source_unref(const struct bmc_image *i)
{
	struct source *s = source_of(i);

	if (atomic_fetch_sub(&s->refs, 1) > 1)
		return;
	if (s->fd >= 0)
		(void)close(s->fd);
	free(s);
}

static struct source *source_new(uint64_t size, size_t room)
{
	struct source *s = calloc(1, sizeof(*s) + room);

	if (!s)
		return NULL;
	s->image = (struct bmc_image){ .size = size,
				       .read = source_read,
				       .ref = source_ref,
				       .unref = source_unref };
	s->refs = 1;
	s->fd = -1;
	return s;
}

int nr_source_file(const char *path, const struct bmc_image **ret,
		   struct bmc_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct source *s = NULL;
	struct stat st;

	if (fd < 0)
		return bmc_fail(err, bmc_from_errno(errno), "%s: %s", path,
				strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		s = source_new((uint64_t)st.st_size, 0);
	if (!s) {
		(void)close(fd);
		return bmc_fail(err, BMC_EINVAL, "%s: no auxiliary system is in it",
				path);
	}
	s->fd = fd;
	*ret = &s->image;
	return BMC_OK;
}

const struct bmc_image *nr_source_bytes(const void *bytes, size_t len)
{
	struct source *s = source_new(len, len);

	if (!s)
		return NULL;
	memcpy(s->bytes, bytes, len);
	return &s->image;
}

/* Android's struct bootloader_message: char command[32], status[32], recovery[768]; the
 * first line of `recovery` is "recovery", the others are its arguments. */
bool nr_bcb(const char *url, unsigned char ret[NR_BCB])
{
	static const char command[] = "boot-recovery", head[] = "recovery\n--url=";
	size_t at = 64, len = strlen(url);

	if (len + sizeof(head) + 1 > 768)
		return false;
	memset(ret, 0, NR_BCB);
	memcpy(ret, command, sizeof(command) - 1);
	memcpy(ret + at, head, sizeof(head) - 1);
	at += sizeof(head) - 1;
	memcpy(ret + at, url, len);
	ret[at + len] = '\n';
	return true;
}
