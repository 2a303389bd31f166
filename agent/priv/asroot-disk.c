// SPDX-License-Identifier: Apache-2.0
// SMART of a whole disk, named by its device number: the helper finds its name in /sys
// itself. smartctl reads it, where it is installed: it knows USB bridges and odd
// drives. Else the disk is opened here. Only commands that read are sent (ATA through
// SG_IO, NVMe admin).
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/base/util.h"
#include "priv/helper.h"
#include "priv/run.h"
#include "priv/smart.h"
#include "priv/smartctl.h"

#define COMMAND_MS 5000

struct ata_command {
	uint8_t command, features;
	bool reads; /* one sector */
};

/* ATA PASS-THROUGH (16), SAT-4: PIO data-in of one sector, or non-data with the
 * registers asked back (CK_COND). SMART's signature 4Fh C2h stands in the LBA. */
static int ata(int fd, const struct ata_command *c, uint8_t *data, uint8_t *sense,
	       size_t sense_size)
{
	uint8_t cdb[16] = { 0x85 };
	struct sg_io_hdr io = {
		.interface_id = 'S',
		.dxfer_direction = c->reads ? SG_DXFER_FROM_DEV : SG_DXFER_NONE,
		.cmd_len = sizeof(cdb),
		.cmdp = cdb,
		.dxfer_len = c->reads ? SMART_SECTOR : 0,
		.dxferp = c->reads ? data : NULL,
		.mx_sb_len = (unsigned char)sense_size,
		.sbp = sense,
		.timeout = COMMAND_MS,
	};

	cdb[1] = c->reads ? 4 << 1 : 3 << 1;
	cdb[2] = c->reads ? 0x0e : 0x20;
	cdb[4] = c->features;
	cdb[6] = 1;
	cdb[10] = 0x4f;
	cdb[12] = 0xc2;
	cdb[14] = c->command;
	memset(sense, 0, sense_size);
	if (ioctl(fd, SG_IO, &io) < 0)
		return -1;
	if (c->reads && (io.status != 0 || io.host_status != 0)) {
		errno = EIO;
		return -1;
	}
	return 0;
}

static int read_ata(int fd, struct bmc_smart *s, struct bmc_error *err)
{
	static const struct ata_command identify = { .command = 0xec, .reads = true };
	static const struct ata_command attributes = { .command = 0xb0,
						       .features = 0xd0,
						       .reads = true };
	static const struct ata_command status = { .command = 0xb0, .features = 0xda };
	uint8_t data[SMART_SECTOR] = { 0 }, sense[32];

	if (ata(fd, &identify, data, sense, sizeof(sense)) < 0)
		return bmc_fail(err, BMC_ENOTSUP, "the disk takes no ATA commands: %s",
				strerror(errno));
	int r = smart_identify(data, s, err);
	if (r < 0)
		return r;
	if (ata(fd, &attributes, data, sense, sizeof(sense)) < 0)
		return bmc_fail(err, BMC_EIO, "SMART data can't be read: %s",
				strerror(errno));
	r = smart_attributes(data, s, err);
	if (r == 0 && ata(fd, &status, NULL, sense, sizeof(sense)) == 0)
		(void)smart_status(sense, sizeof(sense), s, NULL);
	return r;
}

static int nvme(int fd, uint8_t opcode, uint32_t nsid, uint32_t cdw10, void *data,
		uint32_t len)
{
	struct nvme_admin_cmd c = { .opcode = opcode,
				    .nsid = nsid,
				    .cdw10 = cdw10,
				    .data_len = len,
				    .addr = (uint64_t)(uintptr_t)data,
				    .timeout_ms = COMMAND_MS };

	return ioctl(fd, NVME_IOCTL_ADMIN_CMD, &c);
}

static int read_nvme(int fd, struct bmc_smart *s, struct bmc_error *err)
{
	static _Alignas(4096) uint8_t data[SMART_NVME_IDENTIFY];

	if (nvme(fd, 0x06, 0, 1, data, sizeof(data)) != 0)
		return bmc_fail(err, BMC_EIO, "the disk does not identify itself: %s",
				strerror(errno));
	smart_nvme_identify(data, s);
	/* log 02h of the controller, 128 dwords (counted from 0) */
	if (nvme(fd, 0x02, 0xffffffff, 127u << 16 | 0x02, data, SMART_SECTOR) != 0)
		return bmc_fail(err, BMC_EIO, "the disk's health log can't be read: %s",
				strerror(errno));
	smart_nvme_health(data, s);
	return 0;
}

/* The kernel's name of a whole disk. */
static int find_disk(const struct priv_disk *d, char *ret_name, size_t size,
		     struct bmc_error *err)
{
	char path[64], target[512], partition[80];
	const char *name;

	(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", d->dev_major,
		       d->dev_minor);
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return bmc_fail(err, BMC_ENOTFOUND, "block device %u:%u: not there",
				d->dev_major, d->dev_minor);
	target[n] = '\0';
	(void)snprintf(partition, sizeof(partition), "%s/partition", path);
	if (access(partition, F_OK) == 0)
		return bmc_fail(err, BMC_EINVAL,
				"block device %u:%u: a partition, not a disk",
				d->dev_major, d->dev_minor);
	name = strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
	if (!bmc_copy(ret_name, size, name) || name[0] == '\0' || name[0] == '.')
		return bmc_fail(err, BMC_ENOTSUP,
				"block device %u:%u: its name is too long",
				d->dev_major, d->dev_minor);
	return 0;
}

/* A file without a name that can't be changed any more. */
static int pass_text(const char *text, size_t len, struct bmc_error *err)
{
	int fd = memfd_create("smartctl", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && write(fd, text, len) == (ssize_t)len &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) == 0)
		return fd;
	int code = bmc_from_errno(errno);
	if (fd >= 0)
		(void)close(fd);
	return bmc_fail(err, code, "smartctl's output can't be passed on");
}

/* Its arguments are fixed; what it writes is not looked at here. */
static int run_smartctl(const char *path, struct bmc_error *err)
{
	const char *const argv[] = { PRIV_SMARTCTL,  "--json=c", "--info", "--health",
				     "--attributes", path,       NULL };
	static char text[PRIV_SMARTCTL_OUTPUT];
	size_t len;
	int r = priv_run_output(argv, text, sizeof(text), &len, err);

	return r < 0 ? r : pass_text(text, len, err);
}

int asroot_smartctl(struct priv_helper *h, const struct priv_request *rq,
		    struct priv_reply *rp)
{
	const struct priv_disk *d = &rq->u.disk;
	struct stat st;
	char name[40], path[48];
	int r = find_disk(d, name, sizeof(name), &rp->err);

	if (r < 0)
		return r;
	if (access(PRIV_SMARTCTL, X_OK) < 0)
		return bmc_fail(&rp->err, BMC_ENOTSUP, PRIV_SMARTCTL " is not there");
	(void)snprintf(path, sizeof(path), "/dev/%s", name);
	if (lstat(path, &st) < 0 || !S_ISBLK(st.st_mode) ||
	    st.st_rdev != makedev(d->dev_major, d->dev_minor))
		return bmc_fail(&rp->err, BMC_ENOTFOUND,
				"%s: not there, or another device", path);
	r = run_smartctl(path, &rp->err);
	if (r < 0)
		return r;
	h->pass = r;
	return 0;
}

int asroot_smart(struct priv_helper *h, const struct priv_request *rq,
		 struct priv_reply *rp)
{
	const struct priv_disk *d = &rq->u.disk;
	struct stat st;
	char name[40], path[48];
	int r = find_disk(d, name, sizeof(name), &rp->err);

	(void)h;
	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "/dev/%s", name);
	auto_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return bmc_fail(&rp->err, bmc_from_errno(errno), "%s: %s", path,
				strerror(errno));
	if (!S_ISBLK(st.st_mode) || st.st_rdev != makedev(d->dev_major, d->dev_minor))
		return bmc_fail(&rp->err, BMC_ENOTFOUND, "%s: another device now",
				path);
	smart_init(&rp->u.smart);
	return strncmp(name, "nvme", 4) == 0 ? read_nvme(fd, &rp->u.smart, &rp->err)
					     : read_ata(fd, &rp->u.smart, &rp->err);
}
