// SPDX-License-Identifier: Apache-2.0
/* An image on its way into the store: incoming-NUMBER until all of it is on the disk,
 * then it gets its name. Its digest is taken as it comes. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "core/base/util.h"
#include "update/store-own.h"

#define STEP (UINT64_C(4) << 20) /* bytes that are reserved at a time */

struct upd_incoming {
	int fd;
	char file[32], name[BMC_NAME_MAX];
	uint64_t size, done, reserved; /* size: announced, or UINT64_MAX */
	gnutls_hash_hd_t hash;
};

/* The last part of a path, as text that can be shown. */
static void take_name(struct upd_incoming *in, const char *name)
{
	const char *slash = name ? strrchr(name, '/') : NULL;

	(void)bmc_copy(in->name, sizeof(in->name), slash ? slash + 1 : name);
	bmc_text_sanitize(in->name);
}

static int reserve(struct upd_incoming *in, uint64_t bytes, bool image,
		   struct bmc_error *err)
{
	pthread_mutex_lock(&upd_store.lock);
	int r = upd_store_reserve(bytes, image, err);

	pthread_mutex_unlock(&upd_store.lock);
	if (r == BMC_OK)
		in->reserved += bytes;
	if (upd_store.changed)
		upd_store.changed();
	return r;
}

static int open_file(struct upd_incoming *in, struct bmc_error *err)
{
	static _Atomic unsigned last;

	(void)snprintf(in->file, sizeof(in->file), "incoming-%u",
		       atomic_fetch_add(&last, 1));
	in->fd = openat(upd_store.dir, in->file,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (in->fd < 0)
		return bmc_fail(err, bmc_from_errno(errno), "no file for the image: %s",
				strerror(errno));
	/* A full disk shows now; not where the file system can't tell. */
	if (in->size != UINT64_MAX && in->size > 0 &&
	    fallocate(in->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)in->size) < 0 &&
	    errno == ENOSPC)
		return bmc_fail(err, BMC_ENOSPC, "the disk has no room for the image");
	return BMC_OK;
}

int upd_incoming_new(const char *name, uint64_t size, struct upd_incoming **ret,
		     struct bmc_error *err)
{
	struct upd_incoming *in = calloc(1, sizeof(*in));

	if (!in)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image");
	in->fd = -1;
	in->size = size;
	take_name(in, name);
	int r = reserve(in, size == UINT64_MAX ? 0 : size, true, err);

	if (r != BMC_OK) {
		free(in);
		return r;
	}
	r = open_file(in, err);
	if (r == BMC_OK && gnutls_hash_init(&in->hash, GNUTLS_DIG_SHA256) < 0)
		r = bmc_fail(err, BMC_ENOMEM, "no memory for the image");
	if (r != BMC_OK) {
		(void)upd_incoming_abort(in);
		return r;
	}
	*ret = in;
	return BMC_OK;
}

static int write_all(struct upd_incoming *in, const char *buf, size_t len,
		     struct bmc_error *err)
{
	while (len > 0) {
		ssize_t n = write(in->fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return bmc_fail(err, bmc_from_errno(errno),
					"the image can't be stored: %s",
					strerror(errno));
		buf += n;
		len -= (size_t)n;
	}
	return BMC_OK;
}

/* Room for `len` bytes more. */
static int make_room(struct upd_incoming *in, size_t len, struct bmc_error *err)
{
	if (in->size != UINT64_MAX && len > in->size - in->done)
		return bmc_fail(err, BMC_ERANGE,
				"more bytes come than were announced (%" PRIu64 ")",
				in->size);
	if (in->done + len <= in->reserved)
		return BMC_OK;
	if (in->done + len > upd_store.max_bytes)
		return bmc_fail(err, BMC_ERANGE,
				"the image is larger than the store of images "
				"(`update.max_bytes`)");
	uint64_t most = upd_store.max_bytes - in->reserved;
	int r = reserve(in, MIN(MAX(len, STEP), most), false, err);

	/* the last bytes of the store */
	return r == BMC_ENOSPC ? reserve(in, len, false, err) : r;
}

int upd_incoming_append(struct upd_incoming *in, const void *buf, size_t len,
			struct bmc_error *err)
{
	int r = make_room(in, len, err);

	if (r == BMC_OK)
		r = write_all(in, buf, len, err);
	if (r == BMC_OK && gnutls_hash(in->hash, buf, len) < 0)
		r = bmc_fail(err, BMC_EIO, "the image's digest can't be taken");
	if (r == BMC_OK)
		in->done += len;
	return r;
}

static void incoming_free(struct upd_incoming *in)
{
	if (in->fd >= 0)
		(void)close(in->fd);
	if (in->hash)
		gnutls_hash_deinit(in->hash, NULL);
	free(in);
}

struct upd_incoming *upd_incoming_abort(struct upd_incoming *in)
{
	if (!in)
		return NULL;
	if (in->fd >= 0)
		(void)unlinkat(upd_store.dir, in->file, 0);
	pthread_mutex_lock(&upd_store.lock);
	upd_store_release(in->reserved, true);
	pthread_mutex_unlock(&upd_store.lock);
	incoming_free(in);
	return NULL;
}

/* The entry that it becomes. */
static struct upd_stored *entry_of(const struct upd_incoming *in, const char *digest)
{
	struct upd_stored *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	(void)bmc_copy(s->row.digest, sizeof(s->row.digest), digest);
	memcpy(s->row.row.id, digest, 16);
	memcpy(s->row.name, in->name, sizeof(s->row.name));
	s->row.size = (int64_t)in->done;
	s->row.state = BMC_IMAGE_STORED;
	s->row.added = bmc_now();
	return s;
}

static int give_name(struct upd_incoming *in, const char *digest, struct bmc_error *err)
{
	char name[UPD_DIGEST_HEX + 5];

	(void)snprintf(name, sizeof(name), "%s.img", digest);
	if (renameat(upd_store.dir, in->file, upd_store.dir, name) < 0)
		return bmc_fail(err, bmc_from_errno(errno),
				"the image can't be stored: %s", strerror(errno));
	(void)fsync(upd_store.dir);
	return BMC_OK;
}

/* Under the lock. Its bytes are accounted for as reserved: the image takes them over.
 */
static int take_place(struct upd_incoming *in, const char *digest,
		      struct upd_stored **ret, struct bmc_error *err)
{
	char id[17];
	struct stat st;

	(void)snprintf(id, sizeof(id), "%.16s", digest);
	struct upd_stored *s = upd_store_find(id);

	if (s && strcmp(s->row.digest, digest) != 0)
		return bmc_fail(err, BMC_EEXIST,
				"another image has the same id: remove %s", id);
	bool is_new = !s;
	if (is_new && !(s = entry_of(in, digest)))
		return bmc_fail(err, BMC_ENOMEM, "no memory for the image");
	/* One that is there gets the new file: the old one may have been damaged. */
	int r = give_name(in, digest, err);

	if (r != BMC_OK) {
		if (is_new)
			free(s);
		return r;
	}
	if (is_new) {
		(void)upd_store_insert(s);
		upd_store_release(in->reserved - in->done, false);
	} else {
		upd_store_release(in->reserved, true);
	}
	if (fstat(in->fd, &st) == 0)
		s->hashed = upd_identity_of(&st);
	upd_facts_write(s);
	*ret = upd_store_use(s);
	return BMC_OK;
}

static int finish(struct upd_incoming *in, char digest[UPD_DIGEST_HEX + 1],
		  struct bmc_error *err)
{
	unsigned char sum[32];

	if (in->size != UINT64_MAX && in->done != in->size)
		return bmc_fail(err, BMC_EIO,
				"the image is cut off: %" PRIu64 " of %" PRIu64
				" bytes came",
				in->done, in->size);
	if (in->done == 0)
		return bmc_fail(err, BMC_EINVAL, "the image is empty");
	gnutls_hash_output(in->hash, sum);
	bmc_hex(sum, sizeof(sum), digest);
	if (fsync(in->fd) < 0)
		return bmc_fail(err, bmc_from_errno(errno),
				"the image can't be stored: %s", strerror(errno));
	return BMC_OK;
}

int upd_incoming_commit(struct upd_incoming *in, struct upd_stored **ret,
			struct bmc_error *err)
{
	char digest[UPD_DIGEST_HEX + 1];
	int r = finish(in, digest, err);

	if (r == BMC_OK) {
		pthread_mutex_lock(&upd_store.lock);
		r = take_place(in, digest, ret, err);
		pthread_mutex_unlock(&upd_store.lock);
	}
	if (r != BMC_OK) {
		(void)upd_incoming_abort(in);
		return r;
	}
	incoming_free(in);
	if (upd_store.changed)
		upd_store.changed();
	return BMC_OK;
}
