// SPDX-License-Identifier: Apache-2.0
/* The files of the store and of the firmware folder: what is there at the start, and
 * the text beside each image with what is known of it, which is shown and never
 * trusted: an update checks the image again. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "update/store-own.h"

#define TEXT_MAX 2048

/* ---- DIGEST.txt ---- */

struct fact {
	const char *name;
	size_t offset, size;
};
#define FACT(member)                                                                  \
	{                                                                             \
		.name = #member, .offset = offsetof(struct bmc_stored_image, member), \
		.size = sizeof(((struct bmc_stored_image *)0)->member)                \
	}
static const struct fact texts[] = { FACT(name),  FACT(format),  FACT(packing),
				     FACT(chip),  FACT(version), FACT(signer),
				     FACT(reason) };
static const struct fact numbers[] = { FACT(trust), FACT(state), FACT(added) };

static void take_fact(struct bmc_stored_image *row, const char *name, char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (strcmp(texts[i].name, name) != 0)
			continue;
		bmc_text_sanitize(value);
		(void)bmc_copy((char *)row + texts[i].offset, texts[i].size, value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		int64_t n = strtoll(value, NULL, 10);

		if (strcmp(numbers[i].name, name) == 0)
			memcpy((char *)row + numbers[i].offset, &n, sizeof(n));
	}
}

static void check_facts(struct bmc_stored_image *row)
{
	bool ended = row->state == BMC_IMAGE_GOOD || row->state == BMC_IMAGE_REFUSED;

	if (!ended)
		row->state = BMC_IMAGE_STORED;
	if (row->trust != BMC_IMAGE_SIGNED && row->trust != BMC_IMAGE_UNSIGNED)
		row->trust = BMC_IMAGE_TRUST_UNKNOWN;
	if (row->added < 0 || row->added > INT64_C(1) << 53)
		row->added = 0;
	row->added = bmc_boottime(row->added);
}

void upd_facts_read(struct upd_stored *s)
{
	char name[UPD_DIGEST_HEX + 5], text[TEXT_MAX + 1], *line, *rest = text;
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s.txt", s->row.digest);
	auto_fd int fd = openat(upd_store.dir, name,
				O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? 0 : read(fd, text, TEXT_MAX);

	text[MAX(n, 0)] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		char *value = strstr(line, ": ");

		if (!value)
			continue;
		*value = '\0';
		take_fact(&s->row, line, value + 2);
	}
	check_facts(&s->row);
	if (fd >= 0 && fstat(fd, &st) == 0)
		s->used = (int64_t)st.st_mtim.tv_sec * 1000 +
			  st.st_mtim.tv_nsec / 1000000;
}

static void print_facts(FILE *f, const struct bmc_stored_image *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		(void)fprintf(f, "%s: %s\n", texts[i].name,
			      (const char *)row + texts[i].offset);
	(void)fprintf(f, "trust: %" PRId64 "\nstate: %" PRId64 "\nadded: %" PRId64 "\n",
		      row->trust, row->state, bmc_wall(row->added));
}

/* It is only shown: when it can't be written nothing else is missing. */
void upd_facts_write(const struct upd_stored *s)
{
	char name[UPD_DIGEST_HEX + 5];

	(void)snprintf(name, sizeof(name), "%s.txt", s->row.digest);
	int fd = openat(upd_store.dir, "facts.tmp",
			O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	print_facts(f, &s->row);
	bool good = !ferror(f);

	good = fclose(f) == 0 && good;
	if (!good || renameat(upd_store.dir, "facts.tmp", upd_store.dir, name) < 0)
		(void)unlinkat(upd_store.dir, "facts.tmp", 0);
}

/* ---- the store's folder ---- */

/* Whether it is `DIGEST` and this suffix. */
static bool is_named(const char *name, const char *suffix)
{
	return strspn(name, "0123456789abcdef") == UPD_DIGEST_HEX &&
	       strcmp(name + UPD_DIGEST_HEX, suffix) == 0;
}

void upd_files_remove(const char *digest)
{
	char name[UPD_DIGEST_HEX + 5];

	(void)snprintf(name, sizeof(name), "%s.img", digest);
	if (unlinkat(upd_store.dir, name, 0) < 0 && errno != ENOENT)
		log_warning("image %s: can't be removed: %s", name, strerror(errno));
	(void)snprintf(name, sizeof(name), "%s.txt", digest);
	(void)unlinkat(upd_store.dir, name, 0);
}

static void take_over(const char *name, const struct stat *st)
{
	struct upd_stored *s = calloc(1, sizeof(*s));

	if (!s)
		return;
	memcpy(s->row.digest, name, UPD_DIGEST_HEX);
	memcpy(s->row.row.id, name, 16);
	s->row.size = st->st_size;
	s->used = (int64_t)st->st_mtim.tv_sec * 1000;
	upd_facts_read(s);
	upd_store.bytes += (uint64_t)st->st_size;
	upd_store.images++;
	(void)upd_store_insert(s);
}

/* A text belongs to an image; everything else that is no image was interrupted. */
static bool is_kept(const char *name)
{
	char image[UPD_DIGEST_HEX + 5];
	struct stat st;

	if (!is_named(name, ".txt"))
		return false;
	memcpy(image, name, UPD_DIGEST_HEX);
	memcpy(image + UPD_DIGEST_HEX, ".img", 5);
	return fstatat(upd_store.dir, image, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static DIR *list_dir(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		(void)close(fd);
	return d;
}

void upd_files_take_over(void)
{
	DIR *d = list_dir(upd_store.dir);
	const struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		if (fstatat(upd_store.dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    S_ISDIR(st.st_mode))
			continue;
		if (is_named(e->d_name, ".img") && S_ISREG(st.st_mode))
			take_over(e->d_name, &st);
		else if (!is_kept(e->d_name))
			(void)unlinkat(upd_store.dir, e->d_name, 0);
	}
	if (d)
		(void)closedir(d);
}

/* ---- the firmware folder ---- */

/* "*.img", not hidden, a name that can be shown. */
static bool is_image(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && len < BMC_NAME_MAX && *name != '.' &&
	       strcmp(name + len - 4, ".img") == 0 && bmc_text_ok(name, len);
}

static void name_file(struct upd_stored *s, const char *name)
{
	unsigned char digest[32];

	(void)gnutls_hash_fast(GNUTLS_DIG_SHA256, name, strlen(name), digest);
	memcpy(s->row.row.id, "file-", 5);
	bmc_hex(digest, 8, s->row.row.id + 5);
	(void)bmc_copy(s->row.name, sizeof(s->row.name), name);
}

static void add_file(const char *name, const struct stat *st)
{
	struct upd_stored *s = calloc(1, sizeof(*s));

	if (!s || upd_store.folder_images >= UPD_FOLDER_MAX) {
		log_limited(LOG_WARNING, "firmware folder: `%s` is not listed", name);
		free(s);
		return;
	}
	name_file(s, name);
	s->row.in_folder = 1;
	s->row.size = st->st_size;
	s->row.state = BMC_IMAGE_STORED;
	s->row.added = bmc_boottime((int64_t)st->st_mtim.tv_sec * 1000);
	s->found = upd_identity_of(st);
	s->seen = true;
	upd_store.folder_images++;
	(void)upd_store_insert(s);
}

static void drop_file(struct upd_stored *s)
{
	upd_store.folder_images--;
	upd_store_drop(s);
}

/* True: something has changed. */
static bool see_file(const char *name, const struct stat *st)
{
	const struct upd_identity is = upd_identity_of(st);
	struct upd_stored *s;

	LIST_FOREACH (s, &upd_store.list, link) {
		if (s->row.in_folder == 1 && strcmp(s->row.name, name) == 0)
			break;
	}
	if (s && upd_identity_equal(&s->found, &is)) {
		s->seen = true;
		return false;
	}
	if (s)
		drop_file(s);
	add_file(name, st);
	return true;
}

static bool drop_unseen(void)
{
	struct upd_stored *s = LIST_FIRST(&upd_store.list);
	bool any = false;

	while (s) {
		struct upd_stored *next = LIST_NEXT(s, link);

		if (s->row.in_folder == 1 && !s->seen) {
			drop_file(s);
			any = true;
		}
		s = next;
	}
	return any;
}

static bool scan(DIR *d)
{
	const struct dirent *e;
	struct upd_stored *s;
	struct stat st;
	bool any = false;

	LIST_FOREACH (s, &upd_store.list, link)
		s->seen = false;
	while ((e = readdir(d))) {
		if (is_image(e->d_name) &&
		    fstatat(upd_store.folder, e->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			    0 &&
		    S_ISREG(st.st_mode))
			any |= see_file(e->d_name, &st);
	}
	return drop_unseen() || any;
}

void upd_store_scan(void)
{
	DIR *d = upd_store.folder < 0 ? NULL : list_dir(upd_store.folder);

	if (!d)
		return;
	pthread_mutex_lock(&upd_store.lock);
	bool any = scan(d);

	pthread_mutex_unlock(&upd_store.lock);
	(void)closedir(d);
	if (any && upd_store.changed)
		upd_store.changed();
}
