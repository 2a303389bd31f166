// SPDX-License-Identifier: Apache-2.0
/* Disks of this machine from /sys/block, how full they are, and their SMART data, which
 * the root helper reads for us. */
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "host.h"

#define SECTOR     512 /* of /sys/block/NAME/size, whatever the disk's own are */
#define MOUNTS_MAX 65536

/* Things in /sys/block that have a `device` and are no disks of their own. */
static const char *const no_disks[] = { "sr*",          "fd*",         "loop*",
					"ram*",         "zram*",       "nbd*",
					"mmcblk*boot*", "mmcblk*rpmb", "nvme*c*n*",
					"mtdblock*" };

static bool is_disk(const struct host *h, const char *name)
{
	for (size_t i = 0; i < sizeof(no_disks) / sizeof(no_disks[0]); i++) {
		if (fnmatch(no_disks[i], name, 0) == 0)
			return false;
	}
	return host_exists(h, "/sys/block/%s/device", name) &&
	       host_number(h, "/sys/block/%s/size", name) > 0;
}

static bool read_number(const struct host *h, const char *name, const char *part,
			dev_t *ret)
{
	unsigned major_no, minor_no;
	char text[32];

	if (!host_text(h, text, sizeof(text), "/sys/block/%s/%s%sdev", name, part,
		       *part ? "/" : ""))
		return false;
	if (sscanf(text, "%u:%u", &major_no, &minor_no) != 2)
		return false;
	*ret = makedev(major_no, minor_no);
	return true;
}

static enum bmc_media read_media(const struct host *h, const char *name)
{
	char type[16];

	if (host_text(h, type, sizeof(type), "/sys/block/%s/device/type", name)) {
		if (strcmp(type, "SD") == 0)
			return BMC_MEDIA_SD;
		if (strcmp(type, "MMC") == 0)
			return BMC_MEDIA_EMMC;
	}
	switch (host_number(h, "/sys/block/%s/queue/rotational", name)) {
	case 0:
		return BMC_MEDIA_SSD;
	case 1:
		return BMC_MEDIA_HDD;
	default:
		return BMC_MEDIA_UNKNOWN;
	}
}

/* Its path in /sys/devices, by which its place is known. */
static bool find_path(const struct host *h, const char *name, char ret[PATH_MAX])
{
	char link[PATH_MAX];

	return snprintf(link, sizeof(link), "%s/sys/block/%s", h->root, name) <
		       PATH_MAX &&
	       realpath(link, ret);
}

/* By the driver that names it, or the bus that its device hangs at. */
static enum bmc_protocol read_protocol(const struct host *h, const char *name,
				       enum bmc_media media)
{
	char at[PATH_MAX];

	if (strncmp(name, "nvme", 4) == 0)
		return BMC_PROTOCOL_NVME;
	if (media == BMC_MEDIA_EMMC)
		return BMC_PROTOCOL_EMMC;
	if (media == BMC_MEDIA_SD)
		return BMC_PROTOCOL_SD;
	if (!find_path(h, name, at))
		return BMC_PROTOCOL_UNKNOWN;
	if (strstr(at, "/usb"))
		return BMC_PROTOCOL_USB;
	return strstr(at, "/ata") ? BMC_PROTOCOL_SATA : BMC_PROTOCOL_UNKNOWN;
}

/* The first of `files` in /sys/block/NAME that has a text. */
static void read_first(const struct host *h, const char *name,
		       const char *const files[], char *ret, size_t size)
{
	for (; *files && !host_text(h, ret, size, "/sys/block/%s/%s", name, *files);
	     files++)
		;
}

/* ---- how full ---- */

/* One file system of a disk: the number of its device and where it is mounted. */
static int64_t used_at(const struct host *h, const char *mountpoint)
{
	char path[PATH_MAX];
	struct statvfs st;

	if (snprintf(path, sizeof(path), "%s%s", h->root, mountpoint) >= PATH_MAX ||
	    statvfs(path, &st) < 0)
		return 0;
	return (int64_t)((st.f_blocks - st.f_bfree) * st.f_frsize);
}

/* Bytes used in the file system on `dev`, 0 when it is not mounted. */
static int64_t used_on(const struct host *h, const char *mounts, dev_t dev)
{
	while (mounts && *mounts) {
		unsigned major_no, minor_no;
		char point[512];

		/* id parent major:minor root mountpoint ... (proc(5)) */
		if (sscanf(mounts, "%*d %*d %u:%u %*s %511s", &major_no, &minor_no,
			   point) == 3 &&
		    makedev(major_no, minor_no) == dev)
			return used_at(h, point);
		mounts = strchr(mounts, '\n');
		if (mounts)
			mounts++;
	}
	return 0;
}

/* BMC_UNKNOWN when nothing of the disk is mounted. */
static int64_t read_used(const struct host *h, const char *name, const char *mounts)
{
	struct host_names *parts = malloc(sizeof(*parts));
	char path[HOST_NAME_MAX + 16];
	int64_t sum = 0;
	dev_t dev;

	if (!parts)
		return BMC_UNKNOWN;
	(void)snprintf(path, sizeof(path), "/sys/block/%s", name);
	host_list(h, path, parts);
	if (read_number(h, name, "", &dev))
		sum += used_on(h, mounts, dev);
	for (size_t i = 0; i < parts->n; i++) {
		if (strncmp(parts->name[i], name, strlen(name)) == 0 &&
		    read_number(h, name, parts->name[i], &dev))
			sum += used_on(h, mounts, dev);
	}
	free(parts);
	return sum ? sum : BMC_UNKNOWN;
}

/* ---- which row ---- */

static int add_bay(void *arg, const char *id, const uint32_t index[2],
		   const struct bmc_conf *conf)
{
	struct host *h = arg;
	const char *port = bmc_conf_text(conf, "port", NULL);

	(void)index;
	if (!port)
		return 0;
	struct host_disk *d = &h->disks[h->n_disks++];
	(void)snprintf(d->id, sizeof(d->id), "%s", id);
	d->port = port;
	d->was = true; /* an empty bay is reported as one from the start */
	return h->n_disks == HOST_DISKS_MAX;
}

void host_find_bays(struct host *h)
{
	(void)h->ops->platform(h->host, BMC_DISK, add_bay, h);
}

/* "ata1" is a part of ".../ata1/host0/...", and not of ".../ata12/...". */
static bool is_at(const char *path, const char *port)
{
	size_t len = strlen(port);
	const char *p = path;

	while ((p = strstr(p, port)) != NULL) {
		if (p > path && p[-1] == '/' && (p[len] == '/' || !p[len]))
			return true;
		p++;
	}
	return false;
}

/* Two disks in one bay (the slots of a card reader): the second is a row of its own. */
static struct host_disk *find_bay(struct host *h, const char *name)
{
	char at[PATH_MAX];

	if (!find_path(h, name, at))
		return NULL;
	for (size_t i = 0; i < h->n_disks; i++) {
		if (h->disks[i].port && !h->disks[i].here &&
		    is_at(at, h->disks[i].port))
			return &h->disks[i];
	}
	return NULL;
}

/* The place of a disk that is in no bay. */
static struct host_disk *find_other(struct host *h, const char *name)
{
	char id[BMC_ID_MAX];

	host_id(h, id, name);
	for (size_t i = 0; i < h->n_disks; i++) {
		if (!h->disks[i].port && strcmp(h->disks[i].id, id) == 0)
			return &h->disks[i];
	}
	if (h->n_disks == HOST_DISKS_MAX)
		return NULL;
	struct host_disk *d = &h->disks[h->n_disks++];
	memcpy(d->id, id, sizeof(d->id));
	return d;
}

static void put_missing(struct host *h, const struct host_disk *d)
{
	static const struct bmc_value gone[] = { BMC_NUM(bmc_disk, present, 0) };

	(void)host_put(h, BMC_DISK, d->id, gone, 1);
}

/* The row of a disk that is there now; NULL: there are too many. One that took
 * another's place since the last poll is one that came, after one that went. */
static const struct host_disk *note(struct host *h, const char *name)
{
	struct host_disk *d = find_bay(h, name);
	int64_t sequence = host_number(h, "/sys/block/%s/diskseq", name);

	if (!d && !(d = find_other(h, name)))
		return NULL;
	if (d->device[0] && d->sequence != sequence) {
		put_missing(h, d);
		d->device[0] = '\0';
	}
	if (!d->device[0])
		d->number = ++h->last_number;
	d->here = d->was = true;
	d->sequence = sequence;
	(void)snprintf(d->device, sizeof(d->device), "%.15s", name);
	return d;
}

/* What was there and is not, stays as an empty bay: that is how a removal is seen. */
static void note_missing(struct host *h)
{
	for (size_t i = 0; i < h->n_disks; i++) {
		struct host_disk *d = &h->disks[i];

		if (d->here || !d->was)
			continue;
		d->device[0] = '\0';
		put_missing(h, d);
	}
}

/* ---- putting ---- */

static void read_disk(struct host *h, const struct host_disk *d, const char *mounts)
{
	static const char *const models[] = { "device/model", "device/name", NULL };
	static const char *const serials[] = { "device/serial", "serial", NULL };
	static const char *const firmwares[] = { "device/firmware_rev", "device/rev",
						 "device/fwrev", NULL };
	char model[48], serial[32], firmware[16];
	const char *name = d->device;
	enum bmc_media media = read_media(h, name);

	read_first(h, name, models, model, sizeof(model));
	read_first(h, name, serials, serial, sizeof(serial));
	read_first(h, name, firmwares, firmware, sizeof(firmware));
	struct bmc_value v[10] = {
		BMC_NUM(bmc_disk, present, 1),
		BMC_TXT(bmc_disk, device, name),
		BMC_TXT(bmc_disk, model, model),
		BMC_NUM(bmc_disk, media, media),
		BMC_NUM(bmc_disk, protocol, read_protocol(h, name, media)),
		BMC_NUM(bmc_disk, bytes,
			host_number(h, "/sys/block/%s/size", name) * SECTOR),
		BMC_NUM(bmc_disk, used_bytes, read_used(h, name, mounts)),
	};
	size_t n = 7;
	if (!d->port) /* a bay has its name from the platform file */
		v[n++] = BMC_TXT(bmc_disk, name, name);
	/* SMART reports the serial number and the version where sysfs does not. */
	if (serial[0])
		v[n++] = BMC_TXT(bmc_disk, serial, serial);
	if (firmware[0])
		v[n++] = BMC_TXT(bmc_disk, firmware, firmware);
	(void)host_put(h, BMC_DISK, d->id, v, n);
}

void host_read_disks(struct host *h)
{
	struct host_names *names = malloc(sizeof(*names));
	char *mounts = malloc(MOUNTS_MAX);

	(void)pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < h->n_disks; i++)
		h->disks[i].here = false;
	if (names && mounts) {
		host_list(h, "/sys/block", names);
		(void)host_lines(h, mounts, MOUNTS_MAX, "/proc/self/mountinfo");
		for (size_t i = 0; i < names->n; i++) {
			const struct host_disk *d = is_disk(h, names->name[i])
							    ? note(h, names->name[i])
							    : NULL;
			if (d)
				read_disk(h, d, mounts);
		}
		note_missing(h);
	}
	(void)pthread_mutex_unlock(&h->lock);
	free(names);
	free(mounts);
}

/* ---- SMART ---- */

static void put_smart(struct host *h, const char *id, const struct bmc_smart *s)
{
	struct bmc_value v[7];
	size_t n = 0;

	v[n++] = BMC_NUM(bmc_disk, failure_predicted, s->failure_predicted);
	v[n++] = BMC_NUM(bmc_disk, temperature, s->temperature);
	v[n++] = BMC_NUM(bmc_disk, hours, s->hours);
	v[n++] = BMC_NUM(bmc_disk, rotation_rpm, s->rotation_rpm);
	if (s->serial[0])
		v[n++] = BMC_TXT(bmc_disk, serial, s->serial);
	if (s->firmware[0])
		v[n++] = BMC_TXT(bmc_disk, firmware, s->firmware);
	if (s->model[0])
		v[n++] = BMC_TXT(bmc_disk, model, s->model);
	(void)host_put(h, BMC_DISK, id, v, n);
}

/* A copy of those that are there. */
static size_t list_disks(struct host *h, struct host_disk ret[HOST_DISKS_MAX],
			 unsigned *ret_last)
{
	size_t n = 0;

	(void)pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < h->n_disks; i++) {
		if (h->disks[i].device[0])
			ret[n++] = h->disks[i];
	}
	*ret_last = h->last_number;
	(void)pthread_mutex_unlock(&h->lock);
	return n;
}

bool host_smart_old(struct host *h)
{
	struct host_disk disks[HOST_DISKS_MAX];
	unsigned last;

	(void)list_disks(h, disks, &last);
	return last != h->smart_number;
}

/* What was read of a disk counts as long as that one is there. */
void host_put_smart(struct host *h)
{
	struct host_disk disks[HOST_DISKS_MAX];
	unsigned last;
	size_t n = list_disks(h, disks, &last);

	for (size_t i = 0; i < h->n_smart; i++) {
		for (size_t k = 0; k < n; k++) {
			if (disks[k].number == h->smart[i].disk.number)
				put_smart(h, disks[k].id, &h->smart[i].data);
		}
	}
}

void host_read_smart(struct host *h)
{
	struct host_disk disks[HOST_DISKS_MAX];
	size_t n = list_disks(h, disks, &h->smart_number);
	dev_t dev;

	h->n_smart = 0;
	for (size_t i = 0; i < n && h->n_smart < HOST_SMART_MAX; i++) {
		struct host_smart *s = &h->smart[h->n_smart];

		if (!read_number(h, disks[i].device, "", &dev) ||
		    h->ops->smart(h->host, major(dev), minor(dev), &s->data, NULL) < 0)
			continue;
		s->disk = disks[i];
		h->n_smart++;
	}
}
