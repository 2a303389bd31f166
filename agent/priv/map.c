// SPDX-License-Identifier: Apache-2.0
// Files of fixed size in the state folder, which belongs to the less trusted daemon:
// the pulses' memory and the simulated pins. Called by the helper only.
#include "priv/map.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/util.h"

static int open_existing(const char *path, size_t size, uid_t owner)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	    st.st_size == (off_t)size && st.st_uid == owner)
		return fd;
	(void)close(fd);
	return -1;
}

/* A folder of this name, which only an attacker makes there, must not keep the helper
 * from starting. */
static void make_room(const char *path)
{
	char aside[PATH_MAX];
	uint32_t suffix;

	if (unlink(path) == 0 || errno == ENOENT)
		return;
	bmc_random(&suffix, sizeof(suffix));
	if (snprintf(aside, sizeof(aside), "%s.not-ours-%08x", path, suffix) <
	    (int)sizeof(aside))
		(void)rename(path, aside);
}

int priv_open_fixed(const char *path, size_t size, uid_t owner, bool *ret_new,
		    struct bmc_error *err)
{
	int fd = open_existing(path, size, owner == (uid_t)-1 ? geteuid() : owner);

	*ret_new = fd < 0;
	if (fd >= 0)
		return fd;
	make_room(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return bmc_fail(err, bmc_from_errno(errno), "%s: can't be made: %s",
				path, strerror(errno));
	/* its space now: a mapped file that meets a full disk later kills the process
	 */
	int e = posix_fallocate(fd, 0, (off_t)size);
	if (e == 0 && owner != (uid_t)-1 && fchown(fd, owner, (gid_t)-1) < 0)
		e = errno;
	if (e == 0)
		return fd;
	(void)unlink(path);
	(void)close(fd);
	return bmc_fail(err, bmc_from_errno(e), "%s: %s", path, strerror(e));
}
