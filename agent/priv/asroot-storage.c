// SPDX-License-Identifier: Apache-2.0
// Opens a block device that the platform file names, for the daemon. Runs in a worker:
// an open can wait for a disk.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/util.h"
#include "priv/helper.h"

/* Where the name leads now: names below /dev/disk are links. */
static int resolve(const struct bmc_storage *d, char path[PATH_MAX],
		   struct bmc_error *err)
{
	if (!realpath(d->device, path))
		return bmc_fail(err, bmc_from_errno(errno), "storage %s: %s: %s", d->id,
				d->device, strerror(errno));
	if (strncmp(path, "/dev/", 5) != 0)
		return bmc_fail(err, BMC_EPERM, "storage %s: %.80s is not below /dev",
				d->id, path);
	return 0;
}

/* O_EXCL without O_CREAT: the kernel refuses a device that is mounted or held by swap,
 * RAID or device mapper, and lets nothing take it while it is open (open(2)). */
static int open_device(const struct bmc_storage *d, const char *path, bool write,
		       struct bmc_error *err)
{
	struct stat st;
	int how = write ? O_RDWR | O_EXCL : O_RDONLY;

	/* what is no block device may not be opened at all: a tape would rewind */
	if (stat(path, &st) < 0 || !S_ISBLK(st.st_mode))
		return bmc_fail(err, BMC_EINVAL, "storage %s: %s is no block device",
				d->id, d->device);
	int fd = open(path, how | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == EBUSY)
		return bmc_fail(err, BMC_EBUSY,
				"storage %s: %s is mounted or otherwise in use", d->id,
				d->device);
	if (fd < 0)
		return bmc_fail(err, bmc_from_errno(errno), "storage %s: %s: %s", d->id,
				d->device, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISBLK(st.st_mode))
		return fd;
	(void)close(fd);
	return bmc_fail(err, BMC_EINVAL, "storage %s: %s is no block device", d->id,
			d->device);
}

int asroot_storage_open(struct priv_helper *h, const struct priv_request *rq,
			struct priv_reply *rp)
{
	const struct bmc_platform *p = h->settings->platform;
	const struct priv_storage *want = &rq->u.storage;
	char path[PATH_MAX];
	int r = priv_need_platform(h, &rp->err);

	if (r < 0)
		return r;
	if (want->storage >= p->n_storage)
		return bmc_fail(&rp->err, BMC_ENOTFOUND,
				"storage %u: not in the platform file", want->storage);
	const struct bmc_storage *d = &p->storage[want->storage];
	if (want->write > 1)
		return bmc_fail(&rp->err, BMC_EINVAL,
				"storage is opened for writing (1) or not (0)");
	if (want->write && !d->writable)
		return bmc_fail(&rp->err, BMC_EPERM,
				"storage %s: not writable in the platform file", d->id);
	r = resolve(d, path, &rp->err);
	if (r == 0)
		r = open_device(d, path, want->write, &rp->err);
	if (r < 0)
		return r;
	h->pass = r;
	return 0;
}
