// SPDX-License-Identifier: Apache-2.0
/* Reading a bundle's manifest. It was signed, and is checked all the same. */
#include "image/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

#define LETTERS     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define FILETYPE    "clusterbmc firmware bundle"
#define SIZE_DIGITS 18

struct reader {
	char *rest;
	unsigned line;
	struct bmc_error *err;
};

static int bad(const struct reader *r, const char *why)
{
	return bmc_fail(r->err, BMC_ECORRUPT, "the bundle's manifest, line %u: %s",
			r->line, why);
}

bool image_manifest_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < 100 && *name != '.' && *name != '-' &&
	       strspn(name, LETTERS "._-") == len;
}

/* The next line that is not empty; NULL: the end. */
static char *next_line(struct reader *r)
{
	char *line;

	do {
		line = strsep(&r->rest, "\n");
		r->line++;
	} while (line && !*line);
	return line;
}

/* The value of the next line, which has this key. */
static int take(struct reader *r, const char *key, char **ret)
{
	char *line = next_line(r);
	size_t len = strlen(key);

	if (!line || strncmp(line, key, len) != 0 || strncmp(line + len, ": ", 2) != 0)
		return bmc_fail(r->err, BMC_ECORRUPT,
				"the bundle's manifest, line %u: needs `%s`", r->line,
				key);
	*ret = line + len + 2;
	if (!bmc_text_ok(*ret, strlen(*ret)))
		return bad(r, "is no text");
	return BMC_OK;
}

static int take_text(struct reader *r, const char *key, char *to, size_t size)
{
	char *value;
	int rc = take(r, key, &value);

	if (rc == BMC_OK && (!*value || !bmc_copy(to, size, value)))
		rc = bad(r, "is empty or too long");
	return rc;
}

static int take_head(struct reader *r, struct image_manifest *m)
{
	char *value;
	int rc = take(r, "Filetype", &value);

	if (rc == BMC_OK && strcmp(value, FILETYPE) != 0)
		rc = bad(r, "it is none of a firmware bundle");
	if (rc == BMC_OK)
		rc = take(r, "Version", &value);
	if (rc == BMC_OK && strcmp(value, "1") != 0)
		rc = bmc_fail(r->err, BMC_ENOTSUP,
			      "the bundle's manifest has version %.10s, known is 1",
			      value);
	if (rc == BMC_OK)
		rc = take_text(r, "Info", m->info, sizeof(m->info));
	if (rc == BMC_OK)
		rc = take_text(r, "Release", m->version, sizeof(m->version));
	if (rc == BMC_OK)
		rc = take_text(r, "Target", m->target, sizeof(m->target));
	if (rc == BMC_OK && strspn(m->target, LETTERS) != strlen(m->target))
		rc = bad(r, "is no chip's tag");
	return rc;
}

static int take_role(struct reader *r, struct image_manifest_file *f)
{
	static const struct {
		const char *word;
		enum image_role role;
	} roles[] = { { "disk", IMAGE_ROLE_DISK },
		      { "loader", IMAGE_ROLE_LOADER },
		      { "parameter", IMAGE_ROLE_PARAMETER },
		      { "update", IMAGE_ROLE_UPDATE } };
	char *value;
	int rc = take(r, "Role", &value);

	if (rc != BMC_OK)
		return rc;
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		f->role = roles[i].role;
		if (strcmp(value, roles[i].word) == 0)
			return BMC_OK;
	}
	f->role = IMAGE_ROLE_PARTITION;
	if (strncmp(value, "partition ", 10) != 0 ||
	    !image_manifest_name_ok(value + 10) ||
	    !bmc_copy(f->partition, sizeof(f->partition), value + 10))
		return bad(r, "is no role of a file");
	return BMC_OK;
}

static int take_size(struct reader *r, uint64_t *ret)
{
	char *value;
	int rc = take(r, "Size", &value);

	if (rc != BMC_OK)
		return rc;
	size_t len = strlen(value);

	if (len == 0 || len > SIZE_DIGITS || strspn(value, "0123456789") != len)
		return bad(r, "is no size");
	*ret = strtoull(value, NULL, 10);
	return *ret > 0 ? BMC_OK : bad(r, "the file is empty");
}

/* `name`: of its first line, which was read already. */
static int take_file(struct reader *r, const char *name, struct image_manifest_file *f)
{
	char *digest;

	if (!image_manifest_name_ok(name))
		return bad(r, "is no name of a file");
	(void)bmc_copy(f->name, sizeof(f->name), name);
	int rc = take_role(r, f);

	if (rc == BMC_OK)
		rc = take_size(r, &f->size);
	if (rc == BMC_OK)
		rc = take(r, "SHA-256", &digest);
	if (rc != BMC_OK)
		return rc;
	if (strlen(digest) != 64 || strspn(digest, "0123456789abcdef") != 64)
		return bad(r, "is no SHA-256 in lower-case digits");
	memcpy(f->digest, digest, sizeof(f->digest));
	return BMC_OK;
}

/* One file of each name, one of each role, one for each partition; an update and a disk
 * say all that is written. */
static int check_new(const struct reader *r, const struct image_manifest *m)
{
	const struct image_manifest_file *f = &m->of[m->n];

	for (size_t i = 0; i < m->n; i++) {
		const struct image_manifest_file *o = &m->of[i];

		if (strcmp(f->name, o->name) == 0)
			return bad(r, "the file is there twice");
		if (f->role == o->role && strcmp(f->partition, o->partition) == 0)
			return bad(r, "another file has this role");
		if (f->role == IMAGE_ROLE_UPDATE || o->role == IMAGE_ROLE_UPDATE)
			return bad(r, "an update is the only file");
		if ((f->role == IMAGE_ROLE_DISK && o->role != IMAGE_ROLE_LOADER) ||
		    (o->role == IMAGE_ROLE_DISK && f->role != IMAGE_ROLE_LOADER))
			return bad(r, "beside a disk only a loader is written");
	}
	return BMC_OK;
}

int image_manifest_read(char *text, struct image_manifest *ret, struct bmc_error *err)
{
	struct reader r = { .rest = text, .err = err };
	char *line;

	*ret = (struct image_manifest){ 0 };
	int rc = take_head(&r, ret);

	while (rc == BMC_OK && (line = next_line(&r))) {
		if (strncmp(line, "File: ", 6) != 0)
			return bad(&r, "needs `File`");
		if (ret->n == IMAGE_FILES_MAX)
			return bad(&r, "too many files");
		rc = take_file(&r, line + 6, &ret->of[ret->n]);
		if (rc == BMC_OK)
			rc = check_new(&r, ret);
		if (rc == BMC_OK)
			ret->n++;
	}
	if (rc == BMC_OK && ret->n == 0)
		return bad(&r, "it names no file");
	return rc;
}
