// SPDX-License-Identifier: Apache-2.0
// The memory of pulses, see jobs.h. Written with pwrite, not mapped: the daemon owns
// the folder and could shorten a mapped file under a process that runs as root.
#include "priv/jobs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/map.h"
#include "priv/proto.h"

#define MAGIC        0x626d636au
#define VERSION      2u
#define LOCK_WAIT_MS 15000

struct head {
	uint32_t magic, version;
	char boot_id[40]; /* lines lose their levels in a reboot, so pulses end there */
	uint64_t instance, epoch;
	uint64_t digest; /* of the platform file that the lines are counted in */
};

struct entry {
	uint64_t job; /* 0: none */
	uint32_t line, running;
	uint64_t seq;
};

struct file {
	struct head head;
	struct entry entry[PRIV_JOBS];
};

struct priv_jobs {
	int fd;
	uint64_t seq;
	struct file file;
};

static int save(const struct priv_jobs *j, const void *part, size_t len)
{
	off_t at = (off_t)((const char *)part - (const char *)&j->file);

	return pwrite(j->fd, part, len, at) == (ssize_t)len ? 0 : -1;
}

static void read_boot_id(char *dst, size_t size)
{
	auto_fd int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, dst, size - 1);

	dst[n > 0 ? n : 0] = '\0';
}

/* Lines of another platform file have other ordinals: what they were is not known. */
static bool is_platform(const struct file *f, uint64_t digest)
{
	bool running = false;

	if (f->head.digest == digest)
		return true;
	for (size_t i = 0; i < PRIV_JOBS; i++)
		running = running || (f->entry[i].job && f->entry[i].running);
	if (running)
		log_err("a pulse was cut short under another platform file: its line "
			"may still be active");
	return false;
}

static bool load(struct priv_jobs *j, const char *boot_id, uint64_t digest)
{
	struct file *f = &j->file;

	if (pread(j->fd, f, sizeof(*f), 0) != (ssize_t)sizeof(*f) ||
	    f->head.magic != MAGIC || f->head.version != VERSION ||
	    !is_platform(f, digest) ||
	    strncmp(f->head.boot_id, boot_id, sizeof(f->head.boot_id)) != 0)
		return false;
	for (size_t i = 0; i < PRIV_JOBS; i++)
		j->seq = MAX(j->seq, f->entry[i].seq);
	return true;
}

/* The helper before this one may still be finishing a pulse. A record lock, because it
 * does not pass to the children. */
static int lock(int fd)
{
	const struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const struct timespec pause = { .tv_nsec = 20000000 };
	int64_t until = bmc_now() + LOCK_WAIT_MS;

	while (fcntl(fd, F_SETLK, &whole) < 0) {
		if (bmc_now() >= until)
			return -1;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

static int recreate(struct priv_jobs *j, const char *boot_id, uint64_t epoch,
		    uint64_t digest)
{
	struct head *h = &j->file.head;

	memset(&j->file, 0, sizeof(j->file));
	j->seq = 0;
	h->magic = MAGIC;
	h->version = VERSION;
	(void)bmc_copy(h->boot_id, sizeof(h->boot_id), boot_id);
	h->epoch = epoch;
	h->digest = digest;
	bmc_random(&h->instance, sizeof(h->instance));
	return save(j, &j->file, sizeof(j->file));
}

int priv_jobs_open(const char *path, uint64_t digest, struct priv_jobs **ret,
		   struct bmc_error *err)
{
	struct priv_jobs *j = calloc(1, sizeof(*j));
	char boot_id[40];
	bool is_new;

	if (!j)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	j->fd = priv_open_fixed(path, sizeof(j->file), (uid_t)-1, &is_new, err);
	if (j->fd < 0) {
		int r = j->fd;
		free(j);
		return r;
	}
	if (lock(j->fd) < 0) {
		(void)priv_jobs_close(j);
		return bmc_fail(err, BMC_EBUSY, "%s: another clusterbmc-priv runs",
				path);
	}
	read_boot_id(boot_id, sizeof(boot_id));
	if ((is_new || !load(j, boot_id, digest)) &&
	    recreate(j, boot_id, 0, digest) < 0) {
		int r = bmc_fail(err, bmc_from_errno(errno), "%s: %s", path,
				 strerror(errno));
		(void)priv_jobs_close(j);
		return r;
	}
	*ret = j;
	return 0;
}

struct priv_jobs *priv_jobs_close(struct priv_jobs *j)
{
	if (j) {
		(void)close(j->fd);
		free(j);
	}
	return NULL;
}

int priv_jobs_epoch(struct priv_jobs *j, uint64_t epoch, struct bmc_error *err)
{
	char boot_id[40];

	if (j->file.head.epoch == epoch)
		return 0;
	(void)bmc_copy(boot_id, sizeof(boot_id), j->file.head.boot_id);
	if (recreate(j, boot_id, epoch, j->file.head.digest) < 0)
		return bmc_fail(err, bmc_from_errno(errno),
				"the memory of pulses can't be recreated: %s",
				strerror(errno));
	return 0;
}

uint64_t priv_jobs_instance(const struct priv_jobs *j)
{
	return j->file.head.instance;
}

static struct entry *find(const struct priv_jobs *j, uint64_t job)
{
	const struct entry *e = j->file.entry;

	for (size_t i = 0; i < PRIV_JOBS; i++) {
		if (e[i].job == job)
			return (struct entry *)(uintptr_t)&e[i];
	}
	return NULL;
}

bool priv_jobs_seen(const struct priv_jobs *j, uint64_t job)
{
	return job && find(j, job);
}

int priv_jobs_begin(struct priv_jobs *j, uint64_t job, uint32_t line,
		    struct bmc_error *err)
{
	struct entry *e = &j->file.entry[j->seq % PRIV_JOBS];

	*e = (struct entry){
		.job = job, .line = line, .running = 1, .seq = j->seq + 1
	};
	if (save(j, e, sizeof(*e)) < 0)
		return bmc_fail(err, BMC_EIO, "the pulse can't be noted: %s",
				strerror(errno));
	j->seq++;
	return 0;
}

void priv_jobs_end(struct priv_jobs *j, uint64_t job)
{
	struct entry *e = find(j, job);

	if (!e)
		return;
	e->running = 0;
	(void)save(j, e, sizeof(*e));
}

void priv_jobs_drop(struct priv_jobs *j, uint64_t job)
{
	struct entry *e = find(j, job);

	if (!e)
		return;
	e->job = 0;
	e->running = 0;
	(void)save(j, e, sizeof(*e));
}

void priv_jobs_unfinished(struct priv_jobs *j, void (*each)(void *arg, uint32_t line),
			  void *arg)
{
	for (size_t i = 0; i < PRIV_JOBS; i++) {
		struct entry *e = &j->file.entry[i];
		if (!e->job || !e->running)
			continue;
		each(arg, e->line);
		e->running = 0;
		(void)save(j, e, sizeof(*e));
	}
}
