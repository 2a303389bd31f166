// SPDX-License-Identifier: Apache-2.0
// A configuration file in memory: reads it from disk, owns its nodes, takes it through
// the steps read, expand, check. Called by all that need a config: daemon, helper,
// `-t`, tests.
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/tree.h"
#include "core/base/util.h"

#define CHUNK (64u << 10)

struct bmc_conf_chunk {
	struct bmc_conf_chunk *next;
	size_t used, size;
	max_align_t data[];
};

void *bmc_conf_alloc(struct bmc_conf_file *f, size_t size)
{
	struct bmc_conf_chunk *c = f->chunks;
	void *p;

	size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) *
	       sizeof(max_align_t);
	if (!c || c->size - c->used < size) {
		size_t room = MAX(size, (size_t)CHUNK);

		if (f->bytes + room > BMC_CONF_TREE_MAX)
			return NULL;
		c = calloc(1, sizeof(*c) + room);
		if (!c)
			return NULL;
		c->size = room;
		c->next = f->chunks;
		f->chunks = c;
		f->bytes += room;
	}
	p = (char *)c->data + c->used;
	c->used += size;
	return p;
}

char *bmc_conf_strndup(struct bmc_conf_file *f, const char *s, size_t len)
{
	char *copy = bmc_conf_alloc(f, len + 1);

	if (copy)
		memcpy(copy, s, len);
	return copy;
}

struct bmc_conf *bmc_conf_node(struct bmc_conf_file *f, const struct bmc_conf *at,
			       enum bmc_conf_type type)
{
	struct bmc_conf *node = bmc_conf_alloc(f, sizeof(*node));

	if (node)
		*node = (struct bmc_conf){ .type = type,
					   .file = at->file,
					   .line = at->line,
					   .column = at->column };
	return node;
}

int bmc_conf_full(const struct bmc_conf_file *f, struct bmc_error *err)
{
	return bmc_fail(err, BMC_ENOSPC,
			"%.80s: out of memory, or more than %u MiB when expanded",
			f->name, BMC_CONF_TREE_MAX >> 20);
}

struct bmc_conf_file *bmc_conf_free(struct bmc_conf_file *f)
{
	struct bmc_conf_chunk *c, *next;

	for (c = f ? f->chunks : NULL; c; c = next) {
		next = c->next;
		bmc_wipe(c->data, c->used); /* passphrases may be among the texts */
		free(c);
	}
	free(f);
	return NULL;
}

const struct bmc_conf *bmc_conf_root(const struct bmc_conf_file *f)
{
	return f->root;
}

static int build(struct bmc_conf_file *f, const char *text, size_t len,
		 const struct bmc_conf_item *schema, struct bmc_error *err)
{
	int rc = bmc_conf_read(f, text, len, err);

	if (rc == 0)
		rc = bmc_conf_expand(f, f->root, err);
	if (rc == 0)
		rc = bmc_conf_check_section(f, f->root, schema, err);
	return rc;
}

int bmc_conf_parse(const char *name, const char *text, size_t len,
		   const struct bmc_conf_item *schema, struct bmc_conf_file **ret,
		   struct bmc_error *err)
{
	struct bmc_conf_file *f = calloc(1, sizeof(*f));
	int rc;

	if (f)
		f->name = bmc_conf_strndup(f, name, strlen(name));
	if (!f || !f->name) {
		bmc_conf_free(f);
		return bmc_fail(err, BMC_ENOMEM, "%.80s: out of memory", name);
	}
	rc = build(f, text, len, schema, err);
	if (rc < 0)
		bmc_conf_free(f);
	else
		*ret = f;
	return rc;
}

static int fail_errno(const char *path, struct bmc_error *err)
{
	int code = bmc_from_errno(errno);

	return bmc_fail(err, code, "%.100s: %s", path, strerror(errno));
}

/* Reads a regular file whole; `*ret` is owned by the caller. */
static int slurp(const char *path, char **ret, size_t *ret_len, struct bmc_error *err)
{
	/* O_NONBLOCK: a FIFO in the file's place must not make the start wait */
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	auto_free char *buf = NULL;
	size_t len = 0, size;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_errno(path, err);
	if (!S_ISREG(st.st_mode))
		return bmc_fail(err, BMC_EINVAL, "%.100s: not a regular file", path);
	if (st.st_size > (off_t)BMC_CONF_FILE_MAX)
		return bmc_fail(err, BMC_ENOSPC, "%.100s: larger than 4 MiB", path);
	size = (size_t)st.st_size;
	buf = malloc(size + 1);
	if (!buf)
		return bmc_fail(err, BMC_ENOMEM, "%.100s: out of memory", path);
	while (len < size && (n = read(fd, buf + len, size - len)) != 0) {
		if (n < 0 && errno != EINTR)
			return fail_errno(path, err);
		len += n > 0 ? (size_t)n : 0;
	}
	*ret = buf;
	*ret_len = len;
	buf = NULL;
	return 0;
}

int bmc_conf_load(const char *path, const struct bmc_conf_item *schema,
		  struct bmc_conf_file **ret, struct bmc_error *err)
{
	char *text = NULL;
	size_t len = 0;
	int rc = slurp(path, &text, &len, err);

	if (rc < 0)
		return rc;
	rc = bmc_conf_parse(path, text, len, schema, ret, err);
	bmc_wipe(text, len);
	free(text);
	return rc;
}

int bmc_conf_apply(struct bmc_conf_file *f, const struct bmc_conf *node,
		   const struct bmc_conf_item *schema, const struct bmc_conf **ret,
		   struct bmc_error *err)
{
	static const struct bmc_conf nowhere = { .file = "default" };
	struct bmc_conf *mine = bmc_conf_mine(node);
	int rc;

	if (!mine)
		mine = bmc_conf_node(f, &nowhere, BMC_CONF_SECTION);
	if (!mine)
		return bmc_conf_full(f, err);
	rc = bmc_conf_check_section(f, mine, schema, err);
	if (rc == 0)
		*ret = mine;
	return rc;
}
