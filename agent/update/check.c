// SPDX-License-Identifier: Apache-2.0
/* Checking a stored image. What was found is shown in its row; it is never relied on:
 * each job checks again, but for the file's digest, which is taken once while the
 * process runs and the file is the same. */
#include "update/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <gnutls/crypto.h>

#include "core/base/thread.h"
#include "core/base/util.h"
#include "update/offer.h"
#include "update/policy.h"
#include "update/shared-reads.h"

#define CHUNK    (256u << 10)
#define SLICE_MS 200

/* An image may take 48 MiB to unpack: one is checked at a time. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t free;
	bool ready, taken;
} turn = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool take_turn(struct upd_watch *watch)
{
	bool wanted = true;

	pthread_mutex_lock(&turn.lock);
	if (!turn.ready) {
		bmc_cond_init(&turn.free);
		turn.ready = true;
	}
	while (turn.taken && wanted) {
		(void)bmc_cond_wait(&turn.free, &turn.lock, bmc_now() + SLICE_MS);
		wanted = upd_report(watch, "check", 0, BMC_UNKNOWN);
	}
	turn.taken = turn.taken || wanted;
	pthread_mutex_unlock(&turn.lock);
	return wanted;
}

static void give_turn(void)
{
	pthread_mutex_lock(&turn.lock);
	turn.taken = false;
	pthread_cond_signal(&turn.free);
	pthread_mutex_unlock(&turn.lock);
}

/* ---- the file ---- */

static bool is_unchanged(const struct bmc_prepared *p)
{
	struct stat st;

	return fstat(p->fd, &st) == 0 && st.st_ctim.tv_sec == p->changed.tv_sec &&
	       st.st_ctim.tv_nsec == p->changed.tv_nsec;
}

static ssize_t file_read(const struct bmc_image *file, uint64_t offset, void *buf,
			 size_t len)
{
	struct bmc_prepared *p = upd_prepared_of(file);
	size_t done = 0;

	if (p->watch &&
	    !upd_report(p->watch, "check", (int64_t)offset, (int64_t)file->size))
		return BMC_ECANCELED;
	while (done < len && offset + done < file->size) {
		ssize_t n = pread(p->fd, (char *)buf + done,
				  MIN(len, file->size - offset) - done,
				  (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return bmc_from_errno(errno);
		if (n == 0)
			return BMC_EIO; /* it was cut off since */
		done += (size_t)n;
	}
	return p->watch || !p->in_folder || is_unchanged(p) ? (ssize_t)done : BMC_EIO;
}

static void file_ref(const struct bmc_image *file)
{
	upd_prepared_ref(upd_prepared_of(file));
}

static void file_unref(const struct bmc_image *file)
{
	upd_prepared_unref(upd_prepared_of(file));
}

static void prepared_free(struct bmc_prepared *p)
{
	upd_offers_free(p->offers);
	upd_reads_free(p->reads);
	(void)image_free(p->image);
	if (p->fd >= 0)
		(void)close(p->fd);
	(void)upd_stored_unref(p->stored);
	free(p);
}

static int prepared_new(struct upd_stored *s, struct bmc_prepared **ret,
			struct bmc_error *err)
{
	struct bmc_prepared *p = calloc(1, sizeof(*p));
	struct bmc_stored_image row;
	struct stat st;

	if (!p)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image");
	p->refs = 1;
	p->free = prepared_free;
	p->fd = -1;
	p->stored = upd_stored_ref(s);
	upd_stored_row(s, &row);
	memcpy(p->id, row.row.id, sizeof(p->id));
	memcpy(p->name, row.name, sizeof(p->name));
	int r = upd_stored_open(s, &p->fd, err);

	if (r == BMC_OK && fstat(p->fd, &st) < 0)
		r = bmc_fail(err, BMC_EIO, "the image can't be read");
	if (r != BMC_OK) {
		prepared_free(p);
		return r;
	}
	p->file = (struct bmc_image){ .size = (uint64_t)st.st_size,
				      .read = file_read,
				      .ref = file_ref,
				      .unref = file_unref };
	p->in_folder = row.in_folder == 1;
	p->changed = st.st_ctim;
	*ret = p;
	return BMC_OK;
}

/* ---- checks ---- */

static int hash_all(struct bmc_prepared *p, unsigned char digest[32],
		    struct bmc_error *err)
{
	auto_free unsigned char *buf = malloc(CHUNK);
	gnutls_hash_hd_t hash;
	ssize_t n = 0;

	if (!buf || gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) < 0)
		return bmc_fail(err, BMC_ENOMEM, "no memory to check the image");
	for (uint64_t at = 0; at < p->file.size; at += (uint64_t)n) {
		n = file_read(&p->file, at, buf, CHUNK);
		if (n <= 0 || gnutls_hash(hash, buf, (size_t)n) < 0)
			break;
	}
	gnutls_hash_deinit(hash, digest);
	return n >= 0 ? BMC_OK : bmc_fail(err, (int)n, "the image can't be read");
}

static int check_digest(struct bmc_prepared *p, struct bmc_error *err)
{
	struct bmc_stored_image row;
	char hex[65];
	int r;

	if (!upd_stored_is_hashed(p->stored, p->fd)) {
		r = hash_all(p, p->file.digest, err);
		if (r != BMC_OK)
			return r;
		bmc_hex(p->file.digest, sizeof(p->file.digest), hex);
		return upd_stored_hashed(p->stored, p->fd, hex, err);
	}
	upd_stored_row(p->stored, &row);
	for (size_t i = 0; i < sizeof(p->file.digest); i++) {
		const char byte[3] = { row.digest[2 * i], row.digest[2 * i + 1], 0 };

		p->file.digest[i] = (unsigned char)strtoul(byte, NULL, 16);
	}
	return BMC_OK;
}

static bool watch_unpacking(void *arg, uint64_t done, uint64_t total)
{
	struct bmc_prepared *p = arg;

	return upd_report(p->watch, "check", (int64_t)done, (int64_t)total);
}

static int check_policy(const struct image *image, struct bmc_error *err)
{
	if (*image->signer || upd_policy.unsigned_allowed)
		return BMC_OK;
	return bmc_fail(err, BMC_EPERM,
			"no trusted key has signed the image: sign it, or set "
			"`update.unsigned: allow`");
}

static int check_all(struct bmc_prepared *p, struct bmc_error *err)
{
	const struct image_limits limits = {
		.size = upd_policy.unpacked,
		.watch = watch_unpacking,
		.arg = p,
		.keys = upd_policy.keys,
	};
	int r = check_digest(p, err);

	if (r == BMC_OK)
		r = image_open(&p->file, &limits, &p->image, err);
	if (r == BMC_OK && p->in_folder && !is_unchanged(p))
		r = bmc_fail(err, BMC_EAGAIN,
			     "the image has changed while it was checked");
	return r == BMC_OK ? check_policy(p->image, err) : r;
}

/* ---- what is shown of it ---- */

static void show(const struct bmc_prepared *p, int code, const struct bmc_error *err)
{
	const struct image *image = p->image;
	struct bmc_stored_image row = { .state = code == BMC_OK ? BMC_IMAGE_GOOD
								: BMC_IMAGE_REFUSED };

	if (image) {
		(void)bmc_copy(row.format, sizeof(row.format), image->format);
		(void)bmc_copy(row.packing, sizeof(row.packing), image->packing);
		(void)bmc_copy(row.chip, sizeof(row.chip), image->chip);
		(void)bmc_copy(row.version, sizeof(row.version), image->version);
		(void)bmc_copy(row.signer, sizeof(row.signer), image->signer);
		row.trust = *image->signer ? BMC_IMAGE_SIGNED : BMC_IMAGE_UNSIGNED;
	}
	if (code != BMC_OK)
		(void)bmc_copy(row.reason, sizeof(row.reason), err->what);
	upd_stored_found(p->stored, &row);
}

static bool is_about_the_image(int code)
{
	return code == BMC_OK || code == BMC_ECORRUPT || code == BMC_ENOTSUP ||
	       code == BMC_EPERM || code == BMC_ENOSPC;
}

static int check_in_turn(struct bmc_prepared *p, struct bmc_error *err)
{
	struct bmc_stored_image before, checking;

	upd_stored_row(p->stored, &before);
	checking = before;
	checking.state = BMC_IMAGE_CHECKING;
	upd_stored_found(p->stored, &checking);
	int r = check_all(p, err);

	if (is_about_the_image(r)) {
		show(p, r, err);
	} else {
		if (before.state == BMC_IMAGE_CHECKING)
			before.state = BMC_IMAGE_STORED;
		upd_stored_found(p->stored, &before);
	}
	return r;
}

int upd_check(struct upd_stored *s, struct upd_watch *watch, bool refused_too,
	      struct bmc_prepared **ret, struct bmc_error *err)
{
	struct bmc_error why = { 0 };
	struct bmc_prepared *p = NULL;
	int r = prepared_new(s, &p, &why);

	if (r == BMC_OK) {
		p->watch = watch;
		r = take_turn(watch) ? BMC_OK
				     : bmc_fail(&why, BMC_ECANCELED, "cancelled");
	}
	if (r == BMC_OK) {
		r = check_in_turn(p, &why);
		give_turn();
	}
	if (r == BMC_OK || (r == BMC_EPERM && refused_too && p->image)) {
		p->watch = NULL;
		*ret = p;
		return BMC_OK;
	}
	upd_prepared_unref(p);
	if (err)
		*err = why;
	return r;
}
