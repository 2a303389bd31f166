// SPDX-License-Identifier: Apache-2.0
/* The table of stored images: who refers to which, and which goes when room is needed.
 * One lock guards it; files are unlinked under it, never read. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/snapshot/snapshot.h"
#include "update/store-own.h"

struct upd_store upd_store = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.dir = -1,
	.folder = -1,
};

static void changed(void)
{
	if (upd_store.changed)
		upd_store.changed();
}

/* ---- files that are the same ---- */

struct upd_identity upd_identity_of(const struct stat *st)
{
	return (struct upd_identity){ st->st_dev, st->st_ino, st->st_size, st->st_mtim,
				      st->st_ctim };
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool upd_identity_equal(const struct upd_identity *a, const struct upd_identity *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       same_time(&a->mtime, &b->mtime) && same_time(&a->ctime, &b->ctime);
}

/* ---- the list ---- */

struct upd_stored *upd_store_find(const char *id)
{
	struct upd_stored *s;

	LIST_FOREACH (s, &upd_store.list, link) {
		if (strcmp(s->row.row.id, id) == 0 ||
		    (s->row.in_folder == 1 && strcmp(s->row.name, id) == 0))
			return s;
	}
	return NULL;
}

struct upd_stored *upd_store_insert(struct upd_stored *s)
{
	s->row.row.kind = BMC_STORED_IMAGE;
	s->row.row.index[0] = ++upd_store.last;
	s->listed = true;
	LIST_INSERT_HEAD(&upd_store.list, s, link);
	return s;
}

void upd_store_drop(struct upd_stored *s)
{
	LIST_REMOVE(s, link);
	s->listed = false;
	if (s->refs == 0)
		free(s);
}

struct upd_stored *upd_store_use(struct upd_stored *s)
{
	s->refs++;
	s->row.jobs++;
	s->used = bmc_wall(bmc_now());
	return s;
}

struct upd_stored *upd_store_get(const char *id)
{
	pthread_mutex_lock(&upd_store.lock);
	struct upd_stored *s = upd_store_find(id);

	if (s)
		(void)upd_store_use(s);
	pthread_mutex_unlock(&upd_store.lock);
	if (s)
		changed();
	return s;
}

bool upd_store_has(const char *id)
{
	pthread_mutex_lock(&upd_store.lock);
	bool is = upd_store_find(id) != NULL;

	pthread_mutex_unlock(&upd_store.lock);
	return is;
}

struct upd_stored *upd_stored_ref(struct upd_stored *s)
{
	pthread_mutex_lock(&upd_store.lock);
	s->refs++;
	s->row.jobs++;
	pthread_mutex_unlock(&upd_store.lock);
	return s;
}

/* The time of its last use is that of its file, which outlives the process. */
static void note_use(const struct upd_stored *s)
{
	char name[UPD_DIGEST_HEX + 5];

	if (!s->listed || s->row.in_folder == 1)
		return;
	(void)snprintf(name, sizeof(name), "%s.txt", s->row.digest);
	(void)utimensat(upd_store.dir, name, NULL, AT_SYMLINK_NOFOLLOW);
}

struct upd_stored *upd_stored_unref(struct upd_stored *s)
{
	if (!s)
		return NULL;
	pthread_mutex_lock(&upd_store.lock);
	s->row.jobs--;
	s->used = bmc_wall(bmc_now());
	note_use(s);
	if (--s->refs == 0 && !s->listed)
		free(s);
	pthread_mutex_unlock(&upd_store.lock);
	changed();
	return NULL;
}

void upd_stored_row(struct upd_stored *s, struct bmc_stored_image *ret)
{
	pthread_mutex_lock(&upd_store.lock);
	*ret = s->row;
	pthread_mutex_unlock(&upd_store.lock);
}

void upd_stored_hold(struct upd_stored *s, int64_t until)
{
	pthread_mutex_lock(&upd_store.lock);
	s->held = MAX(s->held, until);
	pthread_mutex_unlock(&upd_store.lock);
}

void upd_stored_found(struct upd_stored *s, const struct bmc_stored_image *row)
{
	struct bmc_stored_image *to = &s->row;

	pthread_mutex_lock(&upd_store.lock);
	memcpy(to->format, row->format, sizeof(to->format));
	memcpy(to->packing, row->packing, sizeof(to->packing));
	memcpy(to->chip, row->chip, sizeof(to->chip));
	memcpy(to->version, row->version, sizeof(to->version));
	memcpy(to->signer, row->signer, sizeof(to->signer));
	memcpy(to->reason, row->reason, sizeof(to->reason));
	to->trust = row->trust;
	to->state = row->state;
	if (s->listed && to->in_folder != 1 && to->state != BMC_IMAGE_CHECKING)
		upd_facts_write(s);
	pthread_mutex_unlock(&upd_store.lock);
	changed();
}

void upd_store_each(void (*each)(void *arg, const struct bmc_stored_image *row),
		    void *arg)
{
	struct upd_stored *s;

	pthread_mutex_lock(&upd_store.lock);
	LIST_FOREACH (s, &upd_store.list, link)
		each(arg, &s->row);
	pthread_mutex_unlock(&upd_store.lock);
}

/* ---- files ---- */

int upd_stored_open(struct upd_stored *s, int *ret_fd, struct bmc_error *err)
{
	struct bmc_stored_image row;
	char name[BMC_NAME_MAX + 8];
	struct stat st;

	upd_stored_row(s, &row);
	bool in_folder = row.in_folder == 1;
	(void)snprintf(name, sizeof(name), in_folder ? "%s" : "%s.img",
		       in_folder ? row.name : row.digest);
	int fd = openat(in_folder ? upd_store.folder : upd_store.dir, name,
			O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return bmc_fail(err, bmc_from_errno(errno),
				"the image `%s` can't be opened: %s", row.name,
				strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return bmc_fail(err, BMC_EINVAL, "the image `%s` is not a file",
				row.name);
	}
	*ret_fd = fd;
	return BMC_OK;
}

bool upd_stored_is_hashed(struct upd_stored *s, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	const struct upd_identity is = upd_identity_of(&st);

	pthread_mutex_lock(&upd_store.lock);
	bool same = s->hashed.ino != 0 && upd_identity_equal(&s->hashed, &is);
	pthread_mutex_unlock(&upd_store.lock);
	return same;
}

int upd_stored_hashed(struct upd_stored *s, int fd, const char *digest,
		      struct bmc_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return bmc_fail(err, BMC_EIO, "the image can't be read");
	pthread_mutex_lock(&upd_store.lock);
	bool same = s->row.in_folder == 1 || strcmp(s->row.digest, digest) == 0;

	if (same) {
		(void)bmc_copy(s->row.digest, sizeof(s->row.digest), digest);
		s->hashed = upd_identity_of(&st);
	}
	pthread_mutex_unlock(&upd_store.lock);
	return same ? BMC_OK
		    : bmc_fail(err, BMC_ECORRUPT,
			       "the stored image is damaged: remove it, and send it "
			       "again");
}

/* ---- room ---- */

/* Whether an update that has not ended names it: it may wait for long, and holds
 * nothing meanwhile. */
static bool is_awaited(const struct upd_stored *s)
{
	auto_snapshot struct bmc_snapshot *snap = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = snap ? bmc_snapshot_rows(snap, BMC_TASK, &rows) : 0;

	for (size_t i = 0; i < n; i++) {
		const struct bmc_task *t = (const struct bmc_task *)rows[i];

		if (t->op == BMC_ACT_UPDATE && t->state < BMC_TASK_COMPLETED &&
		    strcmp(t->image, s->row.row.id) == 0)
			return true;
	}
	return false;
}

static bool may_go(const struct upd_stored *s, int64_t now)
{
	return s->refs == 0 && s->held <= now && s->row.in_folder != 1 &&
	       !is_awaited(s);
}

static struct upd_stored *least_recently_used(void)
{
	struct upd_stored *s, *oldest = NULL;
	int64_t now = bmc_now();

	LIST_FOREACH (s, &upd_store.list, link) {
		if (may_go(s, now) && (!oldest || s->used < oldest->used))
			oldest = s;
	}
	return oldest;
}

static void remove_entry(struct upd_stored *s)
{
	upd_files_remove(s->row.digest);
	upd_store_release((uint64_t)s->row.size, true);
	upd_store_drop(s);
}

static bool disk_has(uint64_t bytes, uint64_t gone)
{
	struct statvfs fs;

	if (fstatvfs(upd_store.dir, &fs) < 0)
		return true; /* writing will tell */
	uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize + gone;

	return free_bytes >= upd_store.keep_free &&
	       bytes <= free_bytes - upd_store.keep_free;
}

/* Whether there is, were so many images of so many bytes gone. */
static bool has_room(uint64_t bytes, bool image, uint64_t gone, unsigned n_gone)
{
	uint64_t there = upd_store.bytes - gone;

	/* after a restart with a smaller bound there may be more than that */
	return there <= upd_store.max_bytes && bytes <= upd_store.max_bytes - there &&
	       upd_store.images - n_gone + (image ? 1 : 0) <= upd_store.max_images &&
	       disk_has(bytes, gone);
}

/* Nothing goes for an image that has no room even then. */
static bool can_have_room(uint64_t bytes, bool image)
{
	const struct upd_stored *s;
	int64_t now = bmc_now();
	uint64_t gone = 0;
	unsigned n = 0;

	LIST_FOREACH (s, &upd_store.list, link) {
		if (!may_go(s, now))
			continue;
		gone += (uint64_t)s->row.size;
		n++;
	}
	return has_room(bytes, image, gone, n);
}

int upd_store_reserve(uint64_t bytes, bool image, struct bmc_error *err)
{
	bool can = can_have_room(bytes, image);
	struct upd_stored *s;

	if (bytes > upd_store.max_bytes)
		return bmc_fail(err, BMC_ERANGE,
				"the image is larger than the store of images "
				"(`update.max_bytes`)");
	while (can && !has_room(bytes, image, 0, 0) && (s = least_recently_used())) {
		log_info("image %s: removed to make room, it was used least recently",
			 s->row.row.id);
		remove_entry(s);
	}
	if (!has_room(bytes, image, 0, 0))
		return bmc_fail(err, BMC_ENOSPC,
				"there is no room for the image: remove images that "
				"are not needed, or see `update.max_bytes`");
	upd_store.bytes += bytes;
	upd_store.images += image ? 1 : 0;
	return BMC_OK;
}

void upd_store_release(uint64_t bytes, bool image)
{
	upd_store.bytes -= bytes;
	upd_store.images -= image ? 1 : 0;
}

int upd_store_remove(const char *id, struct bmc_error *err)
{
	int r = BMC_OK;

	pthread_mutex_lock(&upd_store.lock);
	struct upd_stored *s = upd_store_find(id);

	if (!s)
		r = bmc_fail(err, BMC_ENOTFOUND, "no such image");
	else if (s->row.in_folder == 1)
		r = bmc_fail(err, BMC_EREADONLY,
			     "%s is a file of the firmware folder: remove it there",
			     id);
	else if (s->refs > 0 || is_awaited(s))
		r = bmc_fail(err, BMC_EBUSY, "%s is used by an update", id);
	else
		remove_entry(s);
	pthread_mutex_unlock(&upd_store.lock);
	if (r == BMC_OK)
		changed();
	return r;
}

uint64_t upd_store_max(void)
{
	return upd_store.max_bytes;
}

/* ---- life ---- */

static int open_dir(const char *path, bool make, int *ret, struct bmc_error *err)
{
	if (make && mkdir(path, 0700) < 0 && errno != EEXIST)
		return bmc_fail(err, bmc_from_errno(errno), "%s: %s", path,
				strerror(errno));
	*ret = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret >= 0 ? BMC_OK
			 : bmc_fail(err, bmc_from_errno(errno), "%s: %s", path,
				    strerror(errno));
}

int upd_store_init(const struct upd_store_conf *conf, struct bmc_error *err)
{
	struct bmc_error late = { 0 };
	int r = open_dir(conf->dir, true, &upd_store.dir, err);

	if (r != BMC_OK)
		return r;
	if (*conf->folder &&
	    open_dir(conf->folder, false, &upd_store.folder, &late) < 0)
		log_warning("the firmware folder is left out: %s", late.what);
	upd_store.max_bytes = conf->bytes;
	upd_store.max_images = conf->images;
	upd_store.keep_free = conf->keep_free;
	upd_store.bytes = 0;
	upd_store.images = upd_store.folder_images = 0;
	pthread_mutex_lock(&upd_store.lock);
	upd_files_take_over();
	pthread_mutex_unlock(&upd_store.lock);
	upd_store_scan();
	upd_store.changed = conf->changed;
	return BMC_OK;
}

void upd_store_done(void)
{
	struct upd_stored *s;

	upd_store.changed = NULL;
	while ((s = LIST_FIRST(&upd_store.list)))
		upd_store_drop(s);
	if (upd_store.dir >= 0)
		(void)close(upd_store.dir);
	if (upd_store.folder >= 0)
		(void)close(upd_store.folder);
	upd_store.dir = upd_store.folder = -1;
}
